"""What all layers share, and `Sequential`, which chains them and is itself a layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .checks import Array, as_float, describe, need_shape


class Layer:
    """A piece of a network: `forward` computes y from x, `backward` turns dL/dy into dL/dx.

    `params` maps PyTorch's parameter names to arrays. `backward` fills `grads` under the same names; it overwrites what
    the last one left. `training` is True in training and False in evaluation (`train()`, `eval()`).
    `backward` belongs to the latest `forward`; calling it first raises RuntimeError.
    """

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.training = True

    def forward(self, x: Array) -> Array:
        """The output for input `x`; keeps what `backward` needs. Never writes to `x`."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, dy: Array) -> Array:
        """Given dL/dy of the last output, fill `grads` and return dL/dx. Never writes to `dy`."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def __call__(self, x: Array) -> Array:
        return self.forward(x)

    def train(self, mode: bool = True) -> Layer:
        """Switch to training (or, with False, to evaluation); returns the layer."""
        self.training = mode
        return self

    def eval(self) -> Layer:
        """Switch to evaluation; returns the layer."""
        return self.train(False)

    def load(self, params: dict[str, Array]) -> None:
        """Copy values into the parameters by name, as PyTorch's `load_state_dict` does. Names and shapes must match."""
        if params.keys() != self.params.keys():
            raise ValueError(f"Expected parameters {sorted(self.params)}, got {sorted(params)}.")
        for name, value in params.items():
            need_shape(np.asarray(value), self.params[name].shape, name)
            self.params[name][...] = value

    def _saved(self, name: str) -> Any:
        """What forward kept under `name`; a sentence where backward comes first."""
        if not hasattr(self, name):
            raise RuntimeError(f"{type(self).__name__}.backward was called before forward: run forward first.")
        return getattr(self, name)

    def _upstream(self, dy: Array, shape: tuple[int, ...], dtype: np.dtype) -> Array:
        """`dy` checked: it must have the shape of the output."""
        dy = as_float(dy, "dy")
        need_shape(dy, shape, "dy, the gradient of the last output,")
        return dy.astype(dtype, copy=False)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Sequential(Layer):
    """Layers one after the other. Parameters are named "0.weight", "0.bias", "2.weight" ..., as in PyTorch."""

    def __init__(self, *layers: Layer):
        for i, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"Sequential takes layers; number {i} is {describe(layer)}.")
        self.layers = list(layers)
        self.training = True

    @property
    def params(self) -> dict[str, Array]:  # type: ignore[override]
        return {f"{i}.{name}": p for i, layer in enumerate(self.layers) for name, p in layer.params.items()}

    @property
    def grads(self) -> dict[str, Array]:  # type: ignore[override]
        return {f"{i}.{name}": g for i, layer in enumerate(self.layers) for name, g in layer.grads.items()}

    def forward(self, x: Array) -> Array:
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy: Array) -> Array:
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy

    def train(self, mode: bool = True) -> Sequential:
        self.training = mode
        for layer in self.layers:
            layer.train(mode)
        return self

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __getitem__(self, i: int) -> Layer:
        return self.layers[i]

    def __len__(self) -> int:
        return len(self.layers)

    def __repr__(self) -> str:
        return "\n".join(["Sequential(", *(f"  ({i}): {layer}" for i, layer in enumerate(self.layers)), ")"])
