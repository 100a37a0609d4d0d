"""The fully connected layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, as_float, need_last, need_rng, need_size

from .. import init
from ..module import Layer
from ..precision import HALF


class Linear(Layer):
    """Fully connected layer, y = x W^T + b. Twin: `torch.nn.Linear`.

    x: (..., in_features) -> y: (..., out_features); weight: (out_features, in_features), bias: (out_features,).
    backward: dW = dy^T x, db = sum of dy over the rows, dx = dy W.
    Starts like PyTorch: weight and bias uniform in +-1/sqrt(in_features). `rng` is required: nothing is drawn globally.
    Computes in the type of x; an empty batch gives an empty output and zero gradients. Raises ValueError where the last
    axis of x is not in_features.
    """

    _keeps_input = True

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: Any = np.float64,
    ):
        super().__init__()
        self.in_features = need_size(in_features, "in_features")
        self.out_features = need_size(out_features, "out_features")
        bound = 1 / np.sqrt(in_features)
        need_rng(rng)
        self.params["weight"] = init.uniform((out_features, in_features), -bound, bound, rng=rng).astype(dtype)
        if bias:
            self.params["bias"] = init.uniform((out_features,), -bound, bound, rng=rng).astype(dtype)

    def forward(self, x: Array) -> Array:
        x = as_float(x)
        if x.shape[-1:] != (self.in_features,):
            need_last(x, self.in_features, f"this Linear has in_features={self.in_features}")
        y = x @ self._cast("weight", x.dtype).T
        if "bias" in self.params:
            y += self._cast("bias", x.dtype)
        self._keep(x)
        return y

    def backward(self, dy: Array) -> Array:
        dy = self._fill_grads(dy)
        return dy @ self._cast("weight", dy.dtype)

    def backward_params(self, dy: Array) -> None:
        self._fill_grads(dy)

    def _fill_grads(self, dy: Array) -> Array:
        (x,) = self._take()
        dy = self._upstream(dy, (*x.shape[:-1], self.out_features), x.dtype)
        rows = dy.reshape(-1, self.out_features)
        self.grads["weight"] = rows.T @ x.reshape(-1, self.in_features)
        if "bias" in self.params:
            self.grads["bias"] = rows.sum(axis=0)
        return dy

    def _upstream(self, dy: Array, shape: tuple[int, ...], dtype: np.dtype) -> Array:
        """float16 is laid out column by column: along neighbours in memory, NumPy adds it in float32."""
        dy = super()._upstream(dy, shape, dtype)
        if dtype.char != HALF or dy.size == 0:
            return dy
        return np.asfortranarray(dy.reshape(-1, self.out_features)).reshape(shape)

    def __repr__(self) -> str:
        return f"Linear({self.in_features}, {self.out_features}, bias={'bias' in self.params})"
