"""What the two explorers of XOR share: the grid over the plane, the result of a classifier, and the four corners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab import plots
from nnlab.datasets import CORNERS, LOGIC

WINDOW = (-0.6, 1.6, -0.6, 1.6)
GRID_SIZE = 177  # fine enough for the border between two outputs to look straight
GRID = plots.grid(WINDOW, GRID_SIZE)


@dataclass
class XorOutput:
    """A classifier of the four corners: its output there, (4,), and how many are correct; the lines (w, b) it draws;
    its output over the plane, field (177, 177); the corners as its hidden neurons see them, (4, 2), and its output
    over their plane, (177, 177), empty for a single neuron."""

    output: np.ndarray
    correct: int
    lines: list[tuple[np.ndarray, float]]
    field: np.ndarray
    hidden: np.ndarray
    hidden_field: np.ndarray


def step(z: np.ndarray) -> np.ndarray:
    """1 where z > 0, else 0."""
    return (z > 0).astype(float)


def draw_corners(ax: Any) -> None:
    """The four corners with the classes that XOR gives them."""
    plots.scatter_classes(ax, CORNERS, LOGIC["XOR"], ["XOR = 0", "XOR = 1"], s=130, animated=True)
