"""Convolution. Its windows become the rows of a matrix, so that one matrix product does the rest.

`conv2d` is the formula. `Conv2d` is the layer: the same numbers, a few pictures at a time, for speed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlab.checks import Array, as_float, need_axes, need_pair, need_rng, need_size

from .. import init
from ..module import Layer
from ..precision import total, wide_type

Pair = tuple[int, int]
BLOCK = 1_000_000  # bytes of windows at a time: a matrix that stays in the processor's cache is several times faster


def conv2d(x: Array, weight: Array, bias: Array, stride: Pair = (1, 1), padding: Pair = (0, 0)) -> Array:
    """y[n, o, i, j] = bias[o] + sum over c, a, b of weight[o, c, a, b] * x[n, c, i * stride + a, j * stride + b].

    x: (N, C, H, W), weight: (O, C, kh, kw), bias: (O,) -> y: (N, O, H', W'). Twin: `torch.nn.functional.conv2d`."""
    x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))  # (N, C, H', W', kh, kw)
    windows = windows[:, :, :: stride[0], :: stride[1]]
    return np.einsum("ncijab,ocab->noij", windows, weight) + bias[:, None, None]


class Conv2d(Layer):
    """2-d convolution (cross-correlation, as everywhere in deep learning). Twin: `torch.nn.Conv2d`.

    y[n, o, i, j] = bias[o] + sum over c, a, b of weight[o, c, a, b] * x[n, c, i * stride + a, j * stride + b]
    x: (N, in_channels, H, W) with zeros around it -> y: (N, out_channels, H', W'), H' = floor((H + 2 padding -
    kernel) / stride) + 1. weight: (out_channels, in_channels, kh, kw), bias: (out_channels,); both start uniform in
    +-1/sqrt(in_channels kh kw). kernel_size, stride and padding are numbers or pairs (height, width).
    backward: dweight = windows^T dy, dbias = sum of dy, and dx adds dy * weight back onto the places of each window.
    An empty batch gives an empty output and zero gradients. Dilation and groups are not supported. Raises ValueError
    for x of other channels or smaller than the kernel.
    """

    _keeps_input = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: Any = np.float64,
    ):
        super().__init__()
        self.in_channels = need_size(in_channels, "in_channels")
        self.out_channels = need_size(out_channels, "out_channels")
        self.kernel_size = need_pair(kernel_size, "kernel_size")
        self.stride = need_pair(stride, "stride")
        self.padding = need_pair(padding, "padding", 0)
        self._memory = np.empty(0)  # for the windows of one part
        shape = (self.out_channels, self.in_channels, *self.kernel_size)
        bound = 1 / np.sqrt(np.prod(shape[1:]))
        self.params["weight"] = init.uniform(shape, -bound, bound, rng=need_rng(rng)).astype(dtype)
        if bias:
            self.params["bias"] = init.uniform((out_channels,), -bound, bound, rng=rng).astype(dtype)

    def forward(self, x: Array) -> Array:
        x = as_float(x)
        need_axes(x, "N C H W")
        if x.shape[1] != self.in_channels:
            raise ValueError(f"This Conv2d has in_channels={self.in_channels}; x of shape {x.shape} has {x.shape[1]}.")
        size = out_shape(x, self.kernel_size, self.stride, self.padding)
        weight = self._cast("weight", x.dtype).transpose(2, 3, 1, 0).reshape(-1, self.out_channels)
        y = np.empty((len(x), self.out_channels, *size), x.dtype)
        for part, windows in self._windows(x, size):
            rows = windows @ weight  # a row for each place of the kernel, a column for each output channel
            if "bias" in self.params:
                rows += self._cast("bias", x.dtype)
            y[part] = rows.reshape(-1, *size, self.out_channels).transpose(0, 3, 1, 2)
        self._keep(x, size)
        return y

    def backward(self, dy: Array) -> Array:
        x, size = self._take()
        dy = self._upstream(dy, (len(x), self.out_channels, *size), x.dtype)
        self._fill_grads(x, dy)
        return self._input_grad(x, dy)

    def backward_params(self, dy: Array) -> None:
        x, size = self._take()
        self._fill_grads(x, self._upstream(dy, (len(x), self.out_channels, *size), x.dtype))

    def _fill_grads(self, x: Array, dy: Array) -> None:
        """dweight = windows^T dy, dbias = sum of dy."""
        dw: Array = np.zeros((math.prod(self.kernel_size) * self.in_channels, self.out_channels), wide_type(x.dtype))
        for part, windows in self._windows(x, dy.shape[2:]):
            dw += windows.T @ self._rows(dy[part])
        dw = dw.reshape(*self.kernel_size, self.in_channels, self.out_channels)
        self.grads["weight"] = np.ascontiguousarray(dw.transpose(3, 2, 0, 1), x.dtype)
        if "bias" in self.params:
            self.grads["bias"] = total(dy, (0, 2, 3))

    def _input_grad(self, x: Array, dy: Array) -> Array:
        """dx[n, c, i * stride + a, j * stride + b] gains weight[o, c, a, b] * dy[n, o, i, j], for all o, i, j, a, b."""
        (kh, kw), (sh, sw), (p, q) = self.kernel_size, self.stride, self.padding
        (h, w), (height, width) = dy.shape[2:], x.shape[2:]
        weight = np.ascontiguousarray(self._cast("weight", x.dtype).transpose(2, 3, 0, 1))
        dx = np.empty_like(x)
        for part in self._parts(x, dy.shape[2:]):
            rows = self._rows(dy[part])
            padded = np.zeros((len(x[part]), height + 2 * p, width + 2 * q, self.in_channels), wide_type(x.dtype))
            for a in range(kh):
                for b in range(kw):  # entry (a, b) of every window at once
                    place = padded[:, a : a + sh * (h - 1) + 1 : sh, b : b + sw * (w - 1) + 1 : sw]
                    place += (rows @ weight[a, b]).reshape(place.shape)
            dx[part] = padded[:, p : p + height, q : q + width].transpose(0, 3, 1, 2)
        return dx

    def _rows(self, dy: Array) -> Array:
        """(N, out_channels, H', W') -> (N * H' * W', out_channels)."""
        return dy.transpose(0, 2, 3, 1).reshape(-1, self.out_channels)

    def _windows(self, x: Array, size: Pair) -> Iterator[tuple[slice, Array]]:
        """Each part of the batch with its windows as rows, (part * H' * W', kh * kw * in_channels).

        All parts are written to the same memory, which is kept from call to call as well: asking the system for it
        takes longer than filling it."""
        parts = self._parts(x, size)
        most = min(parts[0].stop, len(x)) if parts else 0
        count = most * math.prod(size) * math.prod(self.kernel_size) * self.in_channels
        if self._memory.size < count or self._memory.dtype != x.dtype:
            self._memory = np.empty(count, x.dtype)
        for part in parts:
            yield part, im2col(pad_channels_last(x[part], self.padding), self.kernel_size, self.stride, self._memory)

    def _parts(self, x: Array, size: Pair) -> list[slice]:
        """The batch in parts, each with about BLOCK bytes of windows."""
        picture = math.prod(size) * math.prod(self.kernel_size) * self.in_channels * x.itemsize
        step = max(1, BLOCK // picture)
        return [slice(start, start + step) for start in range(0, len(x), step)]

    def __repr__(self) -> str:
        options = f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
        return f"Conv2d({self.in_channels}, {self.out_channels}, {options}, bias={'bias' in self.params})"


def out_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """How many places a kernel has along an axis: floor((size + 2 padding - kernel) / stride) + 1."""
    return (size + 2 * padding - kernel) // stride + 1


def out_shape(x: Array, kernel: Pair, stride: Pair, padding: Pair) -> Pair:
    """Height and width of the output for x: (N, C, H, W); ValueError where the kernel does not fit."""
    if x.shape[2] + 2 * padding[0] < kernel[0] or x.shape[3] + 2 * padding[1] < kernel[1]:
        raise ValueError(
            f"A kernel of {kernel[0]} x {kernel[1]} needs pictures of at least that size, padding counted; x has shape "
            f"{x.shape} and padding is {padding[0]} x {padding[1]}."
        )
    return (
        out_size(x.shape[2], kernel[0], stride[0], padding[0]),
        out_size(x.shape[3], kernel[1], stride[1], padding[1]),
    )


def pad_channels_last(x: Array, padding: Pair) -> Array:
    """(N, C, H, W) -> (N, H + 2 padding, W + 2 padding, C), zeros around: a copy."""
    n, c, h, w = x.shape
    (p, q) = padding
    out = np.zeros((n, h + 2 * p, w + 2 * q, c), x.dtype)
    out[:, p : p + h, q : q + w] = x.transpose(0, 2, 3, 1)
    return out


def im2col(x: Array, kernel: Pair, stride: Pair, memory: Array | None = None) -> Array:
    """Each window of x: (N, H, W, C) as one row -> (N * H' * W', kh * kw * C), in `memory` if it is given.

    With channels last, the kw neighbours of a pixel lie side by side in memory, so each row of a window is one piece:
    kh copies of long pieces and not kh * kw of short ones."""
    n, height, width, c = x.shape
    (kh, kw), (sh, sw) = kernel, stride
    h, w = out_size(height, kh, sh, 0), out_size(width, kw, sw, 0)
    lines = np.lib.stride_tricks.sliding_window_view(x.reshape(n, height, width * c), kw * c, axis=2)[:, :, :: sw * c]
    count = n * h * w * kh * kw * c
    windows = (np.empty(count, x.dtype) if memory is None else memory[:count]).reshape(n, h, w, kh, kw * c)
    for i in range(kh):
        windows[:, :, :, i] = lines[:, i : i + sh * (h - 1) + 1 : sh]
    return windows.reshape(n * h * w, kh * kw * c)
