"""The airports of chapter 24: their regions, which of them are labelled, and where a map draws them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
REGIONS = ["Pacific", "West", "Centre", "East"]
BORDERS = (-130.0, -103.0, -87.0)  # degrees of longitude
LABELLED = 8  # airports of each region


def regions(positions: Array) -> Array:
    """(N,) which of REGIONS an airport lies in, by its longitude. Guam, beyond the date line, is Pacific."""
    longitude = np.where(positions[:, 0] > 0, positions[:, 0] - 360, positions[:, 0])
    return np.searchsorted(BORDERS, longitude)


def split(labels: Array, seed: int) -> tuple[Array, Array]:
    """The rows of LABELLED airports of each region, and the rows of all others."""
    rng = np.random.default_rng(seed)
    rows = np.concatenate([rng.permutation(np.flatnonzero(labels == k))[:LABELLED] for k in range(len(REGIONS))])
    return rows, np.setdiff1d(np.arange(len(labels)), rows)
