"""Explorers of chapter 03: what a loss does to an outlier, to a confident answer, to logits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from matplotlib.figure import Figure

from .. import plots
from ..scratch.activations import softmax
from ..scratch.losses import bce, huber, l1, mse
from .controls import Choice, Slider
from .explorer import Explorer, Goal

# ---------------------------------------------------------------------------------------------- a line and an outlier

_rng = np.random.default_rng(2)
X = np.append(np.linspace(0.3, 8.7, 15), 9.3)  # the last point is the outlier
CLEAN = 2 + 1.5 * X + _rng.normal(0, 0.8, 16)
NAMES = ("mse", "l1", "huber")
_RESIDUALS = np.linspace(-6, 6, 241)
_PAIRS = np.array(list(combinations(range(16), 2)))


def fit_mse(x: np.ndarray, y: np.ndarray, weight: np.ndarray | float = 1.0) -> np.ndarray:
    """(slope, start) of the line with the least (weighted) mean squared error."""
    share = np.broadcast_to(weight, x.shape) / np.sum(np.broadcast_to(weight, x.shape))
    mean_x, mean_y = share @ x, share @ y
    slope = share @ ((x - mean_x) * (y - mean_y)) / (share @ (x - mean_x) ** 2)
    return np.array([slope, mean_y - slope * mean_x])


def fit_l1(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(slope, start) of the line with the least mean absolute error: one such line goes through two of the points, so
    the best of all pairs is exact."""
    i, j = _PAIRS.T
    slopes = (y[j] - y[i]) / (x[j] - x[i])
    starts = y[i] - slopes * x[i]
    errors = np.abs(slopes[:, None] * x + starts[:, None] - y).mean(axis=1)
    best = errors.argmin()
    return np.array([slopes[best], starts[best]])


def fit_huber(x: np.ndarray, y: np.ndarray, delta: float) -> np.ndarray:
    """(slope, start) of the line with the least Huber loss, by reweighted least squares: a point whose error e exceeds
    delta counts delta / |e| as much. It ends at the minimum, for the loss is convex."""
    line = fit_mse(x, y)
    for _ in range(100):
        e = line[0] * x + line[1] - y
        line = fit_mse(x, y, np.minimum(1, delta / np.maximum(np.abs(e), 1e-12)))
    return line


@dataclass
class Outlier:
    """The points, and the slope and start of the best line under each loss, with and without the outlier's pull."""

    y: np.ndarray
    delta: float
    lines: np.ndarray  # (3, 2), in the order of NAMES
    calm: np.ndarray  # the same with the last point where it belongs
    huber: np.ndarray

    @property
    def moved(self) -> np.ndarray:
        """How far each line's slope was moved by the outlier, (3,)."""
        return np.abs(self.lines[:, 0] - self.calm[:, 0])


def outlier_lines(height: float, delta: float) -> Outlier:
    """Three best lines through 16 points, the last one lifted to `height`."""
    y = np.append(CLEAN[:-1], height)
    lines, calm = (np.array([fit_mse(X, v), fit_l1(X, v), fit_huber(X, v, delta)]) for v in (y, CLEAN))
    return Outlier(y, delta, lines, calm, huber(_RESIDUALS, np.zeros(1), delta))


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

    def update(self, d: Outlier) -> None:
        self.outlier.set_data([X[-1]], [d.y[-1]])
        for line, (slope, start) in zip(self.lines, d.lines, strict=True):
            line.set_data([0, 10], [start, start + 10 * slope])
        self.huber.set_data(_RESIDUALS, d.huber)
        a, b, c = d.moved
        self.text.set_text(f"slope moved: MSE {a:.2f}, MAE {b:.2f}, Huber {c:.2f}")


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


# ---------------------------------------------------------------------------------------------- confidence and truth

_P = np.linspace(0.002, 0.998, 249)


@dataclass
class Confidence:
    """The cross-entropy of saying p when the truth is t: here, and for every p."""

    p: float
    t: float
    loss: float
    curve: np.ndarray
    best: float


def confidence(p: float, t: float) -> Confidence:
    """-t log p - (1 - t) log(1 - p); for a given truth the best answer is p = t, and costs the truth's own entropy."""
    t_all = np.full_like(_P, t)
    best = float(bce(np.array([t]), np.array([t]))[0])
    return Confidence(p, t, float(bce(np.array([p]), np.array([t]))[0]), bce(_P, t_all), best)


class ConfidenceView:
    """Left the loss over p for this truth, right over p and truth."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(0, 1), ylim=(0, 5), xlabel="you say p", ylabel="loss")
        left.set_title("Sure and wrong is what costs")
        (self.curve,) = left.plot(_P, _P, color=plots.BLUE, animated=True)
        (self.at,) = left.plot([], [], "o", color=plots.VERMILLION, ms=9, animated=True)
        (self.best,) = left.plot([], [], "v", color=plots.GREEN, ms=9, animated=True, clip_on=False)
        self.text = left.text(0.5, 4.6, "", ha="center", animated=True)
        truths = np.linspace(0, 1, 121)
        field = bce(np.tile(_P, (121, 1)), np.tile(truths[:, None], (1, len(_P))))
        shown = right.imshow(
            field, extent=(0, 1, 0, 1), origin="lower", aspect="auto", cmap="cividis_r", vmin=0, vmax=4
        )
        right.grid(False)
        right.plot([0, 1], [0, 1], color="white", ls="--", lw=1.5)
        right.set(xlabel="you say p", ylabel="truth t")
        right.set_title("For every answer and every truth")
        figure.colorbar(shown, ax=right, label="loss")
        (self.point,) = right.plot(
            [], [], "o", color=plots.VERMILLION, mec="white", ms=10, animated=True, clip_on=False
        )

    def update(self, d: Confidence) -> None:
        self.curve.set_ydata(d.curve)
        self.at.set_data([d.p], [min(d.loss, 4.9)])
        self.best.set_data([d.t], [d.best])
        self.point.set_data([d.p], [d.t])
        self.text.set_text(f"loss {d.loss:.3f}, at best {d.best:.3f}")


def confidence_explorer() -> Explorer:
    """Binary cross-entropy: what you say against what is true."""
    return Explorer(
        compute=confidence,
        draw=ConfidenceView,
        controls={
            "p": Slider(0.01, 0.99, 0.01, 0.1, label="you say p"),
            "t": Slider(0.0, 1.0, 0.05, 1.0, label="truth t"),
        },
        goal=Goal(
            "It rains on 70 days of 100. Set the truth to 0.7 and find the p that costs least.",
            lambda d: abs(d.t - 0.7) < 1e-9 and d.loss - d.best < 3e-5,
            solution=dict(p=0.7, t=0.7),
        ),
        alt="Cross-entropy as a curve over the stated probability, and as a field over probability and truth.",
    )


# ---------------------------------------------------------------------------------------------- logits to loss


@dataclass
class Logits:
    """Three logits and the true class: probabilities, loss, and the gradient of the loss by each logit."""

    label: int
    p: np.ndarray
    loss: float
    gradient: np.ndarray


CLASSES = ("cat", "dog", "owl")


def logits_to_loss(cat: float, dog: float, owl: float, truth: str) -> Logits:
    """Softmax, minus the logarithm of the true class's probability, and softmax minus one-hot."""
    label = CLASSES.index(truth)
    p = softmax(np.array([cat, dog, owl]))
    return Logits(label, p, -float(np.log(p[label])), p - np.eye(3)[label])


class LogitsView:
    """Left the probabilities, right the gradient that each logit gets."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        ticks = dict(xlim=(-0.6, 2.6), xticks=[0, 1, 2], xticklabels=CLASSES)
        left.set(ylim=(0, 1.15), ylabel="probability", **ticks)
        left.set_title("From logits to probabilities")
        right.set(ylim=(-1.2, 1.2), ylabel="gradient of the loss", **ticks)
        right.set_title("The gradient that each logit gets")
        right.axhline(0, color=plots.GREY, lw=1)
        self.bars = left.bar([0, 1, 2], [0, 0, 0], color=plots.BLUE, animated=True)
        self.pulls = right.bar([0, 1, 2], [0, 0, 0], color=plots.GRADIENT, animated=True)
        (self.truth,) = left.plot([], [], "*", color=plots.BLACK, ms=14, animated=True)
        self.values = [ax.text(k, 0, "", ha="center", animated=True) for ax in (left, right) for k in range(3)]
        self.loss = left.text(2.5, 1.06, "", ha="right", weight="bold", animated=True)

    def update(self, d: Logits) -> None:
        self.truth.set_data([d.label], [0.04])
        for k in range(3):
            self.bars[k].set_height(d.p[k])
            self.pulls[k].set_height(d.gradient[k])
            self.values[k].set_y(d.p[k] + 0.02)
            self.values[k].set_text(f"{d.p[k]:.2f}")
            self.values[3 + k].set_y(d.gradient[k] + (0.04 if d.gradient[k] >= 0 else -0.12))
            self.values[3 + k].set_text(f"{d.gradient[k]:+.2f}")
        self.loss.set_text(f"loss {d.loss:.3f}")


def logits_explorer() -> Explorer:
    """From three logits to a loss and its gradient."""
    logit = dict(min=-5.0, max=5.0, step=0.1)
    return Explorer(
        compute=logits_to_loss,
        draw=LogitsView,
        controls={
            "cat": Slider(**logit, value=1.0, label="logit of cat"),
            "dog": Slider(**logit, value=2.0, label="logit of dog"),
            "owl": Slider(**logit, value=-1.0, label="logit of owl"),
            "truth": Choice(CLASSES, label="the truth (star)"),
        },
        presets={"sure and right": dict(cat=5, dog=-1, owl=-2), "sure and wrong": dict(cat=-2, dog=5, owl=-1)},
        goal=Goal(
            "Find logits that leave the three gradients at 0.33, 0.33 and -0.67. What does the network know there?",
            lambda d: float(np.ptp(d.p)) < 0.005,
            solution=dict(cat=0.0, dog=0.0, owl=0.0),
        ),
        alt="Probabilities of three classes with the true one marked, and the gradient of the loss by each logit.",
    )
