"""Explorers of notebook 00: a line fitted by hand, and a network that learns two spirals while you watch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure

from .. import plots
from ..datasets import spirals
from ..scratch import MLP, Adam, BCEWithLogitsLoss, sigmoid
from .controls import Slider
from .explorer import Explorer, Goal
from .run import Run

_rng = np.random.default_rng(5)
HOURS = np.sort(_rng.uniform(0.5, 9.5, 14))
POINTS = 12 + 4.5 * HOURS + _rng.normal(0, 4, 14)


@dataclass
class Line:
    """A line through the points, how far each point is from it, and the mean squared error."""

    w: float
    b: float
    predicted: np.ndarray
    error: float


def line_fit(w: float, b: float) -> Line:
    """Predict w * hours + b; the error is the mean of the squared misses."""
    predicted = w * HOURS + b
    return Line(w, b, predicted, float(np.mean((predicted - POINTS) ** 2)))


BEST_W, BEST_B = (float(v) for v in np.polyfit(HOURS, POINTS, 1))
LEAST_ERROR = line_fit(BEST_W, BEST_B).error


class LineView:
    """Left the points, the line and every miss; right the error as a bar."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[2.6, 1])
        left.set(xlim=(0, 10), ylim=(0, 70), xlabel="hours of study", ylabel="points in the test")
        left.set_title("Every red stroke is a miss")
        (self.misses,) = left.plot([], [], color=plots.VERMILLION, lw=1.5, animated=True)
        (self.line,) = left.plot([0, 10], [0, 0], color=plots.FORWARD, animated=True)
        left.plot(HOURS, POINTS, "o", color=plots.BLACK, ms=6, zorder=4, animated=True)
        right.set(xlim=(-0.6, 0.6), ylim=(0, 400), xticks=[], ylabel="mean squared miss")
        right.set_title("Error")
        (self.bar,) = right.bar([0], [0], width=0.7, color=plots.VERMILLION, animated=True)
        self.value = right.text(0, 0, "", ha="center", weight="bold", animated=True)

    def update(self, d: Line) -> None:
        self.line.set_ydata([d.b, 10 * d.w + d.b])
        gap = np.full(len(HOURS), np.nan)  # a gap between strokes: one artist draws all
        self.misses.set_data(
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
            "w": Slider(0.0, 10.0, 0.1, 1.0, label="slope w", unit="points an hour"),
            "b": Slider(0.0, 40.0, 0.5, 30.0, label="start b", unit="points"),
        },
        goal=Goal(
            "Make the error smaller than 18.",
            lambda d: d.error < 18,
            solution=dict(w=round(BEST_W, 1), b=round(BEST_B * 2) / 2),
        ),
        alt="Points of study hours against test results, a line, the misses as strokes, and the mean squared miss.",
    )


# ---------------------------------------------------------------------------------------------- two spirals

_FIELD = (-1.4, 1.4, -1.4, 1.4)
_GRID = plots.grid(_FIELD, 64)


@dataclass
class Learning:
    """A network in training on two spirals."""

    x: np.ndarray
    labels: np.ndarray
    net: MLP
    opt: Adam
    losses: list[float] = field(default_factory=list)
    accuracy: float = 0.0


def spiral_begin(hidden: int, lr: float, noise: float, seed: int) -> Learning:
    """200 points on two spirals, and a fresh network 2 - hidden - hidden - 1 with tanh."""
    x, labels = spirals(200, noise=noise, seed=seed)
    net = MLP([2, hidden, hidden, 1], "tanh", rng=np.random.default_rng(seed))
    return Learning(x, labels, net, Adam(net.params, lr=lr))


def spiral_advance(state: Learning, hidden: int, lr: float, noise: float, seed: int) -> None:
    """One step of Adam on all points."""
    loss = BCEWithLogitsLoss()
    logits = state.net(state.x)
    state.losses.append(loss(logits[:, 0], state.labels))
    state.net.backward(loss.backward()[:, None])
    state.opt.lr = lr
    state.opt.step(state.net.grads)


@dataclass
class Spiral:
    """What the picture needs: points, the network's answer over the plane, the losses so far, the share right."""

    x: np.ndarray
    labels: np.ndarray
    says: np.ndarray
    losses: list[float]
    accuracy: float


def spiral_now(state: Learning, hidden: int, lr: float, noise: float, seed: int) -> Spiral:
    """The present answer of the network: 2 sigmoid(logit) - 1 over the plane, and its accuracy on the points."""
    says = 2 * sigmoid(state.net(_GRID)[:, 0]) - 1
    accuracy = float(((state.net(state.x)[:, 0] > 0) == state.labels).mean())
    return Spiral(state.x, state.labels, says.reshape(64, 64), state.losses, accuracy)


class SpiralView:
    """Left the plane coloured by the network's answer, right the loss."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=_FIELD[:2], ylim=_FIELD[2:], xlabel="input x1", ylabel="input x2")
        left.set_title("The answer, everywhere")
        self.field = plots.surface(left, np.zeros((64, 64)), _FIELD, animated=True)
        self.points = [
            left.plot([], [], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], mec="white", ms=5, animated=True)[0]
            for k in (0, 1)
        ]
        right.set(xlim=(0, LENGTH), ylim=(0, 0.8), xlabel="step", ylabel="loss")
        right.set_title("How wrong it is")
        (self.curve,) = right.plot([], [], color=plots.BLUE, animated=True)
        self.text = right.text(LENGTH * 0.97, 0.72, "", ha="right", weight="bold", animated=True)

    def update(self, d: Spiral) -> None:
        self.field.set_data(d.says)
        for k, dots in enumerate(self.points):
            dots.set_data(*d.x[d.labels == k].T)
        self.curve.set_data(range(1, len(d.losses) + 1), d.losses)
        self.text.set_text(f"{d.accuracy:.0%} of the points right")


LENGTH = 1000


def spiral_explorer() -> Explorer:
    """A small network, in NumPy, learns two spirals while you watch."""
    return Explorer(
        compute=spiral_now,
        draw=SpiralView,
        controls={
            "hidden": Slider(1, 24, 1, 16, label="neurons in each layer"),
            "lr": Slider(0.001, 0.1, 0.05, 0.01, label="learning rate", log=True, help="acts while it runs"),
            "noise": Slider(0.0, 0.2, 0.01, 0.04, label="noise on the points"),
            "seed": Slider(0, 9, 1, 0, label="seed"),
        },
        goal=Goal(
            "Press Play. Get 99 % of the points right.",
            lambda d: d.accuracy >= 0.99,
            solution=dict(lr=0.01),
            steps=LENGTH,
        ),
        run=Run(spiral_begin, spiral_advance, length=LENGTH, live=("lr",), per_frame=10),
        alt="Points on two spirals over the network's answer in colour, and the falling loss.",
    )
