"""Explorer of chapter 15: a classifier that may say "I don't know": how many answers, and how many of them correct?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import emoji, picture_ladder
from nnlab.datasets.pictures import emoji_split
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[np.float64]
NETWORKS = {"linear": ("linear", 1), "one network": ("convolution", 1), "three networks": ("convolution", 3)}
# shown name -> step of the ladder, and how many of its seeds are averaged
THRESHOLDS = np.arange(0, 1, 0.01)
BINS = np.linspace(0, 1, 21)
GOAL_ACCURACY, GOAL_COVERAGE = 0.9, 0.5
LEAST = 15  # answers below which a share of correct ones is not drawn


@cache
def answers(network: str, part: str) -> tuple[Array, NDArray[np.bool_]]:
    """Confidences (N,), and which predictions are correct, (N,), on "validation" or "test".

    They are cached: do not write into them."""
    rows = emoji_split()[1 if part == "validation" else 2]
    ladder = picture_ladder()
    step, seeds = NETWORKS[network]
    p = (ladder.validation if part == "validation" else ladder.test)[ladder.steps.index(step), :seeds].mean(axis=0)
    return p.max(axis=1).astype(np.float64), p.argmax(axis=1) == emoji().labels[rows]


def coverage_and_accuracy(confidence: Array, correct: NDArray[np.bool_], threshold: float) -> tuple[float, float]:
    """The share of rows with at least this confidence, and of these the share that is correct (1 of none)."""
    kept = confidence >= threshold
    return float(kept.mean()), float(correct[kept].mean()) if kept.any() else 1.0


@cache
def curve(network: str, part: str) -> Array:
    """(T, 2) coverage and accuracy over THRESHOLDS, where there are enough answers. Cached: do not write into it."""
    confidence, correct = answers(network, part)
    found = [coverage_and_accuracy(confidence, correct, t) for t in THRESHOLDS]
    return np.array([pair for pair in found if pair[0] * len(correct) >= LEAST])


@dataclass
class Coverage:
    """validation, test: (coverage, accuracy) at the threshold; curves: the same over all thresholds, (T, 2) each.
    right, wrong: (20,) validation pictures by confidence."""

    threshold: float
    validation: tuple[float, float]
    test: tuple[float, float]
    curves: tuple[Array, Array]
    right: Array
    wrong: Array


def coverage(network: str, threshold: float) -> Coverage:
    """Answer only where the most probable class has at least the probability `threshold`."""
    confidence, correct = answers(network, "validation")
    right, wrong = (np.histogram(confidence[chosen], BINS)[0].astype(float) for chosen in (correct, ~correct))
    return Coverage(
        threshold,
        coverage_and_accuracy(confidence, correct, threshold),
        coverage_and_accuracy(*answers(network, "test"), threshold),
        (curve(network, "validation").copy(), curve(network, "test").copy()),
        right,
        wrong,
    )


class CoverageView:
    """Left how sure the correct and the wrong answers are, right accuracy over coverage."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(0, 1), ylim=(0, 90), xlabel="confidence", ylabel="validation pictures")
        left.set_title("Wrong answers are less sure")
        width, places = BINS[1], BINS[:-1] + BINS[1] / 2
        looks = ((plots.BLUE, "correct"), (plots.VERMILLION, "wrong"))
        self.bars = [
            left.bar(places, np.zeros(20), 0.9 * width, color=color, label=name, animated=True) for color, name in looks
        ]
        (self.cut,) = left.plot([], [], color=plots.BLACK, lw=1.5, animated=True)
        right.set(xlim=(0, 1.02), ylim=(0.4, 1.01), xlabel="share that is answered", ylabel="share of these correct")
        right.set_title("Fewer answers, better ones")
        looks = ((plots.VALIDATION, "validation"), (plots.TEST, "test"))
        self.curves = [right.plot([], [], ls, color=plots.BLUE, label=name, animated=True)[0] for ls, name in looks]
        self.points = [
            right.plot([], [], marker, color=plots.BLACK, ms=8, ls="", animated=True, clip_on=False)[0]
            for marker in "os"
        ]
        self.text = right.text(0.03, 0.03, "", transform=right.transAxes, fontsize=8.5, linespacing=1.5, animated=True)
        handles = [*self.bars, *self.curves]
        figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=9)

    def update(self, d: Coverage) -> None:
        for bars, heights, below in zip(self.bars, (d.right, d.wrong), (np.zeros(20), d.right), strict=True):
            for bar, height, y in zip(bars, heights, below, strict=True):
                bar.set_height(height)
                bar.set_y(y)
        self.cut.set_data([d.threshold] * 2, [0, 88])
        for line, point, points, here in zip(self.curves, self.points, d.curves, (d.validation, d.test), strict=True):
            line.set_data(*points.T)
            point.set_data([here[0]], [here[1]])
        rows = zip(("● validation", "■ test"), (d.validation, d.test), strict=True)
        self.text.set_text("\n".join(f"{name}: {a:.0%} answered, {b:.0%} correct" for name, (a, b) in rows))


def coverage_explorer() -> Explorer:
    """A threshold on the confidence of three classifiers of emoji."""
    for network in NETWORKS:
        for part in ("validation", "test"):
            curve(network, part)  # read now, so that no move of a control has to wait for it
    return Explorer(
        compute=coverage,
        draw=CoverageView,
        controls={
            "network": Choice(list(NETWORKS), "one network", label="classifier"),
            "threshold": Slider(0.0, 0.99, 0.01, 0.0, label="threshold"),
        },
        goal=Goal(
            f"Find a threshold with which {GOAL_ACCURACY:.0%} of the answers on validation pictures are correct, and "
            f"{GOAL_COVERAGE:.0%} are answered. Does it hold on the test pictures?",
            lambda d: d.validation[1] >= GOAL_ACCURACY and d.validation[0] >= GOAL_COVERAGE,
            solution=dict(network="three networks", threshold=0.6),
        ),
        size=(7.0, 3.7),
        alt="Confidence of correct and wrong answers, and the share of correct answers over the share answered.",
    )
