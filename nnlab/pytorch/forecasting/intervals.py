"""Intervals that hold a promised share of what comes: the pinball loss, and a conformal correction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from nnlab.checks import Array, as_float, need_number


class QuantileLoss(nn.Module):
    """The pinball loss, which is least at the quantile of each level q:

        max(q (t - y), (q - 1) (t - y)),   the mean over rows, outputs and levels

    levels: rising, each above 0 and below 1. y: (N, K * levels), the levels of an output side by side; t: (N, K).
    Source: Koenker and Bassett (1978). Twin: `scratch.metrics.mean_pinball_loss`."""

    levels: torch.Tensor

    def __init__(self, levels: Sequence[float]):
        super().__init__()
        found = tuple(need_number(q, "each level", 0.0, below=1.0) for q in levels)
        if not found or list(found) != sorted(set(found)) or found[0] == 0:
            raise ValueError(f"levels should rise, all above 0 and below 1, such as (0.1, 0.5, 0.9); got {found}.")
        self.register_buffer("levels", torch.tensor(found))

    def forward(self, y: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """The loss, a scalar."""
        q = self.levels.to(y)
        if not len(target):
            raise ValueError("target should have at least one row: there is no mean over none.")
        if y.shape != (len(target), target[0].numel() * len(q)):
            raise ValueError(
                f"{len(q)} levels of targets {tuple(target.shape)} need outputs "
                f"({len(target)}, {target[0].numel() * len(q)}); got {tuple(y.shape)}."
            )
        missed = target.unsqueeze(-1) - y.reshape(*target.shape, len(q))
        return torch.maximum(q * missed, (q - 1) * missed).mean()


def coverage(y: Any, low: Any, high: Any) -> float:
    """The share of y that lies from low to high, all of one shape."""
    y, low, high = _same_shape(y, low, high)
    return float(((low <= y) & (y <= high)).mean())


def conformal_margin(y: Any, low: Any, high: Any, share: float = 0.8) -> float:
    """By how much to widen intervals (if negative, to narrow them) so that they hold `share` of what comes.

    With e = max(low - y, y - high), by how far each value y (N,) misses its interval, the margin is the
    ceil((N + 1) share)-th smallest e. If what comes is exchangeable with these N, [low - margin, high + margin] holds
    at least `share` of it, whatever made the intervals. y must not have been trained on.

    Raises ValueError if N is too small for that share. Source: Romano, Patterson and Candes (2019).
    """
    share = need_number(share, "share", 0.0, below=1.0)
    y, low, high = _same_shape(y, low, high)
    missed = np.sort(np.maximum(low - y, y - high), axis=None)
    rank = int(np.ceil(round((len(missed) + 1) * share, 9)))  # 100 * 0.55 is a little above 55 in floating point
    if not 1 <= rank <= len(missed):
        raise ValueError(f"A share of {share:g} needs more than {len(missed)} values to be calibrated on.")
    return float(missed[rank - 1])


def _same_shape(y: Any, low: Any, high: Any) -> tuple[Array, Array, Array]:
    found = as_float(y, "y"), as_float(low, "low"), as_float(high, "high")
    shapes = [a.shape for a in found]
    if len(set(shapes)) > 1 or not found[0].size:
        raise ValueError(
            f"y, low and high should have one shape, and not be empty; got {shapes[0]}, {shapes[1]}, {shapes[2]}."
        )
    if not all(np.isfinite(a).all() for a in found):
        raise ValueError("y, low or high contains NaN or infinity: leave those rows out.")
    return found
