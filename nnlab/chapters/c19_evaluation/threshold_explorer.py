"""Explorer of chapter 19: one threshold on two overlapping bells; confusion matrix, ROC and PR move together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Levels, Slider
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[np.float64]
PEOPLE = 10_000
RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
GOAL_RATE, GOAL_SEPARATION, GOAL_PRECISION, GOAL_RECALL = 0.01, 2.0, 0.5, 0.15
_SCORES = np.linspace(-4, 8, 241)
_CUTS = np.linspace(-6, 12, 361)  # thresholds at which the curves are computed, rising


def above(t: Array | float, mean: float = 0.0) -> Array:
    """The share of a bell of standard deviation 1 around `mean` that lies above t: erfc((t - mean) / sqrt 2) / 2."""
    return np.array([0.5 * math.erfc((value - mean) / math.sqrt(2)) for value in np.atleast_1d(t)])


def _bell(mean: float) -> Array:
    return np.asarray(np.exp(-((_SCORES - mean) ** 2) / 2) / math.sqrt(2 * math.pi))


@dataclass
class ThresholdCounts:
    """Negatives score N(0, 1), positives N(separation, 1); a share `rate` is positive. matrix: (2, 2) of 10,000 people,
    rows are the truth (negative first). fpr, tpr, precision (361,) over all thresholds; area under ROC and average
    precision of the whole curves; bells: (2, 241), the densities times the shares of the classes."""

    threshold: float
    separation: float
    rate: float
    matrix: Array
    fpr: Array
    tpr: Array
    precision: Array
    roc_auc: float
    average_precision: float
    bells: Array

    @property
    def recall(self) -> float:
        """TP / (TP + FN)."""
        return float(self.matrix[1, 1] / self.matrix[1].sum())

    @property
    def precision_here(self) -> float:
        """TP / (TP + FP) at the threshold."""
        return float(self.matrix[1, 1] / self.matrix[:, 1].sum())

    @property
    def false_alarms(self) -> float:
        """FP / (FP + TN), the false positive rate."""
        return float(self.matrix[0, 1] / self.matrix[0].sum())

    @property
    def accuracy(self) -> float:
        """(TP + TN) / all."""
        return float(np.trace(self.matrix) / PEOPLE)


def threshold_counts(threshold: float, separation: float, rate: float) -> ThresholdCounts:
    """Everything that one threshold decides, and both curves over all thresholds. Exact, by integrals of the bells."""
    shares = np.array([1 - rate, rate])
    flagged = np.array([above(threshold)[0], above(threshold, separation)[0]])
    matrix = PEOPLE * shares[:, None] * np.column_stack([1 - flagged, flagged])
    fpr, tpr = above(_CUTS), above(_CUTS, separation)
    precision = rate * tpr / (rate * tpr + (1 - rate) * fpr)
    area = float(above(0.0, separation / math.sqrt(2))[0])
    average_precision = float(np.sum((tpr[:-1] - tpr[1:]) * (precision[1:] + precision[:-1]) / 2))
    bells = shares[:, None] * np.array([_bell(0), _bell(separation)])
    return ThresholdCounts(threshold, separation, rate, matrix, fpr, tpr, precision, area, average_precision, bells)


class ThresholdView:
    """Above the bells and the confusion matrix, below ROC and PR."""

    def __init__(self, figure: Figure):
        axes = figure.subplot_mosaic([["bells", "matrix"], ["roc", "pr"]], width_ratios=[1.15, 1])
        self._bells(axes["bells"])
        self._matrix(axes["matrix"])
        roc, pr = axes["roc"], axes["pr"]
        for ax in (roc, pr):
            ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))
        roc.set(xlabel="false alarms FP / negatives", ylabel="recall TP / positives")
        roc.set_title("ROC")
        roc.plot([0, 1], [0, 1], color=plots.GREY, lw=1, ls="-.")
        pr.set(xlabel="recall TP / positives", ylabel="precision TP / alarms")
        pr.set_title("Precision and recall")
        self.curves = [ax.plot([], [], color=plots.BLUE, animated=True)[0] for ax in (roc, pr)]
        (self.chance,) = pr.plot([], [], color=plots.GREY, lw=1, ls="-.", animated=True)
        self.points = [
            ax.plot([], [], "o", color=plots.VERMILLION, ms=9, animated=True, clip_on=False)[0] for ax in (roc, pr)
        ]

    def _bells(self, ax: Axes) -> None:
        ax.set(xlim=(-4, 8), ylim=(0, 0.53), yticks=[], xlabel="score", ylabel="people")
        ax.set_title("Everyone to the right is flagged")
        looks = ((plots.ORANGE, "negative"), (plots.BLUE, "positive"))
        self.lines = [ax.plot([], [], color=color, label=name, animated=True)[0] for color, name in looks]
        self.fills = [ax.fill([0], [0], fc=color, ec="none", alpha=0.45, animated=True)[0] for color, _ in looks]
        (self.cut,) = ax.plot([], [], color=plots.BLACK, lw=1.5, animated=True)
        ax.legend(loc="upper right", ncols=2)

    def _matrix(self, ax: Axes) -> None:
        ax.set(xlim=(-1, 2), ylim=(-2.6, 2.4), xticks=[], yticks=[])
        ax.grid(False)
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
        ax.set_title(f"{PEOPLE:,} people")
        small: dict[str, Any] = dict(fontsize=9, color=plots.GREY)
        for k, name in enumerate(("not flagged", "flagged")):
            ax.text(0.5 + k, 2.1, name, ha="center", **small)
        for k, name in enumerate(("negative", "positive")):
            ax.text(-0.08, 1.5 - k, name, ha="right", va="center", **small)
        colours = [["#f4f4f0", "#f7dfae"], ["#f4f4f0", "#b5d4e8"]]
        self.cells = []
        for i in (0, 1):
            for j in (0, 1):
                ax.fill([j, j + 1, j + 1, j], [1 - i, 1 - i, 2 - i, 2 - i], fc=colours[i][j], ec="white", lw=2)
                self.cells.append(ax.text(j + 0.5, 1.5 - i, "", ha="center", va="center", weight="bold", animated=True))
        names = ("accuracy", "precision", "recall", "area under ROC", "average precision")
        for k, name in enumerate(names):
            ax.text(-0.9, -0.5 - 0.5 * k, name)
        self.values = [ax.text(1.9, -0.5 - 0.5 * k, "", ha="right", weight="bold", animated=True) for k in range(5)]

    def update(self, d: ThresholdCounts) -> None:
        right = np.maximum(_SCORES, d.threshold)
        for line, fill, bell in zip(self.lines, self.fills, d.bells, strict=True):
            line.set_data(_SCORES, bell)
            height = np.where(d.threshold <= _SCORES, bell, np.interp(d.threshold, _SCORES, bell))
            fill.set_xy(np.column_stack([[d.threshold, *right, right[-1]], [0, *height, 0]]))
        self.cut.set_data([d.threshold] * 2, [0, 0.42])
        for text, count in zip(self.cells, d.matrix.ravel(), strict=True):
            text.set_text(f"{count:,.0f}")
        values = (d.accuracy, d.precision_here, d.recall, d.roc_auc, d.average_precision)
        for text, value in zip(self.values, values, strict=True):
            text.set_text(f"{value:.3f}")
        self.curves[0].set_data(d.fpr, d.tpr)
        self.curves[1].set_data(d.tpr, d.precision)
        self.points[0].set_data([d.false_alarms], [d.recall])
        self.points[1].set_data([d.recall], [d.precision_here])
        self.chance.set_data([0, 1], [d.rate] * 2)


def threshold_explorer() -> Explorer:
    """A threshold on the scores of two classes, with the share of positives on a slider."""
    return Explorer(
        compute=threshold_counts,
        draw=ThresholdView,
        controls={
            "threshold": Slider(-3.0, 6.0, 0.05, 1.0, label="threshold"),
            "separation": Slider(0.0, 4.0, 0.1, 2.0, label="separation of the bells"),
            "rate": Levels(RATES, 0.5, label="share of positives"),
        },
        goal=Goal(
            f"Positives {GOAL_RATE:.0%}, separation {GOAL_SEPARATION:.0f}: find a threshold where half of those "
            f"flagged are positive and still {GOAL_RECALL:.0%} of the positives are flagged. Where is the dot on ROC?",
            lambda d: (
                d.rate == GOAL_RATE
                and d.separation == GOAL_SEPARATION
                and d.precision_here >= GOAL_PRECISION
                and d.recall >= GOAL_RECALL
            ),
            solution=dict(threshold=3.0, separation=GOAL_SEPARATION, rate=GOAL_RATE),
        ),
        presets={"half are positive": dict(rate=0.5), "1 in 100": dict(rate=0.01), "1 in 1,000": dict(rate=0.001)},
        size=(7.0, 5.2),
        alt="Two bells of scores cut by a threshold, the confusion matrix, ROC and the precision-recall curve.",
    )
