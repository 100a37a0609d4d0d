"""Explorer of chapter 23: what a stronger guidance does to digits from the same noise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import digit_features, generative_runs, mnist
from nnlab.datasets.generative import GUIDANCE, GenerativeRuns
from nnlab.explore.controls import Levels
from nnlab.explore.drawing.numbers import Raster, grey_colours
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[Any]
ROWS, COLUMNS, SIDE = 4, 10, 28


@cache
def runs() -> GenerativeRuns:
    """What was recorded. Cached: do not write into it."""
    return generative_runs()


@dataclass
class Guided:
    """sheet: (4 28, 10 28) from 0 to 1, digits 0 to 9 from left to right; right: the share of 100 that is read as
    asked; variety: the variance of their features within a class, 1 for that of real digits."""

    strength: float
    sheet: Array
    right: float
    variety: float


def guided(strength: float) -> Guided:
    """What was recorded at this strength."""
    found, k = runs(), GUIDANCE.index(strength)
    return Guided(strength, sheet(found.guided[k]), float(found.guided_right[k]), float(varieties()[k]))


@cache
def real_variety() -> float:
    """The variance of the features within a class of a hundred real digits, ten of each."""
    images, labels = mnist("validation")
    mixed = np.random.default_rng(0).permutation(len(images))  # neighbours in the file share a writer
    ten = [images[mixed[labels[mixed] == k][:10]] for k in range(10)]
    return float(np.mean([digit_features(rows)[0].var(axis=0).sum() for rows in ten]))


def varieties() -> Array:
    """(G,) the variance within a class at each strength, divided by that of real digits."""
    return runs().guided_variety / real_variety()


def sheet(pictures: Array) -> Array:
    """(40, 28, 28) uint8 as one picture (112, 280) from 0 to 1."""
    tiles = pictures.reshape(ROWS, COLUMNS, SIDE, SIDE).transpose(0, 2, 1, 3)
    return tiles.reshape(ROWS * SIDE, COLUMNS * SIDE) / 255


class GuidedView:
    """Above the digits, below what is gained and lost over the strength."""

    def __init__(self, figure: Figure):
        above, below = figure.subplots(2, 1, height_ratios=[1.25, 1])
        above.set(xlim=(0, COLUMNS), ylim=(0, ROWS), xticks=np.arange(COLUMNS) + 0.5, yticks=[], aspect="equal")
        above.set_xticklabels([str(k) for k in range(COLUMNS)])
        above.tick_params(length=0)
        above.grid(False)
        above.spines[:].set_visible(False)
        self.raster = Raster(above)
        self.title = above.set_title(" ", animated=True)
        below.set(xlim=(-0.2, 8.2), ylim=(0, 2.75), xlabel="strength of guidance", ylabel="share")
        self.points = []
        series = (
            (runs().guided_right, plots.BLUE, "-", "read as asked"),
            (varieties(), plots.ORANGE, "--", "variety, 1 for real digits"),
        )
        for values, color, dashes, name in series:
            below.plot(GUIDANCE, values, dashes, color=color, marker=".", label=name)
            self.points += below.plot([], [], "o", color=color, ms=9, animated=True, clip_on=False)
        below.legend(loc="upper right", ncols=2)

    def update(self, d: Guided) -> None:
        self.raster.show(grey_colours(1 - d.sheet), (0, COLUMNS, 0, ROWS))
        for point, value in zip(self.points, (d.right, d.variety), strict=True):
            point.set_data([d.strength], [value])
        self.title.set_text(f"Strength {d.strength:g}: {d.right:.0%} are read as asked, variety {d.variety:.2f}")


def guidance_explorer() -> Explorer:
    """The same noise under seven strengths of guidance, as recorded."""
    varieties()  # computed now, so that no move of a control has to wait for it
    return Explorer(
        compute=guided,
        draw=GuidedView,
        controls={"strength": Levels(GUIDANCE, 1.0, label="strength of guidance")},
        goal=Goal(
            "Find the least strength at which at least 95% of the digits are read as asked. What happens beyond?",
            lambda d: d.strength == least_strength(),
            solution=dict(strength=least_strength()),
        ),
        size=(7.0, 4.6),
        alt="Forty digits drawn under one strength of guidance; the share read as asked and the variety over it.",
    )


def least_strength() -> float:
    """The least strength at which 95 of 100 digits are read as asked."""
    return next(strength for strength, right in zip(GUIDANCE, runs().guided_right, strict=True) if right > 0.9499)
