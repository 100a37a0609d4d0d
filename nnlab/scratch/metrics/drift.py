"""Two samples, one distribution? Statistics for watching a model at work."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import as_float, need_number

Array = NDArray[Any]


def population_stability(expected: Any, actual: Any, smoothing: float = 0.5) -> float:
    """The population stability index of two histograms over the same bins, in nats.

    expected, actual: (B,) counts. With p and q their shares: sum of (q - p) log(q / p), which is KL(p, q) + KL(q, p).
    0 for equal shares. `smoothing` is added to each count, because an empty bin would make the index infinite. If both
    come from one distribution, its mean is about (B - 1) (1 / n + 1 / m) for n and m rows: it never is exactly 0.

    Raises ValueError for fewer than two bins, histograms of two lengths, negative or no counts."""
    a, b = (as_float(x, name) for x, name in ((expected, "expected"), (actual, "actual")))
    if a.ndim != 1 or a.shape != b.shape or len(a) < 2:
        raise ValueError(f"expected and actual should be counts of the same bins, got shapes {a.shape} and {b.shape}.")
    for x, name in ((a, "expected"), (b, "actual")):
        if not (np.isfinite(x).all() and (x >= 0).all() and x.sum() > 0):
            raise ValueError(f"{name} should be counts of at least 0, with a row in some bin; got {x}.")
    need_number(smoothing, "smoothing")
    p, q = (a + smoothing) / (a + smoothing).sum(), (b + smoothing) / (b + smoothing).sum()
    with np.errstate(divide="ignore", invalid="ignore"):  # only without smoothing: 0 log 0 is 0, q log(q / 0) infinite
        return float(np.where(p == q, 0.0, (q - p) * np.log(q / p)).sum())


def ks_statistic(x: Any, y: Any) -> float:
    """Kolmogorov and Smirnov's statistic: the largest distance between the two samples' distribution functions.

    x: (N,), y: (M,); from 0 to 1. Twin: `scipy.stats.ks_2samp(x, y).statistic`. Raises ValueError for an empty sample,
    more than one axis or NaN."""
    a, b = (np.sort(as_float(values, name)) for values, name in ((x, "x"), (y, "y")))
    for values, name in ((a, "x"), (b, "y")):
        if values.ndim != 1 or not len(values) or np.isnan(values).any():
            raise ValueError(f"{name} should be one row of numbers without NaN, got shape {values.shape}.")
    at = np.concatenate([a, b])
    below = [np.searchsorted(values, at, side="right") / len(values) for values in (a, b)]
    return float(np.abs(below[0] - below[1]).max())
