"""Explorer of chapter 26: a teacher's probabilities, softened by a temperature, and what students learn from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import smaller_runs
from nnlab.datasets.smaller import SMALLER
from nnlab.explore.controls import Levels, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.activations import softmax

from .digits_net import digits, layers, logits

Array = NDArray[Any]
SHOWN = 200
TEMPERATURES = SMALLER["temperatures"]
GOAL_TEMPERATURE, GOAL_SHARE = 4.0, 0.15


@cache
def teacher() -> Array:
    """Logits (200, 10) of the first test digits. They are cached: do not write into them."""
    return logits(layers()[0], digits()[0][:SHOWN]).astype(np.float64)


@dataclass
class Softened:
    """p: (10,) the teacher's probabilities at this temperature for one digit (28, 28), whose label is given. bits: the
    entropy of p, in bits. few, threes: what students taught at this temperature reach, with 500 digits on all classes,
    and without a 3 on the 3s."""

    digit: Array
    label: int
    temperature: float
    p: Array
    bits: float
    few: float
    threes: float


def softened(digit: float, temperature: float) -> Softened:
    """softmax(z / T) of the teacher's logits z, and the recorded students."""
    x, labels = digits()
    p = softmax(teacher()[int(digit)] / temperature)
    entropy = float(-np.sum(p * np.log2(np.maximum(p, 1e-300))))
    k, runs = TEMPERATURES.index(temperature), smaller_runs_cached()
    few, threes = runs[0][k], runs[1][k]
    picture = x[int(digit)].reshape(28, 28).copy()
    return Softened(picture, int(labels[int(digit)]), temperature, p, entropy, float(few), float(threes))


@cache
def smaller_runs_cached() -> tuple[Array, Array]:
    """By temperature, means over seeds: (5,) with 500 digits, and (5,) on the 3s without a 3."""
    runs = smaller_runs()
    return runs.soft[1].mean(axis=1), runs.without[:, :, 1].mean(axis=1)


class SofteningView:
    """The digit, what the teacher says of it, and what students made of such answers."""

    def __init__(self, figure: Figure):
        axes = figure.subplot_mosaic([["digit", "bars", "students"]], width_ratios=[0.7, 1.35, 1.3])
        digit, bars, students = axes["digit"], axes["bars"], axes["students"]
        self.image = digit.imshow(np.zeros((28, 28)), cmap="gray_r", vmin=0, vmax=1, animated=True)
        digit.set(xticks=[], yticks=[])
        digit.grid(False)
        digit.set_title("The picture")
        self.text = digit.text(0, 31, "", va="top", fontsize=9, linespacing=1.5, animated=True)
        bars.set(xlim=(-0.6, 9.6), ylim=(0, 1.02), xlabel="class", ylabel="teacher's probability")
        bars.set_xticks(range(10))
        bars.set_title("What it resembles")
        self.bars = bars.bar(range(10), np.zeros(10), color=plots.BLUE, animated=True)
        few, threes = smaller_runs_cached()
        students.set(xscale="log", xlim=(0.85, 19), ylim=(0, 1.02), xlabel="temperature", ylabel="accuracy")
        students.set_xticks(list(TEMPERATURES), [f"{t:g}" for t in TEMPERATURES])
        students.minorticks_off()
        students.set_title("Students")
        students.plot(TEMPERATURES, few, "o-", ms=4, color=plots.GREEN, label="500 digits")
        students.plot(TEMPERATURES, threes, "s-", ms=4, color=plots.PURPLE, label="3s, none seen")
        (self.here,) = students.plot([], [], "o", ms=9, mfc="none", mew=2, color=plots.BLACK, animated=True)
        students.legend(loc="center right", fontsize=9)

    def update(self, d: Softened) -> None:
        self.image.set_data(d.digit)
        self.text.set_text(f"label {d.label}\nentropy\n{d.bits:.2f} bits")
        for k, (bar, height) in enumerate(zip(self.bars, d.p, strict=True)):
            bar.set_height(height)
            bar.set_color(plots.ORANGE if k == d.label else plots.BLUE)
        self.here.set_data([d.temperature] * 2, [d.few, d.threes])


def softening_explorer() -> Explorer:
    """The temperature of a teacher's answers."""
    return Explorer(
        compute=softened,
        draw=SofteningView,
        controls={
            "digit": Slider(0, SHOWN - 1, 1, 0, label="test digit"),
            "temperature": Levels(TEMPERATURES, 1.0, label="temperature"),
        },
        goal=Goal(
            f"Find a digit that is no 3, of which the teacher, at a temperature of at most {GOAL_TEMPERATURE:g}, says "
            f"that it is a 3 with a probability of {GOAL_SHARE:.0%} or more. Would its label have told a student this?",
            lambda d: d.label != 3 and d.temperature <= GOAL_TEMPERATURE and d.p[3] >= GOAL_SHARE,
            solution=dict(digit=38, temperature=4.0),
        ),
        size=(7.2, 3.4),
        alt="A digit, the teacher's softened probabilities for it, and the accuracy of students by temperature.",
    )
