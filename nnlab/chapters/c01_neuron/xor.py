"""What both explorers of XOR share: the four corners and a classifier of the plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab import plots
from nnlab.datasets import CORNERS, LOGIC

_UNIT = (-0.6, 1.6, -0.6, 1.6)
_FINE = 177  # so fine that the border between two answers looks straight
_UNIT_GRID = plots.grid(_UNIT, _FINE)


@dataclass
class Xor:
    """A classifier of the four corners: what it says over the plane, at the corners, and how many are right."""

    says: np.ndarray
    right: int
    lines: list[tuple[np.ndarray, float]]
    field: np.ndarray
    hidden: np.ndarray
    hidden_field: np.ndarray


def _step(z: np.ndarray) -> np.ndarray:
    return (z > 0).astype(float)


def _draw_corners(ax: Any) -> None:
    plots.scatter_classes(ax, CORNERS, LOGIC["XOR"], ["XOR says 0", "XOR says 1"], s=130, animated=True)
