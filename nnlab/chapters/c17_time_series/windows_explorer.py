"""Explorer of chapter 17: windows of a short series, and which of their values leak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

HOURS, CUT, STEP, ROWS = 60, 42, 3, 20
SPLITS = ("random", "by the first target", "by all targets")
SCALERS = ("all hours", "hours before the cut")
NOTHING, TRAIN_INPUT, TRAIN_TARGET, TEST_INPUT, TEST_TARGET, LEAK, LEFT_OUT = range(7)
HUES = (plots.PAPER, "#b5d4e8", plots.BLUE, "#b3e0d3", plots.GREEN, plots.VERMILLION, "#d8d8d4")
COLOURS = np.array([to_rgb(c) for c in HUES])
GOAL_HORIZON = 6


@dataclass
class Design:
    """state: (20, 60), for every window and hour what the value is there; rows beyond the last window are 0. scaler:
    (60,), the hours that the scaler is fitted on. train, test, left_out: windows; leaks: red values."""

    state: NDArray[np.int64]
    scaler: NDArray[np.int64]
    train: int
    test: int
    left_out: int
    leaks: int
    horizon: int


def design(length: int, horizon: int, split: str, scaler: str) -> Design:
    """Cut 60 hours into windows, one every three hours, split them, and mark what is tested and trained on."""
    start = np.arange(length, HOURS - horizon + 1, STEP)
    if split == "random":
        tested = np.random.default_rng(2).random(ROWS)[: len(start)] < 0.3
        trained = ~tested
    else:
        tested = start >= CUT
        trained = ~tested if split == "by the first target" else start + horizon <= CUT
    hours = np.arange(HOURS)
    inputs = (hours >= start[:, None] - length) & (hours < start[:, None])
    targets = (hours >= start[:, None]) & (hours < start[:, None] + horizon)
    unknown = targets[tested].any(axis=0)  # (60,), what is tested
    state = np.zeros((ROWS, HOURS), int)
    shown = state[: len(start)]
    for rows, for_input, for_target in (
        (trained, TRAIN_INPUT, TRAIN_TARGET),
        (tested, TEST_INPUT, TEST_TARGET),
        (~trained & ~tested, LEFT_OUT, LEFT_OUT),
    ):
        shown[rows[:, None] & inputs], shown[rows[:, None] & targets] = for_input, for_target
    shown[trained[:, None] & (inputs | targets) & unknown] = LEAK
    seen = np.where((hours < CUT) | (scaler == "all hours"), TRAIN_INPUT, NOTHING)
    seen[(seen == TRAIN_INPUT) & unknown] = LEAK
    train, test, left_out = (int(rows.sum()) for rows in (trained, tested, ~trained & ~tested))
    leaks = int((state == LEAK).sum() + (seen == LEAK).sum())
    return Design(state, seen, train, test, left_out, leaks, horizon)


class DesignView:
    """Left a row for each window, above them the scaler; right the counts."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[5, 1])
        self.image = left.imshow(
            np.ones((ROWS + 2, HOURS, 3)), extent=(0, HOURS, ROWS + 2, 0), aspect="auto", animated=True
        )
        left.set_yticks([0.5, ROWS / 2 + 2], ["scaler", "windows"])
        left.tick_params(length=0)
        left.grid(False)
        left.axvline(CUT, color=plots.BLACK, lw=1.2, ls="-.", zorder=3, animated=True)
        left.set(xlabel="hour (the line is the cut in time)", xticks=range(0, HOURS + 1, 12))
        left.set_title("Red: a tested hour that training has seen")
        names = ("training: input", "training: target", "test: input", "test: target", "leak", "left out")
        handles = [Patch(fc=c, label=name) for c, name in zip(HUES[1:], names, strict=True)]
        figure.legend(handles=handles, loc="outside lower center", ncols=6, fontsize=9, columnspacing=1.0)
        right.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
        right.grid(False)
        for side in ("left", "bottom"):
            right.spines[side].set_visible(False)
        self.texts = [right.text(0.0, 0.95 - 0.14 * k, "", va="top", fontsize=9.5, animated=True) for k in range(4)]

    def update(self, d: Design) -> None:
        picture = np.empty((ROWS + 2, HOURS, 3))
        picture[:] = COLOURS[NOTHING]
        picture[0], picture[2:] = COLOURS[d.scaler], COLOURS[d.state]
        self.image.set_data(picture)
        words = (f"training {d.train}", f"test {d.test}", f"left out {d.left_out}", f"red values {d.leaks}")
        for text, word in zip(self.texts, words, strict=True):
            text.set_text(word)


def windows_explorer() -> Explorer:
    """Length, horizon, split and scaler of windows; values that leak are red."""
    return Explorer(
        compute=design,
        draw=DesignView,
        controls={
            "length": Slider(2, 24, 1, 12, label="length", unit="hours"),
            "horizon": Slider(1, 12, 1, 3, label="horizon", unit="hours"),
            "split": Choice(SPLITS, "random", label="split"),
            "scaler": Choice(SCALERS, "all hours", label="scaler fitted on"),
        },
        goal=Goal(
            f"Horizon {GOAL_HORIZON}: no red at all, and at least 4 windows to test. What does it cost?",
            lambda d: d.horizon == GOAL_HORIZON and d.leaks == 0 and d.test >= 4,
            solution=dict(horizon=GOAL_HORIZON, split="by all targets", scaler="hours before the cut"),
        ),
        size=(7.4, 4.2),
        alt="Windows of a series as rows over time, for training or test, with values that leak in red.",
    )
