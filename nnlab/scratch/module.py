"""What all layers share, and `Sequential`, which chains them and is itself a layer."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from nnlab.checks import Array, as_array, as_float, describe, need_shape

from .by_name import ByName, Own
from .options import Options, refusal


class Layer(Options):
    """A piece of a network: `forward` computes y from x, `backward` turns dL/dy into dL/dx.

    `params` maps PyTorch's parameter names to arrays. An assignment by name is copied into the array that is there, so
    that an optimizer sees it; a layer of your own adds its arrays in `__init__`. `backward` fills `grads` under the
    same names; it overwrites what the last one left. `buffers` are arrays that are saved but not trained (running
    means). `training` is True in training and False in evaluation (`train()`, `eval()`).

    `backward` belongs to the latest `forward`. Forward, backward, backward is fine: both times the gradient of that
    forward. Forward, forward, backward gives the gradient of the second, and one more `backward` raises ValueError,
    since it could only mean the first, which is forgotten. A `backward` after a switch between training and evaluation
    raises too, and so does one layer object in two places of a network.
    """

    _kept: tuple[bool, tuple[Any, ...]] | None = None  # of the latest forward: its mode, and what backward needs
    _forwards = 0  # since the last backward
    _copy: Array | None = None  # memory for the input
    _keeps_input = False  # whether the first value that `_keep` gets is the input itself

    def __init__(self) -> None:
        self.params: dict[str, Array] = Own()
        self.grads: dict[str, Array] = {}
        self.buffers: dict[str, Array] = Own()
        self.training = True

    def _made(self) -> None:
        for arrays in (vars(self).get("params"), vars(self).get("buffers")):  # a container has none of its own
            if isinstance(arrays, Own):
                arrays.close()

    def forward(self, x: Array) -> Array:
        """The output for input `x`; keeps what `backward` needs. Never writes to `x`."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, dy: Array) -> Array:
        """Given dL/dy of the last output, fill `grads` and return dL/dx. Never writes to `dy`."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def backward_params(self, dy: Array) -> None:
        """Like `backward`, without dL/dx. The first layer of a network can skip it: the data are not trained."""
        self.backward(dy)

    def __call__(self, x: Array, *args: Any, **options: Any) -> Array:
        if options:
            known = list(inspect.signature(self.forward).parameters)
            for name in options:
                if name not in known:
                    raise TypeError(refusal(f"The forward of {type(self).__name__}", name, known))
        return self.forward(x, *args, **options)

    def train(self, mode: bool = True) -> Layer:
        """Switch to training (or, with False, to evaluation); returns the layer."""
        self.training = mode
        return self

    def eval(self) -> Layer:
        """Switch to evaluation; returns the layer."""
        return self.train(False)

    def generators(self) -> list[np.random.Generator]:
        """The generators that its random parts draw from, for checkpoints."""
        return []

    def state_dict(self) -> dict[str, Array]:
        """Copies of all parameters and buffers by PyTorch's names."""
        return {name: value.copy() for name, value in {**self.params, **self.buffers}.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Copy values in by name. Names and shapes must match; buffers may be left out. Nothing changes on an error."""
        known = {**self.params, **self.buffers}
        if not (self.params.keys() <= state.keys() <= known.keys()):
            raise ValueError(f"Expected parameters {sorted(known)}, got {sorted(state)}.")
        values = {name: as_array(value, name) for name, value in state.items()}
        for name, value in values.items():
            need_shape(value, known[name].shape, name)
        for name, value in values.items():
            known[name][...] = value

    load = load_state_dict

    def _keep(self, *values: Any) -> None:
        """Keep what backward needs of this forward, instead of what an earlier forward left.

        Of an input that came from outside a copy is kept: its owner may fill it with the next batch before backward."""
        if self._keeps_input and values[0] is not _between.layers:
            values = (self._copied(values[0]), *values[1:])
        self._kept = (self.training, values)
        self._forwards += 1

    def _copied(self, x: Array) -> Array:
        """A copy; of a large array in the memory of the last one: asking for memory takes longer than copying."""
        if x.nbytes < 65_536:
            return x.copy()
        if self._copy is None or self._copy.shape != x.shape or self._copy.dtype != x.dtype:
            self._copy = np.empty_like(x)
        np.copyto(self._copy, x)
        return self._copy

    def _take(self) -> tuple[Any, ...]:
        """What the latest forward kept; ValueError where this backward cannot belong to it."""
        if self._kept is None:
            raise ValueError(
                f"{type(self).__name__}.backward was called before forward, or more often than forward: a layer "
                f"remembers only its latest forward. Run forward, then backward."
            )
        training, values = self._kept
        if training != self.training:
            raise ValueError(
                f"The last forward of {type(self).__name__} ran in {_mode(training)}, and the layer is now in "
                f"{_mode(self.training)}: run forward again, then backward."
            )
        if self._forwards > 1:  # the next backward could only mean an earlier forward
            self._kept = None
        self._forwards = 0
        return values

    def _upstream(self, dy: Array, shape: tuple[int, ...], dtype: np.dtype) -> Array:
        """`dy` checked: it must have the shape of the output."""
        if type(dy) is np.ndarray and dy.shape == shape and dy.dtype == dtype:
            return dy
        dy = as_float(dy, "dy")
        need_shape(dy, shape, "dy, the gradient of the last output,")
        return dy.astype(dtype, copy=False)

    def _cast(self, name: str, dtype: np.dtype) -> Array:
        """A parameter in the type of the input, which decides the type of all results."""
        p = self.params[name]
        return p if p.dtype is dtype else p.astype(dtype, copy=False)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class _Between:
    """`layers`: the array on its way from one layer to the next. Nobody else has it, so that it need not be copied."""

    __slots__ = ("layers",)  # of one object: an attribute of a class takes three times as long to set

    def __init__(self) -> None:
        self.layers: Array | None = None


_between = _Between()


def hand_over(x: Array | None) -> Any:
    """`x`, which its owner promises never to write to, for the next layer that runs."""
    _between.layers = x
    return x


def _mode(training: bool) -> str:
    return "training" if training else "evaluation"


@contextmanager
def evaluating(net: Any) -> Iterator[None]:
    """Inside the block a network is in evaluation mode; afterwards, even after an error, each layer has the mode it
    had, for parts may be frozen in one of their own. What is no Layer, such as a function, has no mode."""
    modes = [(layer, layer.training) for layer in _within(net)]
    for layer, _ in modes[:1]:
        layer.eval()
    try:
        yield
    finally:
        for layer, mode in modes:
            layer.training = mode


def _within(net: Any) -> Iterator[Layer]:
    """A layer and all that it is made of, at every depth."""
    if isinstance(net, Layer):
        yield net
        for value in vars(net).values():
            parts = (
                value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else [value]
            )
            for part in parts:
                yield from _within(part)


class Sequential(Layer):
    """Layers one after the other, y = f_n(... f_2(f_1(x))). Twin: `torch.nn.Sequential`.

    Parameters are named "0.weight", "0.bias", "2.weight" ..., as in PyTorch; an assignment by name reaches the layer.
    backward: each layer's backward, from the last to the first. Raises TypeError for anything but layers, ValueError
    for one layer object in two places."""

    def __init__(self, *layers: Layer):
        for i, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"Sequential takes layers; number {i} is {describe(layer)}.")
        self.layers = list(layers)
        self.training = True
        seen: set[int] = set()
        for layer in self.leaves():
            if id(layer) in seen:
                raise ValueError(f"The same {layer} object is in two places; a layer remembers only one forward.")
            seen.add(id(layer))

    @property
    def params(self) -> dict[str, Array]:  # type: ignore[override]
        return ByName(self.layers, "params")

    @property
    def grads(self) -> dict[str, Array]:  # type: ignore[override]
        return ByName(self.layers, "grads")

    @property
    def buffers(self) -> dict[str, Array]:  # type: ignore[override]
        return ByName(self.layers, "buffers")

    def forward(self, x: Array) -> Array:
        for layer in self.layers:
            y = layer.forward(x)
            _between.layers = y if y is not x and y.base is None else None  # a layer may return what it was given
            x = y
        _between.layers = None  # what leaves the network belongs to the caller
        return x

    def backward(self, dy: Array) -> Array:
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy

    def backward_params(self, dy: Array) -> None:
        first = next((i for i, layer in enumerate(self.layers) if layer.params), len(self.layers))
        for layer in reversed(self.layers[first + 1 :]):
            dy = layer.backward(dy)
        for layer in self.layers[first : first + 1]:  # below the first layer with parameters, no gradient is needed
            layer.backward_params(dy)

    def train(self, mode: bool = True) -> Sequential:
        self.training = mode
        for layer in self.layers:
            layer.train(mode)
        return self

    def generators(self) -> list[np.random.Generator]:
        return [g for layer in self.layers for g in layer.generators()]

    def leaves(self) -> Iterator[Layer]:
        """The layers that are not containers, from first to last, at every depth."""
        for layer in self.layers:
            if isinstance(layer, Sequential):
                yield from layer.leaves()
            else:
                yield layer

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __getitem__(self, i: int) -> Layer:
        return self.layers[i]

    def __len__(self) -> int:
        return len(self.layers)

    def __repr__(self) -> str:
        rows = [f"  ({i}): {layer}".replace("\n", "\n  ") for i, layer in enumerate(self.layers)]
        return "\n".join([f"{type(self).__name__}(", *rows, ")"])


class Residual(Sequential):
    """A shortcut around layers, y = x + f(x), where f is the layers one after the other. Source: He et al. 2016.

    x and f(x) must have one shape. backward: dx = dy + df/dx dy, so a gradient always has a direct way.
    Parameters are named as in Sequential."""

    def forward(self, x: Array) -> Array:
        x = as_float(x)
        y = super().forward(x)
        need_shape(y, x.shape, "What the layers of a Residual return, to be added to x,")
        return x + y

    def backward(self, dy: Array) -> Array:
        dx = super().backward(dy)
        return dx + as_float(dy, "dy").astype(dx.dtype, copy=False)

    def backward_params(self, dy: Array) -> None:
        self.backward(dy)
