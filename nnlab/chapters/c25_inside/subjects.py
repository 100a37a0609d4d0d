"""What all explorers of chapter 25 look at: test digits, trained networks, and one way to lay pictures side by side."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab.datasets import mnist, robust_network
from nnlab.explore.drawing.numbers import Raster
from nnlab.scratch import CNN, softmax

Array = NDArray[Any]
COUNT = 60  # test digits that an explorer offers


@cache
def digits() -> tuple[Array, Array]:
    """The first test digits, (60, 1, 28, 28) float32 from 0 paper to 1 ink, and labels. Cached: do not write."""
    x, labels = mnist("test")
    return x[:COUNT, None] / np.float32(255), labels[:COUNT]


@cache
def network(name: str = "standard") -> CNN:
    """A network of `robust_networks`, float32. Cached: do not change it."""
    return robust_network(name)


def probabilities(net: CNN, x: Array) -> Array:
    """(N, 1, 28, 28) -> (N, 10) float64."""
    return softmax(net(x).astype(np.float64))


def pictures(figure: Figure, places: list[tuple[float, float, float, float]], titles: list[str]) -> list[Raster]:
    """A square axes without ticks at each place, with its title, and the raster that fills it."""
    found = []
    for place, title in zip(places, titles, strict=True):
        ax = figure.add_axes(place)
        blank(ax)
        ax.set_title(title, loc="center", fontsize=9.5)
        found.append(Raster(ax))
    return found


def blank(ax: Axes) -> None:
    """No ticks, no lines; both axes from 0 to 1."""
    ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(False)
