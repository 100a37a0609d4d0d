"""Explorers of chapter 01: one neuron, its learning rule, and what a second layer adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .. import plots
from ..datasets import CORNERS, LOGIC, gaussians
from ..scratch.activations import ACTIVATIONS
from .controls import Choice, Slider
from .explorer import Explorer, Goal
from .run import Run

_FIELD = (-3.0, 3.0, -3.0, 3.0)
_GRID = plots.grid(_FIELD, 61)
_Z = np.linspace(-8, 8, 201)


def _line(w: np.ndarray, b: float, extent: tuple[float, float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Two points of the line w.x + b = 0, far outside the picture; nothing where w is zero."""
    length = float(np.hypot(*w))
    if length < 1e-9:
        return np.array([]), np.array([])
    foot, along = -b * w / length**2, np.array([-w[1], w[0]]) / length
    reach = 4 * max(map(abs, extent)) + float(np.abs(foot).max())
    ends = np.array([foot - reach * along, foot + reach * along])
    return ends[:, 0], ends[:, 1]


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
        self.line.set_data(*_line(d.w, d.b, _FIELD))
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
        self.line.set_data(*_line(d.w, d.b, _FIELD))
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


# ---------------------------------------------------------------------------------------------- XOR

_UNIT = (-0.6, 1.6, -0.6, 1.6)
_FINE = 177  # so fine that the border between two answers looks straight
_UNIT_GRID = plots.grid(_UNIT, _FINE)


@dataclass
class Xor:
    """A classifier of the four corners: what it says over the plane, at the corners, and how many are right."""

    says: np.ndarray
    right: int
    lines: list[tuple[np.ndarray, float]]
    field: np.ndarray
    hidden: np.ndarray
    hidden_field: np.ndarray


def _step(z: np.ndarray) -> np.ndarray:
    return (z > 0).astype(float)


def xor_neuron(w1: float, w2: float, b: float) -> Xor:
    """One neuron that says 1 where w.x + b > 0, tried on XOR."""
    w = np.array([w1, w2])
    says = _step(CORNERS @ w + b)
    right = int((says == LOGIC["XOR"]).sum())
    return Xor(says, right, [(w, b)], _step(_UNIT_GRID @ w + b).reshape(_FINE, _FINE), CORNERS, np.empty(0))


def xor_layer(b1: float, b2: float, v1: float, v2: float, c: float) -> Xor:
    """Two hidden neurons, each with weights (1, 1), and one that reads them."""
    ones, v = np.ones(2), np.array([v1, v2])

    def hidden(x: np.ndarray) -> np.ndarray:
        return np.column_stack([_step(x @ ones + b1), _step(x @ ones + b2)])

    says = _step(hidden(CORNERS) @ v + c)
    return Xor(
        says,
        int((says == LOGIC["XOR"]).sum()),
        [(ones, b1), (ones, b2)],
        _step(hidden(_UNIT_GRID) @ v + c).reshape(_FINE, _FINE),
        hidden(CORNERS),
        _step(_UNIT_GRID @ v + c).reshape(_FINE, _FINE),
    )


def _draw_corners(ax: Any) -> None:
    plots.scatter_classes(ax, CORNERS, LOGIC["XOR"], ["XOR says 0", "XOR says 1"], s=130, animated=True)


class XorView:
    """The four corners on what one neuron says of the plane."""

    def __init__(self, figure: Figure):
        ax, key = figure.subplots(1, 2, width_ratios=[1.5, 1])
        ax.set(xlim=_UNIT[:2], ylim=_UNIT[2:], xlabel="input x1", ylabel="input x2", xticks=[0, 1], yticks=[0, 1])
        ax.set_title("One neuron draws one line")
        self.field = plots.surface(
            ax, np.zeros((_FINE, _FINE)), _UNIT, animated=True, interpolation="nearest", alpha=0.35
        )
        (self.line,) = ax.plot([], [], color=plots.BLACK, animated=True)
        _draw_corners(ax)
        key.set_axis_off()
        for k, (name, y) in enumerate((("XOR wants 0", 0.87), ("XOR wants 1", 0.77))):
            key.plot([0.06], [y], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], ms=10, transform=key.transAxes)
            key.text(0.14, y, name, va="center", transform=key.transAxes)
        key.text(0.02, 0.6, "(x1, x2)  wants  says", transform=key.transAxes, weight="bold")
        self.rows = [key.text(0.02, 0.48 - 0.11 * i, "", transform=key.transAxes, animated=True) for i in range(4)]
        self.right = key.text(0.02, 0.0, "", transform=key.transAxes, weight="bold", fontsize=13, animated=True)

    def update(self, d: Xor) -> None:
        self.field.set_data(2 * d.field - 1)
        self.line.set_data(*_line(*d.lines[0], _UNIT))
        for text, x, wants, says in zip(self.rows, CORNERS, LOGIC["XOR"], d.says, strict=True):
            mark = "right" if says == wants else "WRONG"
            text.set_text(f"({x[0]:.0f}, {x[1]:.0f})          {wants}          {says:.0f}    {mark}")
        self.right.set_text(f"{d.right} of 4 right")


def xor_neuron_explorer() -> Explorer:
    """One neuron tries XOR. No setting gets all four right: that is the lesson."""
    return Explorer(
        compute=xor_neuron,
        draw=XorView,
        controls={
            "w1": Slider(-2.0, 2.0, 0.1, 1.0, label="weight w1"),
            "w2": Slider(-2.0, 2.0, 0.1, 1.0, label="weight w2"),
            "b": Slider(-2.0, 2.0, 0.1, 0.3, label="bias b"),
        },
        presets={"like OR": dict(w1=1, w2=1, b=-0.5), "like AND": dict(w1=1, w2=1, b=-1.5)},
        goal=Goal("Get 4 of 4 right. How far do you come?", lambda d: d.right == 4),
        alt="The four corners of XOR with one neuron's line and a table of what it says of each.",
    )


class XorLayerView:
    """Left the inputs with two lines, right the same corners as the two hidden neurons see them."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        self.fields, self.lines = [], []
        for ax, title in ((left, "Inputs: two neurons, two lines"), (right, "What the last neuron sees")):
            ax.set(xlim=_UNIT[:2], ylim=_UNIT[2:], xticks=[0, 1], yticks=[0, 1], title=title)
            self.fields.append(
                plots.surface(ax, np.zeros((_FINE, _FINE)), _UNIT, animated=True, interpolation="nearest", alpha=0.35)
            )
        left.set(xlabel="input x1", ylabel="input x2")
        right.set(xlabel="hidden neuron h1", ylabel="hidden neuron h2")
        for style in ("-", "--"):
            self.lines.append(left.plot([], [], color=plots.BLACK, ls=style, animated=True)[0])
        _draw_corners(left)
        self.moved = [
            right.plot([], [], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], ms=11, mec="white", animated=True)[0]
            for k in (0, 1)
        ]
        self.names = [right.text(0, 0, "", fontsize=9, animated=True) for _ in range(4)]
        self.right = left.text(-0.52, 1.44, "", weight="bold", animated=True, zorder=5)
        self.right.set_bbox(dict(facecolor=plots.PAPER, edgecolor="none", pad=2))

    def update(self, d: Xor) -> None:
        self.fields[0].set_data(2 * d.field - 1)
        self.fields[1].set_data(2 * d.hidden_field - 1)
        for line, (w, b) in zip(self.lines, d.lines, strict=True):
            line.set_data(*_line(w, b, _UNIT))
        for k, dots in enumerate(self.moved):
            dots.set_data(*d.hidden[LOGIC["XOR"] == k].T)
        placed: dict[tuple[float, float], list[str]] = {}
        for (h1, h2), (x1, x2) in zip(d.hidden, CORNERS, strict=True):
            placed.setdefault((h1, h2), []).append(f"({x1:.0f},{x2:.0f})")
        for text in self.names:
            text.set_text("")
        for text, ((h1, h2), who) in zip(self.names, placed.items(), strict=False):
            text.set_position((h1 - 0.5, h2 - 0.24))
            text.set_text(" ".join(who))
        self.right.set_text(f"{d.right} of 4 right")


def xor_layer_explorer() -> Explorer:
    """Two hidden neurons make XOR possible: they move the corners."""
    bias = dict(min=-3.0, max=1.0, step=0.1)
    return Explorer(
        compute=xor_layer,
        draw=XorLayerView,
        controls={
            "b1": Slider(**bias, value=-0.5, label="bias of h1 (solid)"),
            "b2": Slider(**bias, value=0.5, label="bias of h2 (dashed)"),
            "v1": Slider(-2.0, 2.0, 0.1, 1.0, label="weight of h1"),
            "v2": Slider(-2.0, 2.0, 0.1, 0.5, label="weight of h2"),
            "c": Slider(-2.0, 2.0, 0.1, -0.5, label="bias of the last neuron"),
        },
        goal=Goal(
            "Get 4 of 4 right. Move the dashed line first, then decide what h2 should count for.",
            lambda d: d.right == 4,
            solution=dict(b1=-0.5, b2=-1.5, v1=1.0, v2=-1.0, c=-0.5),
        ),
        alt="The four corners of XOR with two lines, and the same corners as the two hidden neurons report them.",
    )
