"""Explorer of chapter 00: a line fitted by hand to hours of study and points in a test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal

_rng = np.random.default_rng(5)
HOURS = np.sort(_rng.uniform(0.5, 9.5, 14))
POINTS = 12 + 4.5 * HOURS + _rng.normal(0, 4, 14)


@dataclass
class LineFit:
    """A line of slope w and intercept b, its predictions (14,), and their mean squared error."""

    w: float
    b: float
    predicted: np.ndarray
    error: float


def line_fit(w: float, b: float) -> LineFit:
    """Predict w * hours + b; the error is the mean of (prediction - points)^2."""
    predicted = w * HOURS + b
    return LineFit(w, b, predicted, float(np.mean((predicted - POINTS) ** 2)))


BEST_W, BEST_B = (float(v) for v in np.polyfit(HOURS, POINTS, 1))


class LineView:
    """Left the points, the line and every residual; right the error as a bar."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[2.6, 1])
        left.set(xlim=(0, 10), ylim=(0, 70), xlabel="hours of study", ylabel="points in the test")
        left.set_title("Every red stroke is a miss")
        (self.residuals,) = left.plot([], [], color=plots.VERMILLION, lw=1.5, animated=True)
        (self.line,) = left.plot([0, 10], [0, 0], color=plots.FORWARD, animated=True)
        left.plot(HOURS, POINTS, "o", color=plots.BLACK, ms=6, zorder=4, animated=True)
        right.set(xlim=(-0.6, 0.6), ylim=(0, 400), xticks=[], ylabel="mean squared error")
        right.set_title("Error")
        (self.bar,) = right.bar([0], [0], width=0.7, color=plots.VERMILLION, animated=True)
        self.value = right.text(0, 0, "", ha="center", weight="bold", animated=True)

    def update(self, d: LineFit) -> None:
        self.line.set_ydata([d.b, 10 * d.w + d.b])
        gap = np.full(len(HOURS), np.nan)  # interrupts the line between strokes: one artist draws all
        self.residuals.set_data(
            np.column_stack([HOURS, HOURS, gap]).ravel(), np.column_stack([POINTS, d.predicted, gap]).ravel()
        )
        self.bar.set_height(min(d.error, 400))
        self.value.set_y(min(d.error, 375) + 6)
        self.value.set_text(f"{d.error:.1f}")


def line_explorer() -> Explorer:
    """Fit a line by hand: the learner is the optimizer."""
    return Explorer(
        compute=line_fit,
        draw=LineView,
        controls={
            "w": Slider(0.0, 10.0, 0.1, 1.0, label="slope w", unit="points per hour"),
            "b": Slider(0.0, 40.0, 0.5, 30.0, label="start b", unit="points"),
        },
        goal=Goal(
            "Make the error smaller than 18.",
            lambda d: d.error < 18,
            solution=dict(w=round(BEST_W, 1), b=round(BEST_B * 2) / 2),
        ),
        alt="Test results against hours of study, a line, the misses as strokes, and the mean squared error.",
    )
