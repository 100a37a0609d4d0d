"""Explorer of chapter 18: how many pictures an accuracy costs, from random weights and from a trained backbone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import emoji, tuning_runs
from nnlab.datasets.pictures import emoji_split, few
from nnlab.datasets.trained import TUNING
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[np.float64]
STARTS = ("random weights", "frozen, new head", "three layers tuned")
LOOKS = dict(zip(STARTS, ((plots.VERMILLION, "o"), (plots.BLUE, "s"), (plots.GREEN, "D")), strict=True))
GOAL_RATIO = 5


@cache
def pictures_in_all() -> Array:
    """How many training pictures each number a category makes, (4,). Cached: do not write into it."""
    rows, labels = emoji_split()[0], emoji().labels
    return np.array([len(few(rows, labels, n)) for n in TUNING["sizes"]], float)


@cache
def accuracies() -> Array:
    """(3 starts, 4 sizes, S seeds). Cached: do not write into it."""
    return tuning_runs().sizes


def needed(target: float, start: str) -> float | None:
    """Pictures at which the mean curve reaches `target`, straight between points over log(pictures).

    None where all pictures are not enough, and the least number where it is enough."""
    x, y = np.log(pictures_in_all()), np.maximum.accumulate(accuracies()[STARTS.index(start)].mean(axis=1))
    return float(np.exp(np.interp(target, y, x))) if target <= y[-1] else None


@dataclass
class StartData:
    """needed: pictures by start; at: (3,) mean accuracies with this many pictures; n: pictures in all."""

    target: float
    n: float
    needed: dict[str, float | None]
    at: Array
    std: Array


def start_data(target: float, each: str) -> StartData:
    """What the target costs, and what this many pictures of each category bring."""
    k = SIZES.index(each)
    found = accuracies()[:, k]
    cost = {start: needed(target, start) for start in STARTS}
    return StartData(target, float(pictures_in_all()[k]), cost, found.mean(axis=1), found.std(axis=1, ddof=1))


SIZES = tuple("all" if n is None else str(n) for n in TUNING["sizes"])


class StartView:
    """Three curves of accuracy over pictures; a line at the target, and where each curve meets it."""

    def __init__(self, figure: Figure):
        ax = figure.subplots()
        n = pictures_in_all()
        ax.set(xscale="log", xlim=(75, 1450), ylim=(0.3, 0.9), xlabel="training pictures", ylabel="test accuracy")
        ax.set_xticks(n, [f"{int(k):,}" for k in n])
        ax.minorticks_off()
        ax.set_title("Mean of three seeds, and their standard deviation")
        for start, values in zip(STARTS, accuracies(), strict=True):
            colour, marker = LOOKS[start]
            ax.errorbar(n, values.mean(axis=1), values.std(axis=1, ddof=1), color=colour, marker=marker, ms=5, lw=1.6,
                        capsize=3, label=start)  # fmt: skip
        (self.line,) = ax.plot([], [], color=plots.GREY, lw=1.2, ls="-.", animated=True)
        (self.column,) = ax.plot([], [], color=plots.GREY, lw=1, ls=":", animated=True)
        self.marks = [
            ax.plot([], [], "o", ms=11, mfc="none", mec=LOOKS[start][0], mew=2, animated=True, clip_on=False)[0]
            for start in STARTS
        ]
        self.texts = [
            figure.text(0.69, y, "", fontsize=9, va="top", linespacing=1.5, animated=True) for y in (0.55, 0.33)
        ]
        figure.legend(loc="upper left", bbox_to_anchor=(0.68, 0.95), fontsize=9)
        figure.get_layout_engine().set(rect=(0, 0, 0.68, 1))  # type: ignore[union-attr, call-arg]

    def update(self, d: StartData) -> None:
        self.line.set_data([75, 1450], [d.target] * 2)
        self.column.set_data([d.n] * 2, [0.3, 0.9])
        rows = []
        for mark, start in zip(self.marks, STARTS, strict=True):
            n = d.needed[start]
            mark.set_data(*(([], []) if n is None or n <= pictures_in_all()[0] else ([n], [d.target])))
            least = pictures_in_all()[0]
            told = "over 1,190" if n is None else f"at most {least:.0f}" if n <= least else f"about {n:.0f}"
            rows.append(f"  {start}: {told}")
        self.texts[0].set_text(f"Pictures for {d.target:.0%}:\n" + "\n".join(rows))
        rows = [f"  {start}: {a:.2f} ± {s:.2f}" for start, a, s in zip(STARTS, d.at, d.std, strict=True)]
        self.texts[1].set_text(f"With {d.n:,.0f} pictures:\n" + "\n".join(rows))


def saves_much(d: StartData) -> bool:
    """Whether random weights reach the target at all, with at least five times the pictures of the frozen backbone."""
    scratch, frozen = (d.needed[start] for start in STARTS[:2])
    return scratch is not None and frozen is not None and scratch >= GOAL_RATIO * frozen


def _solution() -> dict[str, Any]:
    targets = np.round(np.arange(0.4, 0.86, 0.01), 2)
    return dict(target=next(float(t) for t in targets if saves_much(start_data(float(t), SIZES[0]))))


def start_explorer() -> Explorer:
    """Test accuracy over the number of training pictures, from three starts."""
    return Explorer(
        compute=start_data,
        draw=StartView,
        controls={
            "target": Slider(0.4, 0.85, 0.01, 0.5, label="accuracy you need"),
            "each": Choice(SIZES, SIZES[0], label="pictures of each category"),
        },
        goal=Goal(
            f"Find an accuracy for which random weights need at least {GOAL_RATIO} times the pictures of the frozen "
            "backbone.",
            saves_much,
            solution=_solution(),
        ),
        size=(7.4, 3.5),
        alt="Accuracy over the number of training pictures, from random weights, a frozen backbone and a tuned one.",
    )
