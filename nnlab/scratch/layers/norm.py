"""Normalisation: bring numbers to mean 0 and standard deviation 1, then let the network learn gain and shift."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, as_float, need_number, need_size

from ..module import Layer
from ..precision import wide

Axes = tuple[int, ...]


def normalise(x: Array, axes: Axes, eps: float) -> tuple[Array, Array, Array, Array]:
    """(x - mean) / sqrt(var + eps) over the axes; with it 1 / sqrt(var + eps), mean and var, axes kept as size 1.

    var is the mean squared distance from the mean, divided by n and not by n - 1. float16 becomes float32."""
    x = wide(x)
    mean = x.mean(axis=axes, keepdims=True)
    centred = x - mean
    var = np.mean(centred * centred, axis=axes, keepdims=True)
    scale = 1 / np.sqrt(var + eps)
    return centred * scale, scale, mean, var


def normalise_backward(dy: Array, y: Array, scale: Array, axes: Axes) -> Array:
    """Gradient through `normalise`: scale (dy - mean(dy) - y mean(dy y)).

    The two means are what mean and variance pass on: moving one x moves both, and so all of y."""
    dy = wide(dy)
    both = (dy * y).mean(axis=axes, keepdims=True)
    return scale * (dy - dy.mean(axis=axes, keepdims=True) - y * both)


class LayerNorm(Layer):
    """Normalises each example over its last axes: y = weight * x^ + bias. Twin: `torch.nn.LayerNorm`.

    x: (..., *normalized_shape) -> the same shape; weight and bias: normalized_shape, start at 1 and 0. The same in
    training and evaluation, and an example never sees the others. Raises ValueError where the last axes differ.
    Source: Ba et al. 2016."""

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = np.float64,
    ):
        super().__init__()
        shape = normalized_shape if isinstance(normalized_shape, (tuple, list)) else (normalized_shape,)
        self.normalized_shape = tuple(need_size(n, "each entry of normalized_shape") for n in shape)
        self.eps = need_number(eps, "eps")
        if elementwise_affine:
            self.params["weight"] = np.ones(self.normalized_shape, dtype)
            if bias:
                self.params["bias"] = np.zeros(self.normalized_shape, dtype)

    def forward(self, x: Array) -> Array:
        x = as_float(x)
        k = len(self.normalized_shape)
        if x.shape[-k:] != self.normalized_shape:
            wanted = ", ".join(map(str, self.normalized_shape))
            raise ValueError(f"x should have shape (..., {wanted}), the normalized_shape; got {x.shape}.")
        normal, scale, _, _ = normalise(x, tuple(range(-k, 0)), self.eps)
        self._keep(normal, scale, x.dtype)
        y = normal
        if "weight" in self.params:
            y = y * self._cast("weight", y.dtype)
        if "bias" in self.params:
            y = y + self._cast("bias", y.dtype)
        return y.astype(x.dtype, copy=y is normal)

    def backward(self, dy: Array) -> Array:
        normal, scale, dtype = self._take()
        dy = wide(self._upstream(dy, normal.shape, dtype))
        k = len(self.normalized_shape)
        batch = tuple(range(normal.ndim - k))
        if "bias" in self.params:
            self.grads["bias"] = dy.sum(axis=batch).astype(dtype, copy=False)
        if "weight" in self.params:
            self.grads["weight"] = (dy * normal).sum(axis=batch).astype(dtype, copy=False)
            dy = dy * self._cast("weight", dy.dtype)
        return normalise_backward(dy, normal, scale, tuple(range(-k, 0))).astype(dtype, copy=False)

    def __repr__(self) -> str:
        return f"LayerNorm({self.normalized_shape}, eps={self.eps})"


class BatchNorm(Layer):
    """What BatchNorm1d and BatchNorm2d share: each channel, axis 1, is normalised over all other axes.

    y = weight * x^ + bias; weight and bias: (num_features,), start at 1 and 0. In training, mean and variance are the
    batch's, and running_mean and running_var move towards them by `momentum` (None: they are the mean of all batches;
    the variance kept is the one divided by n - 1). In evaluation the running ones are used, and the batch does not
    matter. Training needs two values a channel; an empty batch works in evaluation. Source: Ioffe & Szegedy 2015.
    """

    axes: tuple[str, ...] = ()  # the shapes allowed, as their axes are named

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        dtype: Any = np.float64,
    ):
        super().__init__()
        self.num_features = need_size(num_features, "num_features")
        self.eps = need_number(eps, "eps")
        self.momentum = None if momentum is None else need_number(momentum, "momentum", high=1.0)
        if affine:
            self.params |= {"weight": np.ones(num_features, dtype), "bias": np.zeros(num_features, dtype)}
        if track_running_stats:
            self.buffers |= {
                "running_mean": np.zeros(num_features, dtype),
                "running_var": np.ones(num_features, dtype),
                "num_batches_tracked": np.zeros((), np.int64),
            }

    def forward(self, x: Array) -> Array:
        x = as_float(x)
        dtype, x = x.dtype, wide(x)
        if x.ndim not in [len(axes.split(",")) for axes in self.axes] or x.shape[1] != self.num_features:
            wanted = " or ".join(f"({a})" for a in self.axes)
            raise ValueError(f"x should have shape {wanted} with C={self.num_features}; got {x.shape}.")
        over = (0, *range(2, x.ndim))
        of_batch = self.training or not self.buffers
        if of_batch:
            n = x.size // self.num_features
            if n < 2:
                raise ValueError(
                    f"In training, {type(self).__name__} needs at least 2 values a channel to have a variance; "
                    f"x of shape {x.shape} has {n}. Use a larger batch, or eval()."
                )
            normal, scale, mean, var = normalise(x, over, self.eps)
            if self.training and self.buffers:
                self._track(mean.reshape(-1), var.reshape(-1) * (n / (n - 1)))
        else:
            mean = self._along(self.buffers["running_mean"], x)
            scale = 1 / np.sqrt(self._along(self.buffers["running_var"], x) + self.eps)
            normal = (x - mean) * scale
        self._dtype = dtype
        self._keep(normal, scale, of_batch)
        if not self.params:
            return normal.astype(dtype)
        y = normal * self._along(self.params["weight"], x) + self._along(self.params["bias"], x)
        return y.astype(dtype, copy=False)

    def backward(self, dy: Array) -> Array:
        (normal, scale, of_batch), dtype = self._take(), self._dtype
        dy = wide(self._upstream(dy, normal.shape, dtype))
        over = (0, *range(2, dy.ndim))
        if self.params:
            self.grads["weight"] = (dy * normal).sum(axis=over).astype(dtype, copy=False)
            self.grads["bias"] = dy.sum(axis=over).astype(dtype, copy=False)
            dy = dy * self._along(self.params["weight"], dy)
        # In evaluation mean and variance are constants, so nothing passes through them.
        dx = normalise_backward(dy, normal, scale, over) if of_batch else dy * scale
        return dx.astype(dtype, copy=False)

    def _track(self, mean: Array, var: Array) -> None:
        count = self.buffers["num_batches_tracked"]
        count += 1
        share = 1 / float(count) if self.momentum is None else self.momentum
        for name, value in (("running_mean", mean), ("running_var", var)):
            self.buffers[name] *= 1 - share
            self.buffers[name] += share * value

    def _along(self, values: Array, x: Array) -> Array:
        """One number a channel, shaped to meet axis 1 of x, in the type of x."""
        return values.astype(x.dtype, copy=False).reshape(-1, *[1] * (x.ndim - 2))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.num_features}, eps={self.eps}, momentum={self.momentum})"


class BatchNorm1d(BatchNorm):
    """Batch normalisation of x: (N, C) or (N, C, L), as `BatchNorm` says. Twin: `torch.nn.BatchNorm1d`."""

    axes = ("N, C", "N, C, L")


class BatchNorm2d(BatchNorm):
    """Batch normalisation of x: (N, C, H, W), as `BatchNorm` says. Twin: `torch.nn.BatchNorm2d`."""

    axes = ("N, C, H, W",)
