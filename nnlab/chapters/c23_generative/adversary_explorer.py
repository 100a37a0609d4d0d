"""Explorer of chapter 23: GANs in training, replayed: one collapses, one does not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import generative_runs
from nnlab.datasets.generative import GAN, GenerativeRuns
from nnlab.explore.controls import Choice
from nnlab.explore.drawing.numbers import Raster, grey_colours
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.run import Run

Array = NDArray[Any]
STEPS: tuple[int, ...] = GAN["steps"]
RUNS = tuple(GAN["runs"])
ROWS, COLUMNS, SIDE = 4, 10, 28


@cache
def runs() -> GenerativeRuns:
    """What was recorded. Cached: do not write into it."""
    return generative_runs()


@dataclass
class Frame:
    """sheet: (4 28, 10 28) from 0 to 1, from the same noise in each frame; counts: (10,) of 500 digits; step; distance:
    (F,) up to this frame."""

    sheet: Array
    counts: Array
    step: int
    distance: Array


def _begin(discriminator: str) -> list[int]:
    return [0]


def _advance(state: list[int], discriminator: str) -> None:
    state[0] += 1


def frame(state: list[int], discriminator: str) -> Frame:
    """The frame that the replay has come to."""
    run, k = RUNS.index(discriminator), state[0]
    found = runs()
    tiles = found.gan_frames[run, k].reshape(ROWS, COLUMNS, SIDE, SIDE).transpose(0, 2, 1, 3)
    picture = tiles.reshape(ROWS * SIDE, COLUMNS * SIDE) / 255
    return Frame(picture, found.gan_counts[run, k].astype(np.int64), STEPS[k], found.gan_distance[run, : k + 1].copy())


def classes_left(counts: Array) -> int:
    """How many classes have at least 2% of the digits."""
    return int(np.sum(counts >= 0.02 * counts.sum()))


class AdversaryView:
    """Above the digits, below how a classifier counts them, and the distance from real digits over the steps."""

    def __init__(self, figure: Figure):
        grid = figure.add_gridspec(2, 2, height_ratios=[1.25, 1])
        above, left, right = (figure.add_subplot(part) for part in (grid[0, :], grid[1, 0], grid[1, 1]))
        above.set(xlim=(0, COLUMNS), ylim=(0, ROWS), xticks=[], yticks=[], aspect="equal")
        above.grid(False)
        above.spines[:].set_visible(False)
        self.raster = Raster(above)
        self.title = above.set_title(" ", animated=True)
        left.set(xlim=(-0.6, 9.6), ylim=(0, 500), xticks=range(10), xlabel="read as", ylabel="of 500 digits")
        self.bars = left.bar(range(10), [0] * 10, color=plots.BLUE, animated=True)
        left.axhline(50, color=plots.GREY, lw=1, ls=":")
        most = float(runs().gan_distance.max())
        right.set(xlim=(0, STEPS[-1]), ylim=(0, 1.05 * most), xlabel="step", ylabel="Fréchet distance")
        (self.curve,) = right.plot([], [], color=plots.BLUE, animated=True)
        (self.point,) = right.plot([], [], "o", color=plots.VERMILLION, ms=8, animated=True, clip_on=False)

    def update(self, d: Frame) -> None:
        self.raster.show(grey_colours(1 - d.sheet), (0, COLUMNS, 0, ROWS))
        for bar, n in zip(self.bars, d.counts, strict=True):
            bar.set_height(int(n))
        self.curve.set_data(STEPS[: len(d.distance)], d.distance)
        self.point.set_data([d.step], d.distance[-1:])
        self.title.set_text(f"Step {d.step}: {classes_left(d.counts)} of 10 digits with 2% of the pictures or more")


def adversary_explorer() -> Explorer:
    """A generator's digits as it learns, under three discriminators."""
    runs()
    return Explorer(
        compute=frame,
        draw=AdversaryView,
        controls={"discriminator": Choice(list(RUNS), RUNS[0], label="the discriminator")},
        run=Run(
            begin=_begin,
            advance=_advance,
            length=len(STEPS) - 1,
            unit="frame",
            shown=len(STEPS) - 1,
            per_frame=1,
            pause=0.5,
        ),
        goal=Goal(
            "Cure the collapse: change the discriminator, and play until every digit has at least 2% of the pictures.",
            lambda d: classes_left(d.counts) == 10 and d.counts.max() < 250,
            solution=dict(discriminator=RUNS[2]),
            steps=len(STEPS) - 1,
        ),
        size=(7.0, 4.6),
        alt="Forty digits of a generator in training, how often each class occurs, and the distance over the steps.",
    )
