"""Pooling: one number for each window of each channel."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlab.checks import Array, as_float, need_axes, need_pair

from ..module import Layer
from ..precision import wide, wide_type
from .conv import Pair, out_shape


class Pool2d(Layer):
    """What both poolings share. x: (N, C, H, W) -> (N, C, H', W'), H' = floor((H + 2 padding - kernel) / stride) + 1.

    stride: as large as the kernel if it is not given. padding: at most half the kernel, as in PyTorch. What does not
    fill a window at the right and at the bottom is left out."""

    def __init__(self, kernel_size: int | Pair, stride: int | Pair | None = None, padding: int | Pair = 0):
        super().__init__()
        self.kernel_size = need_pair(kernel_size, "kernel_size")
        self.stride = self.kernel_size if stride is None else need_pair(stride, "stride")
        self.padding = need_pair(padding, "padding", 0)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(f"padding should be at most half the kernel, {self.kernel_size}; got {self.padding}.")

    def _padded(self, x: Array, value: float) -> Array:
        """x with `value` around it. With zeros around it, it is for sums: float16 becomes float32."""
        n, c, h, w = x.shape
        (p, q) = self.padding
        self._dtype = x.dtype
        out = np.full((n, c, h + 2 * p, w + 2 * q), value, x.dtype if value else wide_type(x.dtype))
        out[:, :, p : p + h, q : q + w] = x
        return out

    def _places(self, padded: Array, size: Pair) -> Iterator[Array]:
        """For each entry of the window, row by row: the view (N, C, H', W') of what lies there, in all windows."""
        (kh, kw), (sh, sw), (h, w) = self.kernel_size, self.stride, size
        for i in range(kh):
            for j in range(kw):
                yield padded[:, :, i : i + sh * (h - 1) + 1 : sh, j : j + sw * (w - 1) + 1 : sw]

    def _inner(self, padded: Array, shape: tuple[int, ...]) -> Array:
        """Without the padding, in the type of x: a copy."""
        (p, q) = self.padding
        return padded[:, :, p : p + shape[2], q : q + shape[3]].astype(self._dtype)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding})"


class MaxPool2d(Pool2d):
    """The largest entry of each window, y[n, c, i, j] = max over a, b of x[n, c, i * stride + a, j * stride + b].

    Shapes: see `Pool2d`; padding counts as minus infinity. Twin: `torch.nn.MaxPool2d`.
    backward: dy goes to where the maximum came from, to the first of several equal ones, to others nothing."""

    def forward(self, x: Array) -> Array:
        x = as_float(x)
        need_axes(x, "N C H W")
        size = out_shape(x, self.kernel_size, self.stride, self.padding)
        views = self._places(self._padded(x, -np.inf), size)
        y = next(views).copy()
        winner = np.zeros(y.shape, np.int32)
        for k, view in enumerate(views, start=1):
            greater = (view > y) | np.isnan(view)
            np.copyto(winner, k, where=greater)
            np.copyto(y, view, where=greater)
        self._keep(winner, x.shape, x.dtype)
        return y

    def backward(self, dy: Array) -> Array:
        winner, shape, dtype = self._take()
        dy = self._upstream(dy, winner.shape, dtype)
        padded = self._padded(np.zeros(shape, dtype), 0.0)
        for k, view in enumerate(self._places(padded, dy.shape[2:])):
            view += np.where(winner == k, dy, 0)
        return self._inner(padded, shape)


class AvgPool2d(Pool2d):
    """The mean of each window, y[n, c, i, j] = mean over a, b of x[n, c, i * stride + a, j * stride + b].

    Shapes: see `Pool2d`; padding counts as zeros. Twin: `torch.nn.AvgPool2d`.
    backward: each entry of a window gets dy / (kh * kw)."""

    def forward(self, x: Array) -> Array:
        x = as_float(x)
        need_axes(x, "N C H W")
        size = out_shape(x, self.kernel_size, self.stride, self.padding)
        views = self._places(self._padded(x, 0.0), size)
        y = next(views).copy()
        for view in views:
            y += view
        self._keep(x.shape, size, x.dtype)
        return (y / (self.kernel_size[0] * self.kernel_size[1])).astype(x.dtype, copy=False)

    def backward(self, dy: Array) -> Array:
        shape, size, dtype = self._take()
        dy = self._upstream(dy, (*shape[:2], *size), dtype)
        share = wide(dy) / (self.kernel_size[0] * self.kernel_size[1])
        padded = self._padded(np.zeros(shape, dtype), 0.0)
        for view in self._places(padded, size):
            view += share
        return self._inner(padded, shape)
