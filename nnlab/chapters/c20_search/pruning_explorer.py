"""Explorer of chapter 20: learning curves cut short, the epochs that saves, and whether the best one survives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.search import median_rule, random_search, successive_halving

from .tabulated import EPOCHS, SPACE, curve

Array = NDArray[Any]
RULES = ("train all", "median rule", "halving")
TRIALS, TOP = 27, 2.5
GOAL_SAVED = 0.4


@cache
def curves(seed: int) -> Array:
    """Validation losses (27, 27) of 27 random settings over 27 epochs. Cached: do not write into it."""
    found = [curve(c) for c in random_search(SPACE, TRIALS, rng=np.random.default_rng(seed))]
    return np.array(found)


def lengths(losses: Array, rule: str, least: int, factor: int) -> Array:
    """After how many epochs each trial ends, (N,). losses: (N, E).

    "median rule": one trial after another, not stopped before `least` epochs. "halving": all for `least` epochs, then
    the best 1 / factor go on for factor times as long, and so on."""
    n, epochs = losses.shape
    ends = np.full(n, epochs)
    if rule == "median rule":
        finished: list[list[float]] = []
        for k, row in enumerate(losses):
            tried = range(least, epochs)
            ends[k] = next((e for e in tried if median_rule(list(row[:e]), finished)), epochs)
            if ends[k] == epochs:
                finished.append(list(row))
    elif rule == "halving":
        rungs = successive_halving(
            [{"k": k} for k in range(n)], lambda c, e: losses[c["k"], e - 1], least=least, most=epochs, factor=factor
        )
        for rung in rungs:
            ends[[c["k"] for c in rung.candidates]] = rung.epochs
    return ends


@dataclass
class Pruned:
    """losses: (27, 27); ends: (27,) epochs trained of each; chosen, best: rows of the trial chosen by its last known
    loss among those trained longest, and of the lowest loss had all been trained."""

    losses: Array
    ends: Array
    chosen: int
    best: int

    @property
    def saved(self) -> float:
        """The share of all epochs that were not trained."""
        return float(1 - self.ends.sum() / self.losses.size)

    @property
    def regret(self) -> float:
        """How much higher the chosen trial's loss would be than the best one's, both trained to the end, in nats."""
        return float(self.losses[self.chosen, -1] - self.losses[self.best, -1])


def prune(rule: str, least: int, factor: int, seed: int) -> Pruned:
    """Cut the curves by one of the rules."""
    losses = curves(seed)
    ends = lengths(losses, rule, least, factor)
    last = np.where(ends == ends.max(), losses[np.arange(TRIALS), ends - 1], np.inf)
    return Pruned(losses.copy(), ends, int(last.argmin()), int(losses[:, -1].argmin()))


class PrunedView:
    """Left the curves as far as they were trained, right the epochs of each trial."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.3, 1])
        left.set(yscale="log", xlim=(0.5, EPOCHS + 0.5), ylim=(0.33, TOP + 0.1), xlabel="epoch")
        left.set_ylabel("validation loss (nats)")
        left.set_yticks([0.4, 0.6, 1, 1.5, 2.3], ["0.4", "0.6", "1.0", "1.5", "2.3"])
        left.minorticks_off()
        left.set_xticks([1, 3, 9, 18, 27])
        left.set_title("Curves, cut where they stop")
        self.ghosts = LineCollection([], colors="#d9d9d4", linewidths=0.8, animated=True)
        self.lines = LineCollection([], colors=plots.BLUE, linewidths=1.3, animated=True)
        for lines in (self.ghosts, self.lines):
            left.add_collection(lines)
        (self.best,) = left.plot([], [], color=plots.GREEN, ls="--", label="best, had all run", animated=True)
        (self.chosen,) = left.plot([], [], color=plots.VERMILLION, lw=1.8, label="chosen", animated=True)
        right.set(xlim=(0, EPOCHS + 0.5), ylim=(TRIALS, -1), yticks=[], xlabel="epochs trained", ylabel="27 trials")
        right.set_xticks([1, 9, 18, 27])
        right.grid(axis="y", visible=False)
        self.title = right.set_title("")
        self.bars = right.barh(np.arange(TRIALS), np.zeros(TRIALS), 0.8, color=plots.BLUE, animated=True)
        self.title.set_animated(True)
        figure.legend(handles=[self.best, self.chosen], loc="outside lower left", ncols=2, fontsize=9)

    def update(self, d: Pruned) -> None:
        x = np.arange(1, EPOCHS + 1)
        shown = np.minimum(d.losses, TOP)
        self.ghosts.set_segments([np.column_stack([x, row]) for row in shown])
        self.lines.set_segments([np.column_stack([x[:n], row[:n]]) for row, n in zip(shown, d.ends, strict=True)])
        n = d.ends[d.chosen]
        self.chosen.set_data(x[:n], shown[d.chosen][:n])
        self.best.set_data(x, shown[d.best])
        for k, (bar, end) in enumerate(zip(self.bars, d.ends, strict=True)):
            bar.set_width(end)
            bar.set_color(plots.VERMILLION if k == d.chosen else plots.GREEN if k == d.best else plots.BLUE)
        self.title.set_text(f"Saved {d.saved:.0%}, loss +{d.regret:.3f}")


def pruning_explorer() -> Explorer:
    """Two rules that stop hopeless trials, and none."""
    return Explorer(
        compute=prune,
        draw=PrunedView,
        controls={
            "rule": Choice(RULES, "median rule", label="rule"),
            "least": Slider(1, 9, 1, 1, label="epochs before the first cut"),
            "factor": Slider(2, 4, 1, 3, label="factor (halving)"),
            "seed": Slider(0, 9, 1, 0, label="seed of the settings"),
        },
        goal=Goal(
            f"Save at least {GOAL_SAVED:.0%} of the epochs, and still choose the trial that would have been best.",
            lambda d: d.saved >= GOAL_SAVED and d.regret == 0,
            solution=dict(rule="halving", least=9, factor=3, seed=0),
        ),
        size=(7.0, 3.9),
        alt="Learning curves of 27 settings cut by a pruning rule, and the epochs that each was trained.",
    )
