"""Numbers on a grid of a few bits: whole numbers q, a scale s and a zero point z, with x about s (q - z).

Source: Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
Inference". PyTorch's own, `torch.quantize_per_tensor` and `torch.quantize_per_channel`, take the same scale and zero
point."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import as_array, as_float, describe, need_size

Array = NDArray[Any]


class Grid(NamedTuple):
    """Where whole numbers stand for real ones: x = scale * (q - zero_point), low <= q <= high.

    scale, zero_point: one number each in arrays without axes, or with one for each entry of an axis, shaped so that
    they broadcast: (out, 1) for a weight (out, in)."""

    scale: Array
    zero_point: Array
    low: int
    high: int


def quantization_grid(x: Any, bits: int = 8, symmetric: bool = True, axis: int | None = None) -> Grid:
    """The grid of 2^bits whole numbers that just covers x.

        symmetric   s = max|x| / m, z = 0, q from -m to m, m = 2^(bits-1) - 1
        affine      s = (max x - min x) / m, z = round(-min x / s), q from 0 to m, m = 2^bits - 1

    With a minimum above 0 or a maximum below it, the affine grid begins or ends at 0: zero itself is always on it.
    axis: None for one grid, or the axis whose entries have one each (0 for the units of a weight (out, in)). Where all
    of x is 0 the scale is 1. Raises ValueError for bits outside 2 to 16, for an axis that x does not have, and for x
    that is empty or not finite; TypeError for x that is not numbers."""
    a = as_float(x)
    bits = need_size(bits, "bits", 2)  # a Python int: NumPy's of 8 bits has no 2 ** 15
    if bits > 16:
        raise ValueError(f"bits should be from 2 to 16, got {bits}.")
    if not a.size or not np.isfinite(a).all():
        raise ValueError("x should have at least one number, and only finite ones: a grid covers them all.")
    if axis is not None and not -a.ndim <= need_size(axis, "axis", -a.ndim) < a.ndim:
        raise ValueError(f"axis should be None or one of the {a.ndim} axes of x, got {axis}.")
    others = None if axis is None else tuple(k for k in range(a.ndim) if k != axis % a.ndim)
    least, most = (f(a, axis=others, keepdims=axis is not None, initial=0.0) for f in (np.min, np.max))
    if symmetric:
        high = 2 ** (bits - 1) - 1
        scale = np.asarray(np.maximum(-least, most), np.float64) / high
        low, zero = -high, np.zeros_like(scale)
    else:
        low, high = 0, 2**bits - 1
        scale = np.asarray(most, np.float64) / high - np.asarray(least, np.float64) / high  # their sum may overflow
        zero = np.round(-least / np.where(scale > 0, scale, 1))
    return Grid(np.where(scale > 0, scale, 1.0), zero.astype(np.int64), low, high)


def quantize(x: Any, grid: Grid) -> Array:
    """q = clip(round(x / s) + z, low, high): int64, shaped like x. A half is rounded to the even neighbour.

    Raises ValueError for NaN, which has no place on a grid, and for a grid of another shape."""
    a = as_float(x)
    _fits(a, grid, "x")
    if np.isnan(a).any():
        raise ValueError("x should have no NaN: a grid has no place for it.")
    steps = np.round(a / grid.scale) + grid.zero_point
    return np.asarray(np.clip(steps, grid.low, grid.high).astype(np.int64))


def dequantize(q: Any, grid: Grid) -> Array:
    """s (q - z): what the whole numbers q stand for, float64, shaped like q. It differs from what was quantised by at
    most s / 2, if that lay on the grid's range. Raises TypeError for q that are not whole numbers, ValueError for some
    outside of low to high, such as uint8's in an int8, and for a grid of another shape."""
    a = as_array(q, "q")
    if a.dtype.kind not in "iu":
        raise TypeError(f"q should be whole numbers, as quantize gives them; got {describe(q)}.")
    _fits(a, grid, "q")
    if a.size and (a.min() < grid.low or a.max() > grid.high):
        raise ValueError(f"q should be from {grid.low} to {grid.high}, got {a.min()} to {a.max()}.")
    return np.asarray(grid.scale * (a.astype(np.int64) - grid.zero_point))


def _fits(a: Array, grid: Grid, name: str) -> None:
    """Raise unless the grid's scales broadcast to `a`, and not the other way round."""
    shape = np.shape(grid.scale)
    if len(shape) > a.ndim or any(n not in (1, m) for n, m in zip(shape[::-1], a.shape[::-1], strict=False)):
        raise ValueError(f"{name} has shape {a.shape}, and the grid was made for another: its scales are {shape}.")
