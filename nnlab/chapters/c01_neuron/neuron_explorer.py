"""Explorer of chapter 01: one neuron with two weights and a bias, its half-plane and its output."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.datasets import gaussians
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.drawing.field import Field
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.activations import ACTIVATIONS

_FIELD = (-3.0, 3.0, -3.0, 3.0)
_GRID = plots.grid(_FIELD, 61)
_Z = np.linspace(-8, 8, 201)


@dataclass
class Neuron:
    """A neuron on 16 points: its output over the plane, field (61, 61); its sums z and outputs, (16,); its activation
    over z from -8 to 8, curve (201,); and how many points it classifies correctly."""

    w: np.ndarray
    b: float
    activation: str
    field: np.ndarray
    z: np.ndarray
    output: np.ndarray
    curve: np.ndarray
    correct: int


def _separable() -> tuple[np.ndarray, np.ndarray]:
    x, labels = gaussians(16, distance=3.2, noise=0.55, seed=4)
    turn = np.array([[np.cos(2.0), -np.sin(2.0)], [np.sin(2.0), np.cos(2.0)]])
    return x @ turn.T + np.array([0.6, 0.5]), labels


POINTS, LABELS = _separable()


def neuron(w1: float, w2: float, b: float, activation: str) -> Neuron:
    """The forward pass of one neuron: z = w.x + b, output f(z). It predicts class 1 where z > 0."""
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
        self.field = Field(left)
        (self.line,) = left.plot([], [], color=plots.BLACK, lw=2, animated=True)
        plots.scatter_classes(left, POINTS, LABELS, animated=True)
        arrow = dict(arrowstyle="-|>", lw=2, color=plots.GREY, mutation_scale=14, shrinkA=0, shrinkB=0)
        self.arrow = left.annotate("", (1, 1), (0, 0), arrowprops=arrow, animated=True, zorder=4)
        self.correct = left.text(-2.85, 2.6, "", weight="bold", animated=True, zorder=5)
        self.correct.set_bbox(dict(facecolor=plots.PAPER, edgecolor="none", pad=2, alpha=0.85))
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
            dots.set_data(d.z[k == LABELS], d.output[k == LABELS])
        self.correct.set_text(f"{d.correct} of {len(LABELS)} right")


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
            "Put the line between the classes: all 16 points correct.",
            lambda d: d.correct == len(LABELS),
            solution=dict(w1=-2.0, w2=0.6, b=1.0),
        ),
        alt="The plane of two inputs coloured by a neuron's output, with its decision line, and its activation curve.",
    )
