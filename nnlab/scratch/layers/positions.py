"""Positions for attention, which by itself does not know any order: waves that are added, or turns of Q and K."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, as_float, need_number, need_size


def sinusoidal_positions(length: int, embed_dim: int, base: float = 10_000.0) -> Array:
    """P[t, 2i] = sin(t / base^(2i/D)), P[t, 2i+1] = cos of the same: (length, embed_dim) float64, D = embed_dim.

    Each pair is a hand of a clock, the first the fastest. Raises ValueError for an odd embed_dim.
    Source: Vaswani et al. 2017, section 3.5."""
    if need_size(embed_dim, "embed_dim") % 2:
        raise ValueError(f"embed_dim should be even, since sines and cosines come in pairs; got {embed_dim}.")
    angles = _angles(np.arange(need_size(length, "length")), embed_dim, base)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, embed_dim)


def rotary(x: Array, positions: Any = None, base: float = 10_000.0) -> Array:
    """Turn each pair (x_2i, x_2i+1) of position t by the angle a = t / base^(2i/d). Source: Su et al. 2021.

    x: (..., T, d) -> the same shape: (u, v) becomes (u cos a - v sin a, u sin a + v cos a). positions: (T,) numbers,
    0 ... T-1 if not given. A product of two turned vectors depends on the distance of their positions only. The
    gradient turns back: dx = rotary(dy, -positions). Raises ValueError for an odd d or another number of positions.
    Twin: `nnlab.pytorch.models.positions.rotary`."""
    x = as_float(x)
    if x.ndim < 2 or x.shape[-1] % 2:
        raise ValueError(f"x should have shape (..., T, d) with an even d, since pairs are turned; got {x.shape}.")
    t = np.arange(x.shape[-2]) if positions is None else as_float(positions, "positions")
    if t.shape != (x.shape[-2],):
        raise ValueError(f"positions should have shape ({x.shape[-2]},), one for each row of x; got {t.shape}.")
    angles = _angles(t, x.shape[-1], base)
    cos, sin = np.cos(angles).astype(x.dtype), np.sin(angles).astype(x.dtype)
    u, v = x[..., 0::2], x[..., 1::2]
    return np.stack([u * cos - v * sin, u * sin + v * cos], axis=-1).reshape(x.shape)


def _angles(t: Array, d: int, base: float) -> Array:
    """(T, d/2): position times the rate of each pair."""
    if need_number(base, "base") == 0:
        raise ValueError("base should be above 0, since it is divided by; got 0.")
    return t[:, None] * float(base) ** (-np.arange(0, d, 2) / d)
