"""Explorer of chapter 09: the learning-rate range test on a real network, and a short run at a chosen rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.chapters.c09_schedules.digits_run import DigitsTraining, smoothed
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

LOW, HIGH, STEPS, SHORT = 1e-5, 10.0, 300, 100
RATES = np.geomspace(LOW, HIGH, STEPS)
NAMES = ("sgd", "momentum", "adam")
TARGET = 0.65


@lru_cache(maxsize=30)
def range_test(optimizer: str, seed: int) -> np.ndarray:
    """The loss of each of 300 batches, (300,), while the rate grows from 1e-5 to 10 by a constant factor."""
    training = DigitsTraining(seed, optimizer)
    for lr in RATES:
        training.step(float(lr))
    return np.array(training.losses)


@lru_cache(maxsize=500)
def short_training(optimizer: str, seed: int, lr: float) -> tuple[np.ndarray, float]:
    """A new network trained for 100 steps at one rate: the losses of its batches, and its validation loss."""
    training = DigitsTraining(seed, optimizer)
    for _ in range(SHORT):
        training.step(lr)
    return np.array(training.losses), training.validation()


def marks(curve: np.ndarray) -> tuple[int, int]:
    """Where a smoothed curve (steps,) falls fastest before its minimum, and where it has climbed halfway back.

    The rates grow by a constant factor, so a slope from step to step is a slope over the logarithm of the rate."""
    lowest = int(np.argmin(curve[10:])) + 10  # the first ten steps are too noisy to hold a minimum
    slope = np.gradient(curve)[: lowest + 1]
    fastest = int(np.argmin(slope[10:])) + 10 if lowest > 10 else lowest
    back = np.flatnonzero(curve[lowest:] > (curve[10] + curve[lowest]) / 2)
    return fastest, lowest + int(back[0]) if len(back) else len(curve) - 1


@dataclass
class RangeTest:
    """raw, curve: the test's losses, (300,), as they are and smoothed; fastest, blown: the steps marked on it; losses:
    (100,), those of the run at the chosen rate lr; validation: that run's validation loss."""

    optimizer: str
    raw: np.ndarray
    curve: np.ndarray
    fastest: int
    blown: int
    lr: float
    losses: np.ndarray
    validation: float


def tested(optimizer: str, lr: float, beta: float, seed: int) -> RangeTest:
    """The range test of this optimizer and seed, smoothed by beta, and 100 steps at the rate lr.

    The marks come from a centred mean of 21 batches, which does not lag, whatever beta is."""
    raw = range_test(optimizer, seed)
    curve = smoothed(raw, beta)
    centred = np.convolve(np.pad(raw, 10, mode="edge"), np.ones(21) / 21, mode="valid")
    fastest, blown = marks(centred)
    losses, validation = short_training(optimizer, seed, lr)
    return RangeTest(optimizer, raw, curve, fastest, blown, lr, smoothed(losses, 0.9), validation)


class RangeView:
    """Left the loss over the growing rate, right 100 steps at the chosen one."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.6, 1])
        left.set(xlim=(LOW, HIGH), ylim=(0, 4), xscale="log", xlabel="learning rate, growing", ylabel="loss of a batch")
        left.set_title("One run tries every rate")
        (self.raw,) = left.plot([], [], color=plots.SKY, lw=0.7, animated=True)
        (self.curve,) = left.plot([], [], color=plots.BLUE, animated=True)
        (self.chosen,) = left.plot([], [], color=plots.BLACK, lw=1.5, ls="--", animated=True)
        (self.fastest,) = left.plot([], [], "v", color=plots.GREEN, ms=10, mec="white", animated=True)
        (self.blown,) = left.plot([], [], "X", color=plots.VERMILLION, ms=10, mec="white", animated=True)
        for y, marker, colour, words in (
            (3.75, "v", plots.GREEN, "where it falls fastest"),
            (3.4, "X", plots.VERMILLION, "where it blows up"),
        ):
            left.plot([1.4e-5], [y], marker, color=colour, ms=9, mec="white")
            left.text(2.1e-5, y, words, va="center", fontsize=9)
        right.set(xlim=(0, SHORT), ylim=(0, 4), xlabel="step", ylabel="loss")
        right.set_title("100 steps at that rate")
        (self.losses,) = right.plot([], [], color=plots.BLUE, animated=True)
        (self.end,) = right.plot([], [], "o", color=plots.VERMILLION, ms=8, clip_on=False, animated=True, zorder=5)
        self.text = right.text(
            0.97, 0.94, "", ha="right", va="top", weight="bold", fontsize=9, animated=True, transform=right.transAxes
        )

    def update(self, d: RangeTest) -> None:
        self.raw.set_data(RATES, d.raw)
        self.curve.set_data(RATES, d.curve)
        self.chosen.set_data([d.lr, d.lr], [0, 3.1])
        for mark, place in ((self.fastest, d.fastest), (self.blown, d.blown)):
            mark.set_data([RATES[place]], [min(d.curve[place], 3.9)])
        self.losses.set_data(range(1, SHORT + 1), d.losses)
        self.end.set_data([SHORT], [min(d.validation, 3.9)])
        self.text.set_text(f"rate {d.lr:.2g}\nvalidation loss {d.validation:.2f}")


def range_test_explorer() -> Explorer:
    """Let the rate grow until training blows up, choose one, and see whether it was a good choice."""
    return Explorer(
        compute=tested,
        draw=RangeView,
        controls={
            "optimizer": Choice(NAMES, "momentum", label="optimizer"),
            "lr": Slider(LOW, HIGH, 0.25, 0.0001, label="rate chosen", log=True),
            "beta": Slider(0.0, 0.98, 0.02, 0.9, label="smoothing"),
            "seed": Slider(0, 4, 1, 0, label="seed"),
        },
        goal=Goal(
            f"Switch to adam. Read a rate off the left picture whose 100 steps end with a validation loss below "
            f"{TARGET}.",
            lambda d: d.optimizer == "adam" and d.validation < TARGET,
            solution=dict(optimizer="adam", lr=0.01),
        ),
        alt="The loss of a network while its learning rate grows, with the place where it falls fastest and where it "
        "blows up, and a short training run at a chosen rate.",
    )
