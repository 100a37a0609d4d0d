"""Explorer of chapter 15: a confusion matrix whose cells open the pictures behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import emoji, picture_ladder
from nnlab.datasets.pictures import emoji_split
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.drawing.numbers import Numbers, Raster
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.spot import Spot
from nnlab.scratch.metrics import confusion_matrix

Array = NDArray[Any]
NAMES = ("activities", "animals", "flags", "food", "objects", "people", "smileys", "symbols", "travel")
NETWORKS = {"linear": ("linear", 1), "one network": ("convolution", 1), "three networks": ("convolution", 3)}
# shown name -> step of the ladder, and how many of its seeds are averaged
ROWS, COLUMNS, SIDE, GAP = 4, 5, 32, 4  # pictures of a cell that are shown, and pixels of each and between them
WIDTH, HEIGHT = 7.2, 4.3  # inches
MATRIX = (0.135, 0.24, 0.42, 0.66)  # left, bottom, width, height, as shares of the picture


@cache
def answers(network: str) -> tuple[Array, Array, Array, Array]:
    """Pictures (N, 32, 32, 3), labels, predictions and confidences (N,) of the test part.

    They are cached: do not write into them."""
    data, rows = emoji(), emoji_split()[2]
    ladder = picture_ladder()
    step, seeds = NETWORKS[network]
    p = ladder.test[ladder.steps.index(step), :seeds].mean(axis=0)
    return data.images[rows], data.labels[rows], p.argmax(axis=1), p.max(axis=1)


@dataclass
class ConfusionCell:
    """matrix: (9, 9) counts of the answers that are sure enough, rows are the truth. truth, predicted: the open cell.
    pictures: (K, 32, 32, 3) uint8 of it, the surest first; confidence: (K,). accuracy, coverage: of all answers that
    are sure enough; accuracy is 0 if there are none."""

    matrix: Array
    truth: int
    predicted: int
    pictures: Array
    confidence: Array
    accuracy: float
    coverage: float


def confusion_cell(network: str, truth: str, predicted: str, sure: float, click: tuple[float, ...]) -> ConfusionCell:
    """Count the answers with at least the confidence `sure`, and open one cell. The explorer itself reads `click`."""
    images, labels, said, confidence = answers(network)
    kept = confidence >= sure
    row, column = NAMES.index(truth), NAMES.index(predicted)
    there = np.flatnonzero(kept & (labels == row) & (said == column))
    there = there[np.argsort(-confidence[there], kind="stable")]
    matrix = confusion_matrix(labels[kept], said[kept], labels=range(9)) if kept.any() else np.zeros((9, 9), int)
    accuracy = float(np.mean(labels[kept] == said[kept])) if kept.any() else 0.0
    return ConfusionCell(matrix, row, column, images[there], confidence[there], accuracy, float(kept.mean()))


def cell_at(spot: tuple[float, ...], values: Mapping[str, Any]) -> dict[str, str]:
    """Truth and prediction of the cell at a place (u, v) of the whole picture; {} outside of the matrix."""
    left, bottom, width, height = MATRIX
    across, down = (spot[0] - left) / width, 1 - (spot[1] - bottom) / height
    if not (0 <= across < 1 and 0 <= down < 1):
        return {}
    return {"truth": NAMES[int(9 * down)], "predicted": NAMES[int(9 * across)]}


def sheet(pictures: Array) -> Array:
    """Up to 20 pictures as one, (H, W, 4) uint8, on paper."""
    paper = np.array([int(plots.PAPER[k : k + 2], 16) for k in (1, 3, 5)] + [255], np.uint8)
    step = SIDE + GAP
    out = np.tile(paper, (ROWS * step - GAP, COLUMNS * step - GAP, 1))
    for k, picture in enumerate(pictures[: ROWS * COLUMNS]):
        top, left = k // COLUMNS * step, k % COLUMNS * step
        out[top : top + SIDE, left : left + SIDE, :3] = picture
    return out


class ConfusionView:
    """Left the matrix with the open cell framed, right the pictures in it."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")  # clicks are looked for at MATRIX
        ax = figure.add_axes(MATRIX)
        self.table = Numbers(ax, size=8.5)
        ax.set(xlim=(0, 9), ylim=(9, 0))
        (self.frame,) = ax.plot([], [], color=plots.VERMILLION, lw=2.5, animated=True, clip_on=False)
        style: dict[str, Any] = dict(fontsize=8.5, transform=ax.transAxes)
        for k, name in enumerate(NAMES):
            ax.text(-0.02, 1 - (k + 0.5) / 9, name, ha="right", va="center", **style)
            ax.text((k + 0.5) / 9, -0.02, name, ha="center", va="top", rotation=90, **style)
        ax.text(
            0, 1.03, "Row: what it is. Column: the prediction.", weight="bold", fontsize=9.5, transform=ax.transAxes
        )
        self.summary = figure.text(0.02, 0.025, "", animated=True)
        right = figure.add_axes((0.59, 0.24, 0.39, 0.55))
        right.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
        right.grid(False)
        right.spines[:].set_visible(False)
        self.pictures = Raster(right)
        self.title = figure.text(0.59, 0.93, "", weight="bold", va="center", linespacing=1.4, animated=True)
        self.note = figure.text(0.59, 0.19, "", va="center", fontsize=9, animated=True)

    def update(self, d: ConfusionCell) -> None:
        shares = d.matrix / np.maximum(d.matrix.sum(axis=1, keepdims=True), 1)
        hue = np.where(np.eye(9, dtype=bool)[..., None], [0, 114, 178], [213, 94, 0])  # plots.BLUE and VERMILLION
        colours = np.full((9, 9, 4), 255, np.uint8)
        colours[..., :3] = 255 - np.sqrt(shares)[..., None] * 0.8 * (255 - hue)
        self.table.show([[str(n) if n else "" for n in row] for row in d.matrix], colours)
        i, j = d.truth, d.predicted
        self.frame.set_data([j, j + 1, j + 1, j, j], [i, i, i + 1, i + 1, i])
        self.summary.set_text(f"answered {d.coverage:.0%} of the test pictures, of these {d.accuracy:.0%} correctly")
        self.pictures.show(sheet(d.pictures), (0, 1, 0, 1))
        n = len(d.pictures)
        self.title.set_text(f"{NAMES[i]}, predicted as {NAMES[j]}:\n{n} picture{'' if n == 1 else 's'}")
        sure = f"the surest first: {d.confidence[0]:.0%} to {d.confidence[-1]:.0%}" if n else "nothing in this cell"
        self.note.set_text(sure + (f", {n - 20} not shown" if n > ROWS * COLUMNS else ""))


def is_largest_mistake(d: ConfusionCell) -> bool:
    """Whether the open cell is off the diagonal and no mistake is more frequent."""
    mistakes = d.matrix * (1 - np.eye(9, dtype=int))
    return d.truth != d.predicted and mistakes[d.truth, d.predicted] == mistakes.max() > 0


def _solution() -> dict[str, Any]:
    mistakes = confusion_cell("three networks", NAMES[0], NAMES[0], 0.0, ()).matrix * (1 - np.eye(9, dtype=int))
    truth, predicted = divmod(int(mistakes.argmax()), 9)
    return dict(network="three networks", truth=NAMES[truth], predicted=NAMES[predicted])


def confusion_explorer() -> Explorer:
    """Three classifiers of 478 emoji: count, click, look."""
    for network in NETWORKS:
        answers(network)  # read now, so that no move of a control has to wait for it
    return Explorer(
        compute=confusion_cell,
        draw=ConfusionView,
        controls={
            "network": Choice(list(NETWORKS), "one network", label="classifier"),
            "click": Spot(label="Click a cell to open it.", leads_to=cell_at),
            "truth": Choice(NAMES, "symbols", label="what it is"),
            "predicted": Choice(NAMES, "symbols", label="the prediction"),
            "sure": Slider(0.0, 0.95, 0.05, 0.0, label="answer only if this sure"),
        },
        goal=Goal(
            "Three networks: open the most frequent mistake. Would you have known better at 32 x 32 pixels?",
            lambda d: is_largest_mistake(d) and d.coverage == 1.0 and d.accuracy == _accuracy("three networks"),
            solution=_solution(),
        ),
        size=(WIDTH, HEIGHT),
        alt="A confusion matrix of nine categories of emoji, and the pictures of the cell that is open.",
    )


def _accuracy(network: str) -> float:
    _, labels, said, _ = answers(network)
    return float(np.mean(labels == said))
