"""Explorer of chapter 18: the training pictures nearest to a test picture, by pixels and by features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import emoji, picture_features
from nnlab.datasets.pictures import emoji_split
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.drawing.numbers import Raster
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[Any]
MEASURES = ("distance", "angle")
SHOWN, MOST = 8, 15  # neighbours that are shown, and the greatest number that vote
SIDE, GAP, EDGE = 32, 10, 3  # pixels of a picture, between two, and of the frame


@cache
def spaces() -> dict[str, Array]:
    """All pictures as vectors: (1906, 3072) of pixels from 0 to 1, (1906, 1280) of features. Cached: do not write."""
    return {"pixels": emoji().images.reshape(1906, -1) / np.float32(255), "features": picture_features()}


@cache
def ranking(space: str, measure: str) -> Array:
    """The 15 nearest training pictures of each test picture, (478, 15) places. Cached: do not write into it.

    measure: "distance" is Euclidean; "angle" compares directions only."""
    rows, _, test = emoji_split()
    x = spaces()[space]
    if measure == "angle":
        x = x / np.linalg.norm(x, axis=1, keepdims=True)
    squares = (x[rows] ** 2).sum(axis=1)
    gap = squares - 2 * x[test] @ x[rows].T  # and the test picture's own square, which is the same for all
    near = np.argpartition(gap, MOST, axis=1)[:, :MOST]
    order = np.take_along_axis(gap, near, axis=1).argsort(axis=1)
    return rows[np.take_along_axis(near, order, axis=1)]


@cache
def accuracy(space: str, measure: str, k: int) -> float:
    """The share of test pictures whose category most of the k nearest have; of equals, the nearest one's."""
    labels, test = emoji().labels, emoji_split()[2]
    votes = np.eye(9)[labels[ranking(space, measure)[:, :k]]]  # (478, k, 9)
    weight = 1 + 0.001 * np.arange(k, 0, -1) / k  # the nearer one decides a draw
    said = (votes * weight[None, :, None]).sum(axis=1).argmax(axis=1)
    return float(np.mean(said == labels[test]))


@dataclass
class Neighbours:
    """query: a place. near: of "pixels" and of "features", (8,) places each, the nearest first; same: (8,), whether it
    has the query's category. accuracy: of both, the share of test pictures classified correctly by k votes."""

    query: int
    near: dict[str, Array]
    same: dict[str, Array]
    accuracy: dict[str, float]
    k: int


def neighbours(picture: int, measure: str, k: int) -> Neighbours:
    """The neighbours of the test picture number `picture`, from 0."""
    labels, query = emoji_labels(), int(emoji_split()[2][picture])
    near = {space: ranking(space, measure)[picture, :SHOWN].copy() for space in ("pixels", "features")}
    same = {space: labels[places] == labels[query] for space, places in near.items()}
    return Neighbours(query, near, same, {space: accuracy(space, measure, k) for space in near}, k)


@cache
def emoji_labels() -> Array:
    """(1906,) categories. Cached: do not write into it."""
    return emoji().labels


@cache
def framed() -> Array:
    """Every picture inside of a grey frame, (1906, 38, 38, 4) uint8. Cached: do not write into it."""
    out = np.full((1906, SIDE + 2 * EDGE, SIDE + 2 * EDGE, 4), 255, np.uint8)
    out[:, EDGE:-EDGE, EDGE:-EDGE, :3] = emoji().images
    return out


def strip(places: Array, same: Array) -> Array:
    """Pictures in a row, those of the same category framed in blue, others in vermillion: (H, W, 4) uint8."""
    paper = np.array([*_rgb(plots.PAPER), 255], np.uint8)
    side = SIDE + 2 * EDGE
    out = np.tile(paper, (side, len(places) * (side + GAP) - GAP, 1))
    for j, (place, alike) in enumerate(zip(places, same, strict=True)):
        cell = out[:, j * (side + GAP) : j * (side + GAP) + side]
        cell[...] = framed()[place]
        colour = _rgb(plots.BLUE if alike else plots.VERMILLION)
        for edge in (cell[:EDGE], cell[-EDGE:], cell[:, :EDGE], cell[:, -EDGE:]):
            edge[..., :3] = colour
    return out


def _rgb(colour: str) -> list[int]:
    return [int(colour[k : k + 2], 16) for k in (1, 3, 5)]


class NeighboursView:
    """The picture on the left; its neighbours by pixels above those by features; below each row what it is worth."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")

        def empty(place: tuple[float, float, float, float]) -> Raster:
            ax = figure.add_axes(place)
            ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
            ax.grid(False)
            ax.spines[:].set_visible(False)
            return Raster(ax)

        self.query = empty((0.015, 0.36, 0.16, 0.36))
        self.name = figure.text(0.015, 0.9, "", weight="bold", va="center", fontsize=10.5, animated=True)
        self.rows = {
            space: empty((0.21, bottom, 0.775, 0.19)) for space, bottom in (("pixels", 0.56), ("features", 0.17))
        }
        self.notes = {
            space: figure.text(0.21, y, "", va="center", fontsize=9.5, animated=True)
            for space, y in (("pixels", 0.8), ("features", 0.41))
        }
        figure.text(0.21, 0.05, "blue frame: same category", color=plots.BLUE, fontsize=9.5, va="center")
        figure.text(0.55, 0.05, "vermillion frame: another category", color=plots.VERMILLION, fontsize=9.5, va="center")

    def update(self, d: Neighbours) -> None:
        data = _names()
        self.query.show(framed()[d.query], (0, 1, 0, 1))
        name, category = data[0][d.query], data[1][emoji_labels()[d.query]]
        self.name.set_text(f"{name if len(name) < 45 else name[:44] + '…'}   ({category})")
        for space, row in self.rows.items():
            row.show(strip(d.near[space], d.same[space]), (0, 1, 0, 1))
            voters = "The nearest one is" if d.k == 1 else f"A vote of {d.k} is"
            self.notes[space].set_text(
                f"By {space}, {d.same[space].sum()} of 8 are alike. "
                f"{voters} right for {d.accuracy[space]:.0%} of all test pictures."
            )


@cache
def _names() -> tuple[list[str], list[str]]:
    return emoji().names, emoji().categories


def is_sorted_by_features_only(d: Neighbours) -> bool:
    """Whether all eight neighbours by features have the picture's category, and at most one by pixels."""
    return bool(d.same["features"].all() and d.same["pixels"].sum() <= 1)


def _solution() -> dict[str, Any]:
    every = range(len(emoji_split()[2]))
    return dict(
        picture=next(i for i in every if is_sorted_by_features_only(neighbours(i, "angle", 1))), measure="angle"
    )


def neighbours_explorer() -> Explorer:
    """478 test emoji and their nearest training emoji."""
    for space in ("pixels", "features"):
        for measure in MEASURES:
            for k in range(1, MOST + 1):
                accuracy(space, measure, k)  # now, so that no move of a control has to wait for it
    framed(), _names()
    return Explorer(
        compute=neighbours,
        draw=NeighboursView,
        controls={
            "picture": Slider(0, 477, 1, 140, label="test picture"),
            "measure": Choice(MEASURES, "angle", label="nearest by"),
            "k": Slider(1, MOST, 1, 1, label="neighbours that vote"),
        },
        goal=Goal(
            "Find a picture whose eight neighbours by features all have its category, and at most one by pixels.",
            is_sorted_by_features_only,
            solution=_solution(),
        ),
        size=(7.2, 3.2),
        alt="An emoji with its eight nearest neighbours by pixels and its eight nearest by a network's features.",
    )
