"""Explorer of chapter 19: the folds of cross-validation as a picture, leaks in red, and what they do to the score."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.splits import GroupKFold, KFold, Splitter, StratifiedKFold, TimeSeriesSplit

Array = NDArray[Any]
ROWS, VISITS, DRAWS, MOST = 60, 4, 40, 6  # rows; of each person; data sets averaged over; folds at most
SWITCH = 0.12  # the probability that a time series changes its class in a step
DATA = ("separate rows", "people", "time series")
SPLITS = ("in order", "shuffled", "stratified", "grouped", "past to future")
UNUSED, TRAINED, TESTED, LEAKED = range(4)
COLOURS = np.array([to_rgb(c) for c in ("#ecece8", "#b5d4e8", plots.BLUE, plots.VERMILLION)])
PAPER = to_rgb(plots.PAPER)


@dataclass
class Sample:
    """Rows to split and rows that come later: features (N, F), labels (N,), and the person of each row, (N,)."""

    x: Array
    y: Array
    groups: Array
    new_x: Array
    new_y: Array


@cache
def sample(data: str, seed: int) -> Sample:
    """60 rows of one kind and new ones of the same kind: other rows, other people, or the next 10 steps in time.

    "separate rows" are sorted by class, a fifth of them positive; "people" come 4 times each, nearly the same every
    time, in mixed order; "time series" keeps its class for a while. Cached: do not write into it."""
    rng = np.random.default_rng(seed)
    if data == "separate rows":
        y = np.repeat([0, 1], [48, 12])
        new_y = np.repeat([0, 1], [120, 30])
        x, new_x = (rng.normal(size=(len(v), 2)) + 1.5 * v[:, None] for v in (y, new_y))
        return Sample(x, y, np.arange(ROWS), new_x, new_y)
    if data == "people":
        centres = rng.normal(size=(ROWS // VISITS + 100, 6))
        classes = (centres[:, 0] + 2 * rng.normal(size=len(centres)) > 0).astype(int)  # looks tell a little
        groups = rng.permutation(np.repeat(np.arange(ROWS // VISITS), VISITS))
        x = centres[groups] + 0.1 * rng.normal(size=(ROWS, 6))
        return Sample(x, classes[groups], groups, centres[ROWS // VISITS :], classes[ROWS // VISITS :])
    y = (rng.integers(2) + np.cumsum(rng.random(ROWS) < SWITCH)) % 2
    later = (y[-1] + np.cumsum(rng.random((30, 10)) < SWITCH, axis=1)) % 2  # 30 ways in which it may go on
    t = np.arange(ROWS + 10.0)[:, None]
    return Sample(t[:ROWS], y, np.arange(ROWS), np.tile(t[ROWS:], (30, 1)), later.ravel())


def splitter(split: str, folds: int, seed: int) -> Splitter:
    """The splitter of this name."""
    rng = np.random.default_rng(seed)
    return {
        "in order": KFold(folds),
        "shuffled": KFold(folds, rng=rng),
        "stratified": StratifiedKFold(folds, rng=rng),
        "grouped": GroupKFold(folds),
        "past to future": TimeSeriesSplit(folds),
    }[split]


def nearest(x: Array, y: Array, new: Array) -> Array:
    """Each new row gets the label of the nearest known one: a model that remembers all it has seen."""
    return np.asarray(y[((new[:, None] - x) ** 2).sum(axis=2).argmin(axis=1)])


@cache
def scores(data: str, split: str, folds: int) -> tuple[float, float]:
    """Accuracy by cross-validation, and on what comes later, means over 40 data sets."""
    inside, later = [], []
    for seed in range(DRAWS):
        s = sample(data, seed)
        for train, test in splitter(split, folds, seed).split(s.x, s.y, s.groups):
            inside.append((nearest(s.x[train], s.y[train], s.x[test]) == s.y[test]).mean())
        later.append((nearest(s.x, s.y, s.new_x) == s.new_y).mean())
    return float(np.mean(inside)), float(np.mean(later))


@dataclass
class Folds:
    """state: (6, 60), for each fold whether a row is unused, trained on, tested on or leaks; rows of folds that there
    are not are -1. leaks: how many cells leak; empty: folds without a positive row to test. inside, later: accuracy."""

    data: str
    state: Array
    y: Array
    groups: Array
    leaks: int
    empty: int
    inside: float
    later: float


def folds(data: str, split: str, folds: int) -> Folds:
    """Split the first data set of its kind. A training row leaks if it belongs to a person that is tested, or comes
    after a tested row in time."""
    s = sample(data, 0)
    state, empty = np.full((MOST, ROWS), -1), 0
    for k, (train, test) in enumerate(splitter(split, folds, 0).split(s.x, s.y, s.groups)):
        state[k] = UNUSED
        state[k, train], state[k, test] = TRAINED, TESTED
        leak = np.isin(s.groups[train], s.groups[test]) if data == "people" else np.zeros(len(train), bool)
        if data == "time series":
            leak = train > test.min()
        state[k, train[leak]] = LEAKED
        empty += int(s.y[test].sum() == 0)
    return Folds(
        data, state, s.y.copy(), s.groups.copy(), int((state == LEAKED).sum()), empty, *scores(data, split, folds)
    )


class FoldsView:
    """Left the rows and their part in each fold, right both scores."""

    HUES = np.array([to_rgb(c) for c in plots.CLASSES])

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[2.6, 1])
        picture = np.ones((MOST + 3, ROWS, 3))
        self.image = left.imshow(picture, extent=(0, ROWS, MOST + 3, 0), aspect="auto", animated=True)
        left.set_yticks(
            [0.5, 1.5, *(np.arange(MOST) + 3.5)], ["class", "person", *(f"fold {k}" for k in range(1, MOST + 1))]
        )
        left.tick_params(length=0)
        left.set(xlabel="60 rows in the order in which they were recorded", xticks=[0, 20, 40, 60])
        left.grid(False)
        left.set_title("Which rows train, which are tested?")
        names = ("not used", "trained on", "tested on", "trained on, and should not be known")
        handles = [Patch(fc=tuple(c), label=name) for c, name in zip(COLOURS, names, strict=True)]
        figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=9, columnspacing=1.2)
        right.set(xlim=(-0.6, 1.6), ylim=(0, 1.1), ylabel="accuracy", yticks=[0, 0.25, 0.5, 0.75, 1])
        right.set_xticks([0, 1], ["by folds", "later"])
        right.set_title("Does it hold?")
        right.grid(axis="x", visible=False)
        self.bars = right.bar([0, 1], [0, 0], 0.6, color=[plots.BLUE, plots.GREEN], animated=True)
        self.values = [right.text(k, 0, "", ha="center", weight="bold", animated=True) for k in (0, 1)]

    def update(self, d: Folds) -> None:
        picture = np.empty((MOST + 3, ROWS, 3))
        picture[:] = PAPER
        picture[0] = self.HUES[d.y]
        if d.data == "people":
            shade = 0.35 + 0.65 * (d.groups // len(self.HUES) % 2)[:, None]  # 15 people, 8 hues
            picture[1] = 1 - shade * (1 - self.HUES[d.groups % len(self.HUES)])
        there = d.state >= 0
        picture[3:][there] = COLOURS[d.state[there]]
        self.image.set_data(picture)
        for bar, text, value in zip(self.bars, self.values, (d.inside, d.later), strict=True):
            bar.set_height(value)
            text.set_y(value + 0.02)
            text.set_text(f"{value:.2f}")


def folds_explorer() -> Explorer:
    """Five ways to split three kinds of data."""
    for kind in DATA:
        scores(kind, "shuffled", 5)  # draws the data sets now, so that no move of a control has to wait for them
    return Explorer(
        compute=folds,
        draw=FoldsView,
        controls={
            "data": Choice(DATA, "people", label="data"),
            "split": Choice(SPLITS, "shuffled", label="split"),
            "folds": Slider(3, MOST, 1, 5, label="folds"),
        },
        goal=Goal(
            "People: find the split that leaves no red. Which of the two bars moves?",
            lambda d: d.data == "people" and d.leaks == 0,
            solution=dict(data="people", split="grouped"),
        ),
        presets={
            "time, shuffled": dict(data="time series", split="shuffled"),
            "time, honest": dict(data="time series", split="past to future"),
        },
        size=(7.0, 4.0),
        alt="Rows of a data set by fold, trained on, tested on or leaking in red, and the accuracy by folds and later.",
    )
