"""Explorer of chapter 27: a search for networks that are small and accurate, trial by trial, and its front."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

from .searching import area, costs, evolve, front, nsga2, random_trials, trial
from .space import EVERY, Architecture

Array = NDArray[Any]
METHODS = ("random", "evolution", "NSGA-II")
TRIALS, SEEDS, PRICE = 100, 5, 0.05  # PRICE: of error, for ten times the parameters
GOAL_SHARE, GOAL_TRIALS = 0.98, 60


@cache
def tried(method: str, seed: int) -> tuple[Architecture, ...]:
    """All trials of a search. Evolution has one number to go by: error + 0.05 log10(parameters)."""
    rng = np.random.default_rng(seed)
    if method == "random":
        return tuple(random_trials(TRIALS, rng))
    if method == "evolution":

        def price(genes: Architecture) -> float:
            size, error = trial(genes)
            return error + PRICE * size

        return tuple(evolve(TRIALS, price, rng))
    return nsga2(TRIALS, seed)


@dataclass
class Searched:
    """points: (n, 2) the trials so far, log10 of the parameters and error; front: (F, 2), those that none dominates;
    best: (B, 2), the front of the whole table; share: the front's part of the table's hypervolume."""

    points: Array
    front: Array
    best: Array
    share: float


def searched(method: str, trials: int, seed: int) -> Searched:
    """The first trials of a search, and their front."""
    some = tried(method, seed)[:trials]
    return Searched(np.array([trial(genes) for genes in some]), front(some), front(EVERY), area(some))


def stairs(points: Array) -> tuple[Array, Array]:
    """A front as steps: what is reached at each size."""
    x = np.append(np.repeat(points[:, 0], 2)[1:], 5.0)
    return x, np.repeat(points[:, 1], 2)


class SearchedView:
    """All networks of the table in grey, the trials in blue, their front and the true one."""

    def __init__(self, figure: Figure):
        ax = figure.subplots()
        ax.set(xlim=(2.55, 4.85), ylim=(0.03, 0.3), xlabel="parameters", ylabel="validation error")
        ax.set_xticks([np.log10(500), 3, np.log10(2000), np.log10(5000), 4, np.log10(20000), np.log10(50000)],
                      ["500", "1,000", "2,000", "5,000", "10,000", "20,000", "50,000"])  # fmt: skip
        every = costs()
        ax.plot(every[:, 0], every[:, 1], "o", color="#c9c9c4", ms=4, label="all 320", zorder=1)
        (self.best,) = ax.plot([], [], color=plots.BLACK, lw=1.2, ls="--", label="true front", animated=True)
        (self.points,) = ax.plot([], [], "o", color=plots.SKY, ms=6, mec="white", mew=0.7, label="tried", animated=True)
        (self.front,) = ax.plot([], [], color=plots.VERMILLION, lw=2, label="front found", animated=True)
        (self.marks,) = ax.plot([], [], "o", color=plots.VERMILLION, ms=7, mec="white", mew=0.7, animated=True)
        self.title = ax.set_title(" ", animated=True)
        figure.legend(handles=[ax.lines[0], self.points, self.front, self.best], loc="outside right upper", fontsize=9)

    def update(self, d: Searched) -> None:
        self.best.set_data(*stairs(d.best))
        self.points.set_data(d.points[:, 0], d.points[:, 1])
        self.front.set_data(*stairs(d.front))
        self.marks.set_data(d.front[:, 0], d.front[:, 1])
        self.title.set_text(f"{len(d.points)} trials: a front of {len(d.front)}, {d.share:.1%} of the true one's area")


def pareto_explorer() -> Explorer:
    """Three searches with five seeds, 100 trials each."""
    for seed in range(SEEDS):  # now, so that no move of a control has to wait for a study
        tried("NSGA-II", seed)
    return Explorer(
        compute=searched,
        draw=SearchedView,
        controls={
            "method": Choice(METHODS, "random", label="method"),
            "trials": Slider(5, TRIALS, 1, 30, label="trials so far"),
            "seed": Slider(0, SEEDS - 1, 1, 0, label="seed"),
        },
        goal=Goal(
            f"Cover {GOAL_SHARE:.0%} of the true front's area within {GOAL_TRIALS} trials. Does every seed do it?",
            lambda d: len(d.points) <= GOAL_TRIALS and d.share >= GOAL_SHARE,
            solution=dict(method="evolution", trials=GOAL_TRIALS, seed=0),
        ),
        size=(7.2, 3.7),
        alt="Networks by number of parameters and error: those that were tried, and the front that none of them beats.",
    )
