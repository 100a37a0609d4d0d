"""Explorer of chapter 20: a grid against random draws, where one of two hyperparameters matters more than the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[np.float64]
VALLEY, PLACES, FINE = 0.12, 300, 41  # half width of the good region; problems averaged over; pixels of the surface
SIDES = np.arange(2, 9)
BEST = (0.62, 0.4)  # where the problem that is shown has its best point
GOAL_MATTERS, GOAL_LEAD = 0.5, 0.005


def problem(u: Array, v: Array, matters: float, best_u: Array | float, best_v: Array | float) -> Array:
    """Loss from 0, the best, to 1: 1 - exp(-((u - u*)^2 + (matters (v - v*))^2) / (2 * 0.12^2))."""
    return np.asarray(1 - np.exp(-((u - best_u) ** 2 + (matters * (v - best_v)) ** 2) / (2 * VALLEY**2)))


def grid_points(side: int) -> Array:
    """side^2 points (side^2, 2) in the middles of equal squares."""
    middles = (np.arange(side) + 0.5) / side
    return np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)


def random_points(side: int, seed: int) -> Array:
    """As many points, drawn uniformly."""
    return np.random.default_rng(seed).random((side * side, 2))


@cache
def _problems() -> tuple[Array, Array]:
    rng = np.random.default_rng(99)
    return rng.random((PLACES, 2)), rng.random((PLACES, SIDES[-1] ** 2, 2))


def average_best(matters: float) -> tuple[Array, Array]:
    """The best loss found by a grid and by random draws with 4, 9 ... 64 trials, (7,) each: means over 300 problems
    that differ in where their best point lies."""
    best, drawn = _problems()
    u, v = best[:, :1], best[:, 1:]
    random = np.minimum.accumulate(problem(drawn[..., 0], drawn[..., 1], matters, u, v), axis=1)
    grid = [problem(p[:, 0], p[:, 1], matters, u, v).min(axis=1).mean() for p in (grid_points(int(n)) for n in SIDES)]
    return np.array(grid), random[:, SIDES**2 - 1].mean(axis=0)


@dataclass
class GridAndRandom:
    """surface: (41, 41), rows are the second dimension; grid, random: (side^2, 2) points; averages: (7,) each, the mean
    best loss over the number of trials; matters: sensitivity to the second dimension, the first one's being 1."""

    side: int
    matters: float
    surface: Array
    grid: Array
    random: Array
    grid_average: Array
    random_average: Array

    @property
    def lead(self) -> float:
        """How much lower the grid's mean best loss is at this number of trials; negative if random search leads."""
        k = self.side - int(SIDES[0])
        return float(self.random_average[k] - self.grid_average[k])


def grid_and_random(side: int, matters: float, seed: int) -> GridAndRandom:
    """Place both kinds of points, and average what they find."""
    axis = np.linspace(-0.04, 1.04, FINE)
    surface = problem(axis[None, :], axis[:, None], matters, *BEST)
    return GridAndRandom(side, matters, surface, grid_points(side), random_points(side, seed), *average_best(matters))


class GridAndRandomView:
    """Two surfaces with their points, and below each the values tried of the first dimension; right the averages."""

    def __init__(self, figure: Figure):
        axes = figure.subplot_mosaic(
            [["grid", "random", "best"], ["grid_u", "random_u", "best"]],
            height_ratios=[5, 1],
            width_ratios=[1, 1, 1.25],
        )
        self.images, self.points, self.marks = [], [], []
        for name, color, marker in (("grid", plots.ORANGE, "s"), ("random", plots.BLUE, "o")):
            ax, below = axes[name], axes[f"{name}_u"]
            ax.set(
                xlim=(-0.04, 1.04),
                ylim=(-0.04, 1.04),
                xticks=[],
                yticks=[],
                ylabel="second dimension" if name == "grid" else "",
            )
            ax.set_title("Grid" if name == "grid" else "Random")
            ax.grid(False)
            image = ax.imshow(
                np.ones((FINE, FINE)), extent=(-0.04, 1.04, -0.04, 1.04), origin="lower", cmap="Greys", vmin=-0.15,
                vmax=2.2, aspect="auto", animated=True,
            )  # fmt: skip
            self.images.append(image)
            self.points.append(
                ax.plot([], [], marker, color=color, ms=6, mec="white", mew=0.7, clip_on=False, animated=True)[0]
            )
            below.set(xlim=(-0.04, 1.04), ylim=(0, 1), xticks=[], yticks=[], xlabel="first dimension")
            below.grid(False)
            self.marks.append(below.plot([], [], color=color, lw=1.6, animated=True)[0])
        best = axes["best"]
        best.set(xlim=(0, 68), ylim=(0, 0.8), xlabel="trials", ylabel="loss of the best trial")
        best.set_xticks([4, 16, 36, 64])
        best.set_title("Mean over 300 problems")
        (self.grid,) = best.plot([], [], "s-", color=plots.ORANGE, ms=5, label="grid", animated=True)
        (self.random,) = best.plot([], [], "o-", color=plots.BLUE, ms=5, label="random", animated=True)
        (self.here,) = best.plot([], [], color=plots.GREY, lw=1, ls="-.", animated=True)
        figure.legend(handles=[self.grid, self.random], loc="outside lower right", ncols=2, fontsize=9)

    def update(self, d: GridAndRandom) -> None:
        for image, points, marks, placed in zip(self.images, self.points, self.marks, (d.grid, d.random), strict=True):
            image.set_data(d.surface)
            points.set_data(placed[:, 0], placed[:, 1])
            x = np.repeat(np.unique(placed[:, 0]), 3)
            marks.set_data(x, np.tile([0.1, 0.9, np.nan], len(x) // 3))
        self.grid.set_data(SIDES**2, d.grid_average)
        self.random.set_data(SIDES**2, d.random_average)
        self.here.set_data([d.side**2] * 2, [0, 0.8])


def grid_random_explorer() -> Explorer:
    """The same number of trials on a grid and at random."""
    return Explorer(
        compute=grid_and_random,
        draw=GridAndRandomView,
        controls={
            "side": Slider(2, 8, 1, 3, label="values of each dimension"),
            "matters": Slider(0.0, 1.0, 0.05, 0.0, label="second matters"),
            "seed": Slider(0, 20, 1, 0, label="seed of the random points"),
        },
        goal=Goal(
            "Find a setting where the grid is ahead on average. What has to be true of the second dimension?",
            lambda d: d.lead > GOAL_LEAD,
            solution=dict(side=3, matters=1.0),
        ),
        presets={"one matters": dict(matters=0.0), "both matter": dict(matters=1.0)},
        size=(7.0, 3.6),
        alt="Trials of a grid and random ones on a surface, the values they try of one dimension, and what each finds.",
    )
