"""Convolution. Its windows become the columns of a matrix, so that one matrix product does the rest.

`conv2d` is the formula. `Conv2d` is the layer: the same numbers, a few pictures at a time, for speed (`windows.py`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlab.checks import Array, as_float, need_axes, need_pair, need_rng, need_size

from .. import init
from ..module import Layer
from ..precision import total, wide_type
from .windows import Pair, Windows


def conv2d(
    x: Array,
    weight: Array,
    bias: Array,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
    groups: int = 1,
) -> Array:
    """y[n, o, i, j] = bias[o] + sum over c, a, b of weight[o, c, a, b] * x[n, c, i * stride + a * dilation, ...].

    x: (N, C, H, W), weight: (O, C / groups, kh, kw), bias: (O,) -> y: (N, O, H', W'). With groups, the channels of x
    and y are cut into that many pieces, and c runs over the piece of x that belongs to o's.
    Twin: `torch.nn.functional.conv2d`."""
    x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    span = [(k - 1) * d + 1 for k, d in zip(weight.shape[2:], dilation, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(x, span, axis=(2, 3))  # (N, C, H', W', span, span)
    windows = windows[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    pieces = zip(np.split(windows, groups, axis=1), np.split(weight, groups), strict=True)
    return np.concatenate([np.einsum("ncijab,ocab->noij", w, k) for w, k in pieces], axis=1) + bias[:, None, None]


class Conv2d(Layer):
    """2-d convolution (cross-correlation, as everywhere in deep learning). Twin: `torch.nn.Conv2d`.

    y[n, o, i, j] = bias[o] + sum over c, a, b of
        weight[o, c, a, b] * x[n, c, i * stride + a * dilation, j * stride + b * dilation]
    x: (N, in_channels, H, W) with zeros around it -> y: (N, out_channels, H', W'), H' = floor((H + 2 padding -
    dilation (kernel - 1) - 1) / stride) + 1. weight: (out_channels, in_channels / groups, kh, kw), bias:
    (out_channels,); both start uniform in +-1/sqrt(in_channels / groups kh kw). kernel_size, stride, padding and
    dilation are numbers or pairs (height, width).
    dilation: the entries of the kernel lie that far apart in x, so it sees more with as many weights. groups: input
    and output channels are cut into that many pieces, and each piece of the output reads only its piece of the input;
    groups=in_channels is the depthwise convolution. Sources: Yu & Koltun 2016; Krizhevsky et al. 2012.
    backward: dweight = dy windows^T, dbias = sum of dy, and dx adds weight^T dy back onto the places of each window.
    An empty batch gives an empty output and zero gradients. Raises ValueError for channels that groups does not
    divide, and for x of other channels or smaller than the kernel.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        dilation: int | Pair = 1,
        groups: int = 1,
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
        self.dilation = need_pair(dilation, "dilation")
        self.groups = need_size(groups, "groups")
        for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(f"{name} should be a multiple of groups={groups}, got {channels}.")
        self._windows = Windows(self.kernel_size, self.stride, self.padding, self.dilation)
        shape = (self.out_channels, self.in_channels // self.groups, *self.kernel_size)
        bound = 1 / np.sqrt(np.prod(shape[1:]))
        self.params["weight"] = init.uniform(shape, -bound, bound, rng=need_rng(rng)).astype(dtype)
        if bias:
            self.params["bias"] = init.uniform((out_channels,), -bound, bound, rng=rng).astype(dtype)

    def forward(self, x: Array) -> Array:
        x = as_float(x)
        need_axes(x, "N C H W")
        if x.shape[1] != self.in_channels:
            raise ValueError(f"This Conv2d has in_channels={self.in_channels}; x of shape {x.shape} has {x.shape[1]}.")
        size = out_shape(x, self.kernel_size, self.stride, self.padding, self.dilation)
        weight = self._by_group(self._cast("weight", wide_type(x.dtype)))
        bias = self._by_group(self._cast("bias", weight.dtype)) if "bias" in self.params else 0
        y = np.empty((len(x), self.out_channels, *size), x.dtype)
        self._windows.read(x, size)
        for part, windows in self._windows.parts():  # a column for each place of the kernel
            rows = weight @ self._by_group(windows)
            rows += bias
            y[part] = self._windows.pictures(rows)
        self._keep(x.shape, y.shape, x.dtype)
        return y

    def backward(self, dy: Array) -> Array:
        x_shape, y_shape, dtype = self._take()
        dx = np.empty(x_shape, dtype)
        self._fill_grads(self._upstream(dy, y_shape, dtype), dx)
        return dx

    def backward_params(self, dy: Array) -> None:
        _, y_shape, dtype = self._take()
        self._fill_grads(self._upstream(dy, y_shape, dtype))

    def _fill_grads(self, dy: Array, dx: Array | None = None) -> None:
        """dweight = dy windows^T, dbias = sum of dy; and weight^T dy goes back to where the windows came from."""
        weight = self._by_group(self._cast("weight", wide_type(dy.dtype)))
        dw = np.zeros_like(weight)
        for part, windows in self._windows.parts():
            d, columns = self._by_group(self._windows.places(dy[part])), self._by_group(windows)
            dw += d @ columns.swapaxes(1, 2)
            if dx is not None:
                np.matmul(weight.swapaxes(1, 2), d, out=columns)  # in place of the windows, which have done their work
                self._windows.add_back(columns, dx[part])
        self.grads["weight"] = dw.reshape(self.params["weight"].shape).astype(dy.dtype, copy=False)
        if "bias" in self.params:
            self.grads["bias"] = total(dy, (0, 2, 3))

    def _by_group(self, rows: Array) -> Array:
        """(rows, ...) -> (groups, rows / groups, the rest as one axis)."""
        return rows.reshape(self.groups, len(rows) // self.groups, math.prod(rows.shape[1:]))

    def __repr__(self) -> str:
        options = f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
        options += f", dilation={self.dilation}" * (self.dilation != (1, 1)) + f", groups={self.groups}" * (
            self.groups > 1
        )
        return f"Conv2d({self.in_channels}, {self.out_channels}, {options}, bias={'bias' in self.params})"


def out_size(size: int, kernel: int, stride: int, padding: int, dilation: int = 1) -> int:
    """The places of a kernel along an axis: floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def out_shape(x: Array, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = (1, 1)) -> Pair:
    """Height and width of the output for x: (N, C, H, W); ValueError where the kernel does not fit."""
    h, w = (out_size(x.shape[2 + i], kernel[i], stride[i], padding[i], dilation[i]) for i in (0, 1))
    if h < 1 or w < 1:
        apart = f", its entries {dilation[0]} x {dilation[1]} apart," if dilation != (1, 1) else ""
        span = " x ".join(str(d * (k - 1) + 1) for k, d in zip(kernel, dilation, strict=True))
        raise ValueError(
            f"A kernel of {kernel[0]} x {kernel[1]}{apart} needs pictures of at least {span}, padding counted; x has "
            f"shape {x.shape} and padding is {padding[0]} x {padding[1]}."
        )
    return h, w
