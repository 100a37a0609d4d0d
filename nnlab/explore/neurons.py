"""Explorers of chapter 01: the dot product, one neuron, and its learning rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from .. import plots
from ..datasets import gaussians
from ..scratch.activations import ACTIVATIONS
from .controls import Choice, Slider
from .explorer import Explorer, Goal
from .run import Run

_FIELD = (-3.0, 3.0, -3.0, 3.0)
_GRID = plots.grid(_FIELD, 61)
_Z = np.linspace(-8, 8, 201)


# ---------------------------------------------------------------------------------------------- the dot product


@dataclass
class Agreement:
    """Two arrows and their dot product."""

    w: np.ndarray
    x: np.ndarray
    dot: float
    foot: np.ndarray


def agreement(angle: float, length: float) -> Agreement:
    """w stands still at 30 degrees with length 1.5; x turns. The dot product is |w| |x| cos(angle between them)."""
    w = 1.5 * np.array([np.cos(np.pi / 6), np.sin(np.pi / 6)])
    x = length * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    dot = float(w @ x)
    return Agreement(w, x, dot, dot / float(w @ w) * w)


class AgreementView:
    """Left the two arrows and the shadow of x on w, right the dot product as a bar."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[2.2, 1])
        left.set(xlim=(-3.4, 3.4), ylim=(-2.2, 2.2), xlabel="first entry", ylabel="second entry", aspect="equal")
        left.set_title("The shadow of x on w is the agreement")
        right.set(xlim=(-0.6, 0.6), ylim=(-3.2, 3.2), xticks=[], ylabel="dot product w·x")
        right.axhline(0, color=plots.GREY, lw=1)
        arrow = dict(arrowstyle="-|>", lw=2.5, mutation_scale=16, shrinkA=0, shrinkB=0)
        w = agreement(0, 1).w
        left.annotate("", w, (0, 0), arrowprops=arrow | dict(color=plots.GREY))
        left.text(w[0] + 0.1, w[1] + 0.1, "w", color=plots.GREY, weight="bold", fontsize=12)
        self.x = left.annotate("", (1, 1), (0, 0), arrowprops=arrow | dict(color=plots.BLUE), animated=True)
        self.name = left.text(0, 0, "x", color=plots.BLUE, weight="bold", fontsize=12, animated=True)
        (self.shadow,) = left.plot([], [], color=plots.GREEN, lw=6, alpha=0.6, animated=True, solid_capstyle="butt")
        (self.drop,) = left.plot([], [], color=plots.GREY, lw=1, ls=":", animated=True)
        (self.bar,) = right.bar([0], [0], width=0.7, animated=True)
        self.value = right.text(0, 0, "", ha="center", weight="bold", animated=True)

    def update(self, d: Agreement) -> None:
        self.x.xy = (float(d.x[0]), float(d.x[1]))
        self.name.set_position((d.x[0] * 1.12, d.x[1] * 1.12))
        self.shadow.set_data([0, d.foot[0]], [0, d.foot[1]])
        self.drop.set_data([d.x[0], d.foot[0]], [d.x[1], d.foot[1]])
        colour = plots.BLUE if d.dot >= 0 else plots.ORANGE
        self.bar.set_height(d.dot)
        self.bar.set_color(colour)
        self.value.set_text(f"{d.dot:.2f}")
        self.value.set_y(d.dot + (0.12 if d.dot >= 0 else -0.4))


def agreement_explorer() -> Explorer:
    """The dot product of a weight arrow and an input that turns."""
    return Explorer(
        compute=agreement,
        draw=AgreementView,
        controls={
            "angle": Slider(0, 360, 5, 75, label="direction of x", unit="degrees"),
            "length": Slider(0.5, 2.0, 0.1, 1.5, label="length of x"),
        },
        goal=Goal(
            "Turn x until the neuron has nothing to say: w·x = 0, with x at its greatest length.",
            lambda d: abs(d.dot) < 1e-9 and np.hypot(*d.x) > 1.95,
            solution=dict(angle=120, length=2.0),
        ),
        alt="Two arrows, w and x, the shadow of x on w, and their dot product as a bar.",
    )


# ---------------------------------------------------------------------------------------------- one neuron


@dataclass
class Neuron:
    """A neuron on given points: its output over the plane, its sum z at each point, how many it gets right."""

    w: np.ndarray
    b: float
    activation: str
    field: np.ndarray
    z: np.ndarray
    out: np.ndarray
    curve: np.ndarray
    right: int


def _separable() -> tuple[np.ndarray, np.ndarray]:
    x, labels = gaussians(16, distance=3.2, noise=0.55, seed=4)
    turn = np.array([[np.cos(2.0), -np.sin(2.0)], [np.sin(2.0), np.cos(2.0)]])
    return x @ turn.T + np.array([0.6, 0.5]), labels


POINTS, LABELS = _separable()


def neuron(w1: float, w2: float, b: float, activation: str) -> Neuron:
    """The forward pass of one neuron: z = w.x + b, output f(z). It says class 1 where z > 0."""
    w, f = np.array([w1, w2]), ACTIVATIONS[activation].fn
    z = POINTS @ w + b
    field = f(_GRID @ w + b).reshape(61, 61)
    return Neuron(w, b, activation, field, z, f(z), f(_Z), int(((z > 0) == LABELS).sum()))


class NeuronView:
    """Left the plane of inputs coloured by the output, with the line z = 0; right the activation with every point."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1, 1])
        left.set(xlim=_FIELD[:2], ylim=_FIELD[2:], xlabel="input x1", ylabel="input x2")
        left.set_title("Every input, coloured by the output")
        self.field = plots.surface(left, np.zeros((61, 61)), _FIELD, animated=True)
        (self.line,) = left.plot([], [], color=plots.BLACK, lw=2, animated=True)
        plots.scatter_classes(left, POINTS, LABELS, animated=True)
        arrow = dict(arrowstyle="-|>", lw=2, color=plots.GREY, mutation_scale=14, shrinkA=0, shrinkB=0)
        self.arrow = left.annotate("", (1, 1), (0, 0), arrowprops=arrow, animated=True, zorder=4)
        self.right = left.text(-2.85, 2.6, "", weight="bold", animated=True, zorder=5)
        self.right.set_bbox(dict(facecolor=plots.PAPER, edgecolor="none", pad=2, alpha=0.85))
        right.set(xlim=(-8, 8), ylim=(-2.2, 4.2), xlabel="weighted sum z = w·x + b", ylabel="output f(z)")
        right.set_title("The same points on the activation")
        right.axvline(0, color=plots.BLACK, lw=2)
        (self.curve,) = right.plot(_Z, _Z, color=plots.GREY, animated=True)
        self.dots = [
            right.plot([], [], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], mec="white", ms=7, animated=True)[0]
            for k in (0, 1)
        ]

    def update(self, d: Neuron) -> None:
        self.field.set_data(d.field)
        self.line.set_data(*plots.border(d.w, d.b, _FIELD))
        foot = -d.b * d.w / max(float(d.w @ d.w), 1e-9)
        tip = foot + d.w / max(float(np.hypot(*d.w)), 1e-9)
        self.arrow.set_position(foot)
        self.arrow.xy = (float(tip[0]), float(tip[1]))
        self.arrow.set_visible(bool(d.w.any()))
        self.curve.set_ydata(d.curve)
        for k, dots in enumerate(self.dots):
            dots.set_data(d.z[k == LABELS], d.out[k == LABELS])
        self.right.set_text(f"{d.right} of {len(LABELS)} right")


def neuron_explorer() -> Explorer:
    """One neuron with two inputs: weights, bias, activation."""
    return Explorer(
        compute=neuron,
        draw=NeuronView,
        controls={
            "w1": Slider(-3.0, 3.0, 0.1, 1.0, label="weight w1"),
            "w2": Slider(-3.0, 3.0, 0.1, 1.0, label="weight w2"),
            "b": Slider(-3.0, 3.0, 0.1, 0.0, label="bias b"),
            "activation": Choice(["sigmoid", "tanh", "relu", "identity"], label="activation"),
        },
        goal=Goal(
            "Put the line between the classes: all 16 points right.",
            lambda d: d.right == len(LABELS),
            solution=dict(w1=-2.0, w2=0.6, b=1.0),
        ),
        alt="The plane of two inputs coloured by a neuron's output, with its decision line, and its activation curve.",
    )


# ---------------------------------------------------------------------------------------------- the perceptron rule


@dataclass
class Perceptron:
    """A perceptron as it learns: weights, bias, the point it just looked at, mistakes left."""

    w: np.ndarray
    b: float
    x: np.ndarray
    y: np.ndarray
    seen: int
    changed: bool
    mistakes: int
    history: list[int]
    updates: int


def perceptron_begin(gap: float, seed: int) -> Perceptron:
    """Two clouds of points, labels -1 and +1, at least `gap` away from a hidden line; weights start at zero."""
    rng = np.random.default_rng(seed)
    x, direction = rng.uniform(-2.6, 2.6, (400, 2)), rng.normal(size=2)
    side = (x @ direction) / np.hypot(*direction) - 0.4
    keep = np.flatnonzero(np.abs(side) > gap)[:40]
    return Perceptron(np.zeros(2), 0.0, x[keep], np.sign(side[keep]), -1, False, 40, [], 0)


def perceptron_advance(p: Perceptron, gap: float, seed: int) -> None:
    """Look at the next point that is wrong, the next one in turn if none is, and apply the perceptron rule."""
    wrong = np.flatnonzero(p.y * (p.x @ p.w + p.b) <= 0)
    later = wrong[wrong > p.seen]
    p.seen = int(later[0] if len(later) else wrong[0] if len(wrong) else (p.seen + 1) % len(p.y))
    p.changed = len(wrong) > 0
    if p.changed:
        p.w = p.w + p.y[p.seen] * p.x[p.seen]
        p.b = p.b + p.y[p.seen]
        p.updates += 1
    p.mistakes = int((p.y * (p.x @ p.w + p.b) <= 0).sum())
    p.history.append(p.mistakes)


class PerceptronView:
    """Left points, line and the point just seen; right the number of mistakes after each step."""

    def __init__(self, figure: Figure):
        left, self.right = figure.subplots(1, 2)
        left.set(xlim=_FIELD[:2], ylim=_FIELD[2:], xlabel="input x1", ylabel="input x2")
        left.set_title("Each mistake turns the line")
        (self.line,) = left.plot([], [], color=plots.BLACK, animated=True)
        self.points = [
            left.plot([], [], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], mec="white", ms=7, animated=True)[0]
            for k in (0, 1)
        ]
        (self.seen,) = left.plot([], [], "o", mec=plots.VERMILLION, mfc="none", ms=15, mew=2.5, animated=True)
        self.right.set(xlim=(0, 60), ylim=(0, 40), xlabel="step", ylabel="points on the wrong side")
        self.right.set_title("Mistakes left")
        (self.curve,) = self.right.plot([], [], color=plots.BLUE, animated=True)
        self.count = self.right.text(58, 36.5, "", ha="right", animated=True)

    def update(self, d: Perceptron) -> None:
        for k, dots in enumerate(self.points):
            dots.set_data(*d.x[d.y == (-1, 1)[k]].T)
        self.line.set_data(*plots.border(d.w, d.b, _FIELD))
        shown = d.x[[d.seen]] if d.seen >= 0 and d.changed else np.empty((0, 2))
        self.seen.set_data(shown[:, 0], shown[:, 1])
        self.curve.set_data(range(1, len(d.history) + 1), d.history)
        self.count.set_text(f"{d.mistakes} wrong after {d.updates} updates")


def perceptron_explorer() -> Explorer:
    """Rosenblatt's rule at work, one mistake at a time."""
    return Explorer(
        compute=lambda state, gap, seed: state,
        draw=PerceptronView,
        controls={
            "gap": Slider(0.0, 0.6, 0.05, 0.1, label="gap between classes"),
            "seed": Slider(0, 20, 1, 0, label="seed of the points"),
        },
        goal=Goal(
            "Let it run until no point is wrong.",
            lambda d: d.mistakes == 0 and d.updates > 0,
            solution=dict(gap=0.1),
            steps=60,
        ),
        run=Run(perceptron_begin, perceptron_advance, length=60, shown=4, per_frame=1, pause=0.12),
        alt="Points of two classes, the perceptron's line, and the number of mistakes after each step.",
    )
