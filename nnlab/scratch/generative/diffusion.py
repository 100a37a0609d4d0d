"""Noise for diffusion models: how much of the picture is left after t steps, and the noising in one step."""

from __future__ import annotations

import numpy as np

from nnlab.checks import Array, as_float, need_number, need_shape, need_size


def cosine_alpha_bar(steps: int, offset: float = 0.008, least: float = 1e-3) -> Array:
    """The share alpha_bar of the picture's variance that is left after t = 0 ... `steps` steps: (steps + 1,) float64.

    alpha_bar_t = cos^2((t / steps + offset) / (1 + offset) pi / 2) / cos^2(offset / (1 + offset) pi / 2), from 1 down
    to `least`, so that the last step still holds a trace of the picture and nothing is divided by 0. A single step
    keeps alpha_t = alpha_bar_t / alpha_bar_(t - 1). Raises ValueError for fewer than one step, a negative offset and
    `least` outside of 0 to 1.

    Source: Nichol and Dhariwal 2021, "Improved Denoising Diffusion Probabilistic Models", equation 17."""
    t = np.arange(need_size(steps, "steps") + 1) / steps
    need_number(offset, "offset"), need_number(least, "least", high=1.0)
    f = np.cos((t + offset) / (1 + offset) * np.pi / 2) ** 2
    return np.maximum(f / f[0], least)


def noised(x: Array, noise: Array, alpha_bar: Array | float) -> Array:
    """x_t = sqrt(alpha_bar) x + sqrt(1 - alpha_bar) noise: all t steps of noising in one.

    x, noise: one shape (N, ...); alpha_bar: a number, or (N,), one for each row. Raises ValueError for other shapes and
    for alpha_bar outside of 0 to 1. Source: Ho et al. 2020, "Denoising Diffusion Probabilistic Models", equation 4.
    Twin: `nnlab.pytorch.generative.noised`."""
    x, noise = as_float(x), as_float(noise, "noise")
    share = as_float(alpha_bar, "alpha_bar")
    need_shape(noise, x.shape, "noise")
    if share.ndim:
        need_shape(share, x.shape[:1], "alpha_bar")
        share = share.reshape(-1, *[1] * (x.ndim - 1))
    if not ((share >= 0) & (share <= 1)).all():
        raise ValueError(f"alpha_bar should be from 0 to 1, got {share.min()} to {share.max()}.")
    return np.sqrt(share) * x + np.sqrt(1 - share) * noise
