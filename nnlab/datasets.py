"""Data sets. Each takes a seed or a generator and returns arrays with stated shapes. Nothing is downloaded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .scratch.checks import need_size

Array = NDArray[Any]
Seed = int | np.random.Generator

# The four corners of logic: rows (x1, x2), and what AND, OR and XOR say of them.
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
LOGIC = {"AND": np.array([0, 0, 0, 1]), "OR": np.array([0, 1, 1, 1]), "XOR": np.array([0, 1, 1, 0])}
for _fixed in (CORNERS, *LOGIC.values()):
    _fixed.setflags(write=False)


def spirals(n: int = 200, noise: float = 0.05, turns: float = 1.5, seed: Seed = 0) -> tuple[Array, Array]:
    """Two interleaved spirals, n points in all. x: (n, 2) within about +-1.2, labels: (n,) of 0 and 1.

    noise: standard deviation added to both coordinates; turns: how often each arm goes round.
    """
    n, rng = need_size(n, "n", 2), np.random.default_rng(seed)
    labels = np.arange(n) % 2
    t = np.sqrt(rng.uniform(0.02, 1, n))  # the square root spreads points evenly along the arm
    angle = 2 * np.pi * turns * t + np.pi * labels
    x = np.column_stack([t * np.cos(angle), t * np.sin(angle)])
    return x + rng.normal(0, noise, x.shape), labels


def gaussians(n: int = 200, distance: float = 2.0, noise: float = 0.5, seed: Seed = 0) -> tuple[Array, Array]:
    """Two round clouds, n points in all, `distance` apart along the diagonal. x: (n, 2), labels: (n,) of 0 and 1."""
    n, rng = need_size(n, "n", 2), np.random.default_rng(seed)
    labels = np.arange(n) % 2
    centre = (labels[:, None] - 0.5) * distance / np.sqrt(2)
    return centre + rng.normal(0, noise, (n, 2)), labels
