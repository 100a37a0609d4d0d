"""Explorer of chapter 03: a line fitted to points with one outlier, under MSE, MAE and Huber."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.losses import huber, l1, mse

_rng = np.random.default_rng(2)
X = np.append(np.linspace(0.3, 8.7, 15), 9.3)  # the last point is the outlier
CLEAN = 2 + 1.5 * X + _rng.normal(0, 0.8, 16)
_RESIDUALS = np.linspace(-6, 6, 241)
_PAIRS = np.array(list(combinations(range(16), 2)))


def fit_mse(x: np.ndarray, y: np.ndarray, weight: np.ndarray | float = 1.0) -> np.ndarray:
    """(slope, intercept) of the line with the least (weighted) mean squared error."""
    share = np.broadcast_to(weight, x.shape) / np.sum(np.broadcast_to(weight, x.shape))
    mean_x, mean_y = share @ x, share @ y
    slope = share @ ((x - mean_x) * (y - mean_y)) / (share @ (x - mean_x) ** 2)
    return np.array([slope, mean_y - slope * mean_x])


def fit_l1(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(slope, intercept) of the line with the least mean absolute error: one such line passes through two points, so
    the best of all pairs is exact."""
    i, j = _PAIRS.T
    slopes = (y[j] - y[i]) / (x[j] - x[i])
    intercepts = y[i] - slopes * x[i]
    errors = np.abs(slopes[:, None] * x + intercepts[:, None] - y).mean(axis=1)
    best = errors.argmin()
    return np.array([slopes[best], intercepts[best]])


def fit_huber(x: np.ndarray, y: np.ndarray, delta: float) -> np.ndarray:
    """(slope, intercept) of the line with the least Huber loss, by reweighted least squares: a point of error e above
    delta counts delta / |e| as much. It ends at the minimum, because the loss is convex."""
    line = fit_mse(x, y)
    for _ in range(100):
        e = line[0] * x + line[1] - y
        line = fit_mse(x, y, np.minimum(1, delta / np.maximum(np.abs(e), 1e-12)))
    return line


@dataclass
class OutlierLines:
    """The points y (16,), and slope and intercept of the best line under each loss, with and without the outlier."""

    y: np.ndarray
    delta: float
    lines: np.ndarray  # (3, 2): MSE, MAE, Huber
    clean: np.ndarray  # the same with the last point where it belongs
    huber: np.ndarray

    @property
    def moved(self) -> np.ndarray:
        """How far each line's slope was moved by the outlier, (3,)."""
        return np.abs(self.lines[:, 0] - self.clean[:, 0])


def outlier_lines(height: float, delta: float) -> OutlierLines:
    """The best line under each loss for 16 points, the last one moved to `height`."""
    y = np.append(CLEAN[:-1], height)
    lines, clean = (np.array([fit_mse(X, v), fit_l1(X, v), fit_huber(X, v, delta)]) for v in (y, CLEAN))
    return OutlierLines(y, delta, lines, clean, huber(_RESIDUALS, np.zeros(1), delta))


class OutlierView:
    """Left the points and three lines, right the three losses as functions of one error."""

    LOOKS = ((plots.BLUE, "-", "MSE"), (plots.ORANGE, "--", "MAE"), (plots.GREEN, ":", "Huber"))

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.4, 1])
        left.set(xlim=(0, 10), ylim=(-15, 41), xlabel="input x", ylabel="target y")
        left.set_title("One point pulls at three lines")
        left.plot(X[:-1], CLEAN[:-1], "o", color=plots.BLACK, ms=5)
        (self.outlier,) = left.plot([], [], "o", color=plots.VERMILLION, ms=9, animated=True, zorder=5)
        right.set(xlim=(-6, 6), ylim=(0, 10), xlabel="error e", ylabel="loss")
        right.set_title("What an error costs")
        right.plot(_RESIDUALS, mse(_RESIDUALS, np.zeros(1)), color=plots.BLUE, ls="-")
        right.plot(_RESIDUALS, l1(_RESIDUALS, np.zeros(1)), color=plots.ORANGE, ls="--")
        (self.huber,) = right.plot([], [], color=plots.GREEN, ls=":", lw=3, animated=True)
        self.lines = [left.plot([], [], color=c, ls=s, lw=2.5, label=n, animated=True)[0] for c, s, n in self.LOOKS]
        left.legend(loc="lower left", ncols=3, columnspacing=1, handlelength=1.8)
        self.text = left.text(0.2, 36, "", fontsize=9, animated=True)

    def update(self, d: OutlierLines) -> None:
        self.outlier.set_data([X[-1]], [d.y[-1]])
        for line, (slope, intercept) in zip(self.lines, d.lines, strict=True):
            line.set_data([0, 10], [intercept, intercept + 10 * slope])
        self.huber.set_data(_RESIDUALS, d.huber)
        a, b, c = d.moved
        self.text.set_text(f"slope moved: MSE {a:z.2f}, MAE {b:z.2f}, Huber {c:z.2f}")


def outlier_explorer() -> Explorer:
    """A line under MSE, MAE and Huber, with one point that does not belong."""
    return Explorer(
        compute=outlier_lines,
        draw=OutlierView,
        controls={
            "height": Slider(-10.0, 30.0, 0.5, 30.0, label="height of the last point"),
            "delta": Slider(0.1, 10.0, 0.1, 1.0, label="delta of Huber"),
        },
        goal=Goal(
            "With the last point at -10, choose delta so that Huber's line moves at least 5 times less than MSE's.",
            lambda d: d.y[-1] == -10 and 0 < 5 * d.moved[2] <= d.moved[0],
            solution=dict(height=-10.0, delta=0.5),
        ),
        alt="Points with one outlier, the best line under three losses, and the three losses as curves.",
    )
