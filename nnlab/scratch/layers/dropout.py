"""Dropout, and Flatten: layers without parameters."""

from __future__ import annotations

import math

import numpy as np

from nnlab.checks import Array, as_float, describe, need_number, need_rng

from ..module import Layer


class Dropout(Layer):
    """In training, sets each entry to 0 with probability p and divides the rest by 1 - p: the mean stays the same.

    In evaluation, y = x. x: any shape. backward: dx = dy times the same mask. Source: Srivastava et al. 2014.
    Twin: `torch.nn.Dropout` (the same rule; its generator draws other masks)."""

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator):
        super().__init__()
        self.p = need_number(p, "p, the probability of dropping an entry,", high=1.0)
        self.rng = need_rng(rng)

    def forward(self, x: Array) -> Array:
        x = as_float(x)
        if self.training and self.p > 0:
            keep = self.rng.random(x.shape) >= self.p
            scale = 1 / (1 - self.p) if self.p < 1 else 0.0
            mask = keep * x.dtype.type(scale)
        else:
            mask = np.ones(x.shape, x.dtype)
        self._keep(mask)
        return x * mask

    def backward(self, dy: Array) -> Array:
        (mask,) = self._take()
        return self._upstream(dy, mask.shape, mask.dtype) * mask

    def generators(self) -> list[np.random.Generator]:
        return [self.rng]

    def __repr__(self) -> str:
        return f"Dropout(p={self.p})"


class Flatten(Layer):
    """Joins the axes from start_dim to end_dim into one: (N, C, H, W) -> (N, C * H * W). Twin: `torch.nn.Flatten`.

    backward: the same numbers in the shape of x."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1):
        super().__init__()
        for name, value in (("start_dim", start_dim), ("end_dim", end_dim)):
            if isinstance(value, bool) or not isinstance(value, int):
                raise TypeError(f"{name} should be a whole number, got {describe(value)}.")
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Array) -> Array:
        x = as_float(x)
        start, end = (d + x.ndim if d < 0 else d for d in (self.start_dim, self.end_dim))
        if not 0 <= start <= end < x.ndim:
            raise ValueError(f"{self} needs axes {self.start_dim} to {self.end_dim}; x has shape {x.shape}.")
        self._keep(x.shape, x.dtype)
        self._shape = (*x.shape[:start], math.prod(x.shape[start : end + 1]), *x.shape[end + 1 :])
        return x.reshape(self._shape).copy()

    def backward(self, dy: Array) -> Array:
        shape, dtype = self._take()
        return self._upstream(dy, self._shape, dtype).reshape(shape).copy()

    def __repr__(self) -> str:
        return f"Flatten(start_dim={self.start_dim}, end_dim={self.end_dim})"
