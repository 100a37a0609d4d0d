"""Explorer of chapter 10: why L1 sets weights to exactly zero and L2 does not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import diabetes
from nnlab.explore.controls import Levels
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[np.float64]
NAMES = ("age", "sex", "body mass", "blood\npressure", "s1", "s2", "s3", "s4", "s5", "blood\nsugar")
PAIR = [2, 3]  # columns of the left pictures: body mass and blood pressure
TRAIN = 300  # of 442 people; the others are for validation
STRENGTHS = (0, 0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)
GOAL_ZEROS = 5


@cache
def people() -> tuple[Array, Array, Array, Array]:
    """x: (N, 10) and y: (N,) of 300 people with diabetes, then of 142 others; y is how far the illness has progressed
    a year later. Every column is in standard deviations from its mean, both of the 300. Source: Efron et al. 2004."""
    x, y, _ = diabetes()
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order], y[order]
    x = (x - x[:TRAIN].mean(axis=0)) / x[:TRAIN].std(axis=0)
    y = (y - y[:TRAIN].mean()) / y[:TRAIN].std()
    return x[:TRAIN], y[:TRAIN], x[TRAIN:], y[TRAIN:]


def soft_threshold(w: Array, t: float) -> Array:
    """Towards zero by t, and no further: sign(w) max(|w| - t, 0)."""
    return np.sign(w) * np.maximum(np.abs(w) - t, 0)


def lasso(x: Array, y: Array, strength: float) -> Array:
    """The w with the least 1/(2N) |x w - y|^2 + strength * sum |w|.

    ISTA: a gradient step on the first term, then `soft_threshold` by step * strength, until it converges.
    Its zeros are exact. Source: Daubechies, Defrise & De Mol 2004."""
    a, b = x.T @ x / len(x), x.T @ y / len(x)
    step, w = 1 / np.linalg.eigvalsh(a)[-1], np.zeros(x.shape[1])
    for _ in range(100_000):
        before = w
        w = soft_threshold(w - step * (a @ w - b), step * strength)
        if np.abs(w - before).max() < 1e-10:
            break
    return w


def ridge(x: Array, y: Array, strength: float) -> Array:
    """The w with the least 1/(2N) |x w - y|^2 + strength / 2 * sum w^2: where the gradient is zero, one equation."""
    return np.asarray(np.linalg.solve(x.T @ x / len(x) + strength * np.eye(x.shape[1]), x.T @ y / len(x)), np.float64)


@dataclass
class PenalisedWeights:
    """The best weights under both penalties: with body mass and blood pressure only (pair), and with all ten.
    Row 0 is L1, row 1 is L2. errors: mean squared error of the ten on the 142 people held out."""

    strength: float
    pair: Array  # (2, 2)
    all: Array  # (2, 10)
    errors: Array  # (2,)

    @property
    def zeros(self) -> list[int]:
        """How many of the ten weights are exactly zero, under L1 and under L2."""
        return [int(n) for n in (self.all == 0).sum(axis=1)]


@cache
def _solutions() -> dict[float, tuple[Array, Array]]:
    """For every strength, the weights of the pair, (2, 2), and of all ten, (2, 10)."""
    x, y, _, _ = people()
    return {
        t: tuple(np.array([lasso(some, y, t), ridge(some, y, t)]) for some in (x[:, PAIR], x))  # type: ignore[misc]
        for t in STRENGTHS
    }


def corners(strength: float) -> PenalisedWeights:
    """Both regressions at one of STRENGTHS."""
    _, _, x, y = people()
    pair, all_ten = (w.copy() for w in _solutions()[strength])
    return PenalisedWeights(strength, pair, all_ten, np.mean((all_ten @ x.T - y) ** 2, axis=1))


class CornersView:
    """Above, the loss of two weights as contours with the diamond and the circle; below, ten weights as bars."""

    LOOKS = (("L1", plots.PURPLE), ("L2", plots.GREEN))
    BOX = (-0.55, 0.75, -0.42, 0.5)
    TURN = np.linspace(0, 2 * np.pi, 121)
    SHAPES = (np.array([[1, 0, -1, 0], [0, 1, 0, -1]]), np.array([np.cos(TURN), np.sin(TURN)]))

    def __init__(self, figure: Figure):
        axes = figure.subplot_mosaic([["L1", "L2"], ["bars", "bars"]], height_ratios=[1.2, 1])
        x, y, _, _ = people()
        self.best = ridge(x[:, PAIR], y, 0)
        # With A = x^T x / N = R R^T, the loss is least + |R^T (w - best)|^2 / 2: a circle in R^T (w - best).
        self.root = np.linalg.cholesky(x[:, PAIR].T @ x[:, PAIR] / len(x)).T
        for name, title in (("L1", "L1: the diamond has corners"), ("L2", "L2: the circle has none")):
            ax = axes[name]
            for radius in np.arange(0.1, 1.3, 0.1):
                ax.plot(*self._contour(radius), color="#b5b5b0", lw=0.9)
            ax.axhline(0, color=plots.GREY, lw=1)
            ax.axvline(0, color=plots.GREY, lw=1)
            ax.grid(False)
            ax.set(xlim=self.BOX[:2], ylim=self.BOX[2:], aspect="equal", xlabel="weight of body mass")
            ax.set_title(title)
            ax.plot(*self.best, "x", color=plots.BLACK, ms=8, mew=2)
        axes["L1"].set_ylabel("weight of\nblood pressure")
        both = [axes[name] for name, _ in self.LOOKS]
        style: dict[str, Any] = dict(alpha=0.35, lw=2, animated=True)
        self.balls = [ax.fill([0], [0], fc=c, ec=c, **style)[0] for ax, (_, c) in zip(both, self.LOOKS, strict=True)]
        self.contours = [ax.plot([], [], color=plots.BLUE, lw=1.8, animated=True)[0] for ax in both]
        self.touch = [ax.plot([], [], "o", color=plots.VERMILLION, ms=8, animated=True)[0] for ax in both]
        # Drawing a text takes a millisecond for every few letters: what stands in all of them is written once.
        box = dict(facecolor=plots.PAPER, edgecolor="none", pad=2)
        self.texts = [ax.text(-0.52, -0.38, "", fontsize=9, bbox=box, animated=True) for ax in both]
        self._bars(axes["bars"])

    def _bars(self, ax: Axes) -> None:
        ax.set(xlim=(-0.6, 9.6), ylim=(-0.6, 0.5), yticks=[-0.2, 0, 0.2, 0.4], ylabel="weight")
        ax.set_xticks(range(10), NAMES, fontsize=8.5)
        ax.grid(axis="x", visible=False)
        ax.axhline(0, color=plots.GREY, lw=1)
        ax.set_title("All ten weights: only L1 makes some of them exactly zero")
        self.bars = []
        for shift, (name, colour) in zip((-0.19, 0.19), self.LOOKS, strict=True):
            self.bars.append(ax.bar(np.arange(10) + shift, np.zeros(10), 0.36, color=colour, animated=True))
            ax.bar([-9], [0], color=colour, label=name)  # one that stands still, for the legend
        ring: dict[str, Any] = dict(mfc=plots.PAPER, mec=plots.PURPLE, mew=2, ms=7, ls="")
        (self.none,) = ax.plot([], [], "o", animated=True, **ring)
        ax.plot([], [], "o", label="zero", **ring)
        ax.legend(loc="lower right", fontsize=9, ncols=3, columnspacing=1)
        ax.text(-0.5, -0.43, "exactly zero:", fontsize=9)
        ax.text(-0.5, -0.55, "squared error on 142 other people:", fontsize=9)
        self.zeros = ax.text(1.1, -0.43, "", fontsize=9, weight="bold", animated=True)
        self.error = ax.text(3.45, -0.55, "", fontsize=9, animated=True)

    def _contour(self, radius: float) -> Array:
        return self.best[:, None] + np.linalg.solve(self.root, radius * self.SHAPES[1])

    def update(self, d: PenalisedWeights) -> None:
        sizes = (np.abs(d.pair[0]).sum(), np.hypot(*d.pair[1]))  # the ball whose edge the solution is on
        for k, w in enumerate(d.pair):
            self.balls[k].set_xy((sizes[k] * self.SHAPES[k]).T)
            self.contours[k].set_data(*self._contour(float(np.linalg.norm(self.root @ (w - self.best)))))
            self.touch[k].set_data([w[0]], [w[1]])
            self.texts[k].set_text(f"w = ({w[0]:z.2f}, {w[1]:z.2f})")
            for bar, height in zip(self.bars[k], d.all[k], strict=True):
                bar.set_height(height)
        zeros = np.flatnonzero(d.all[0] == 0)
        self.none.set_data(zeros - 0.19, np.zeros(len(zeros)))
        for text, (one, two) in ((self.zeros, map(str, d.zeros)), (self.error, (f"{e:.2f}" for e in d.errors))):
            text.set_text(f"L1 {one}, L2 {two}")


def corners_explorer() -> Explorer:
    """L1 against L2 on a real regression: two weights as geometry, ten as bars."""
    return Explorer(
        compute=corners,
        draw=CornersView,
        controls={"strength": Levels(STRENGTHS, 0.35, label="strength of the penalty")},
        goal=Goal(
            f"Find a strength at which L1 sets exactly {GOAL_ZEROS} of the ten weights to zero. How many does L2?",
            lambda d: d.zeros == [GOAL_ZEROS, 0],
            solution=dict(strength=0.07),
        ),
        size=(7.0, 5.0),
        alt="Contours of a loss touched by a diamond (L1) and a circle (L2), and ten weights under both as bars.",
    )
