"""Positions for attention: waves that are added, or turns of Q and K. The NumPy originals are in `nnlab.scratch`."""

from __future__ import annotations

import torch

from nnlab.checks import need_number


def rotary(x: torch.Tensor, first: int = 0, base: float = 10_000.0) -> torch.Tensor:
    """Turn each pair (x_2i, x_2i+1) of position t by the angle t / base^(2i/d). x: (..., T, d), positions from `first`.

    A product of two turned vectors depends on the distance of their positions only. Source: Su et al. 2021. The NumPy
    original is `nnlab.scratch.rotary`. Raises ValueError where d is odd, TypeError for x of whole numbers."""
    if not isinstance(x, torch.Tensor) or not x.is_floating_point():
        raise TypeError("x should be a tensor of floating-point numbers: a turned whole number is none.")
    if x.dim() < 2 or x.shape[-1] % 2:
        raise ValueError(
            f"x should have shape (..., T, d) with an even d, since pairs are turned; got {tuple(x.shape)}."
        )
    t, d = x.shape[-2:]
    if not need_number(base, "base") > 0:
        raise ValueError(f"base should be above 0, since it is divided by; got {base}.")
    rates = base ** (-torch.arange(0, d, 2, device=x.device, dtype=torch.float64 if _wide(x) else torch.float32) / d)
    angles = torch.arange(first, first + t, device=x.device, dtype=rates.dtype)[:, None] * rates
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1).flatten(-2)


def waves(length: int, embed_dim: int, base: float = 10_000.0) -> torch.Tensor:
    """Sinusoidal positions, (length, embed_dim) float32: those of `nnlab.scratch.sinusoidal_positions`."""
    if embed_dim % 2:
        raise ValueError(f"embed_dim should be even, since sines and cosines come in pairs; got {embed_dim}.")
    rates = base ** (-torch.arange(0, embed_dim, 2, dtype=torch.float64) / embed_dim)  # float32 would drift
    angles = torch.arange(length)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1).float()


def _wide(x: torch.Tensor) -> bool:
    return x.dtype == torch.float64  # MPS has no float64, so it is used only where it comes
