"""Explorers of chapter 04: a graph step by step, one weight's slope, and how small a step may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from .. import plots
from ..scratch import Value
from .controls import Choice, Slider
from .explorer import Explorer, Goal

# ---------------------------------------------------------------------------------------------- the graph

# name, column, row, what it is made of; the loss of one neuron with one input: L = (tanh(w x + b) - t)^2
NODES = [
    ("x", 0, 3, ()),
    ("w", 0, 2, ()),
    ("b", 0, 1, ()),
    ("t", 0, 0, ()),
    ("w·x", 1, 2.5, ("x", "w")),
    ("z", 2, 2, ("w·x", "b")),
    ("tanh z", 3, 2, ("z",)),
    ("error", 4, 1.4, ("tanh z", "t")),
    ("L", 5, 1.4, ("error",)),
]
EDGES = [(parent, name) for name, _, _, parents in NODES for parent in parents]
FORWARD = [name for name, _, _, parents in NODES if parents]  # computed in this order
BACKWARD = FORWARD[::-1]
STEPS = len(FORWARD) + 1 + len(BACKWARD)


@dataclass
class Graph:
    """The values known so far, the gradients known so far, the local slopes used so far, and what happened last."""

    step: int
    values: dict[str, float]
    grads: dict[str, float]
    slopes: dict[tuple[str, str], float]
    now: str
    w_grad: float


def graph_steps(step: int, x: float, w: float, b: float, t: float) -> Graph:
    """Compute the graph node by node for `step` steps: first forward, then dL/dL = 1, then backward."""
    node = {"x": Value(x), "w": Value(w), "b": Value(b), "t": Value(t)}
    node["w·x"] = node["x"] * node["w"]
    node["z"] = node["w·x"] + node["b"]
    node["tanh z"] = node["z"].tanh()
    node["error"] = node["tanh z"] - node["t"]
    node["L"] = node["error"] ** 2
    node["L"].backward()
    done = FORWARD[: min(step, len(FORWARD))]
    values = {name: node[name].data for name in ["x", "w", "b", "t", *done]}
    back = BACKWARD[: max(0, step - len(FORWARD) - 1)]
    grads = {"L": 1.0} if step > len(FORWARD) else {}
    slopes = {}
    for name in back:
        parents = next(parents for made, _, _, parents in NODES if made == name)
        for parent, slope in zip(parents, node[name].slopes, strict=True):
            slopes[parent, name] = slope
            grads[parent] = node[parent].grad
    now = "press on: move the step" if step == 0 else f"forward: {done[-1]}"
    if step == len(FORWARD) + 1:
        now = "backward begins: dL/dL = 1"
    elif back:
        now = f"backward through {back[-1]}: gradient times slope"
    return Graph(step, values, grads, slopes, now, node["w"].grad)


class GraphView:
    """Boxes with values (blue) and gradients (red); on the arrows the local slopes."""

    def __init__(self, figure: Figure):
        ax = figure.subplots()
        ax.set(xlim=(-0.5, 5.55), ylim=(-0.65, 3.75))
        ax.set_axis_off()
        place = {name: (column, row) for name, column, row, _ in NODES}
        arrow = dict(arrowstyle="-|>", color=plots.GREY, lw=1.2, shrinkA=27, shrinkB=27)
        for parent, name in EDGES:
            ax.annotate("", place[name], place[parent], arrowprops=arrow)
        for name, (column, row) in place.items():
            ax.text(column, row + 0.36, name, ha="center", weight="bold")
            frame = FancyBboxPatch((column - 0.2, row), 0.4, 0.2, "round,pad=0.05", fc="white", ec=plots.GREY)
            ax.add_patch(frame)
        centre = dict(ha="center", va="center", animated=True)
        self.values = {name: ax.text(c, r + 0.1, "", color=plots.FORWARD, **centre) for name, (c, r) in place.items()}
        self.grads = {
            name: ax.text(c, r - 0.27, "", color="#a84400", weight="bold", **centre) for name, (c, r) in place.items()
        }
        self.slopes = {
            (a, b): ax.text(
                (place[a][0] + place[b][0]) / 2,
                (place[a][1] + place[b][1]) / 2 + 0.16,
                "",
                fontsize=8.5,
                **centre,
            )
            for a, b in EDGES
        }
        self.now = ax.text(2.2, 3.5, "", ha="left", weight="bold", animated=True)
        ax.text(2.2, 3.2, "blue: value    red: dL/d(this)    on arrows: local slope", color=plots.GREY, fontsize=9)

    def update(self, d: Graph) -> None:
        for name, text in self.values.items():
            text.set_text(f"{d.values[name]:6.3f}" if name in d.values else "   ?   ")
        for name, text in self.grads.items():
            text.set_text(f"{d.grads[name]:+.3f}" if name in d.grads else "")
        for edge, text in self.slopes.items():
            text.set_text(f"×{d.slopes[edge]:.2f}" if edge in d.slopes else "")
            text.set_visible(edge in d.slopes)
        self.now.set_text(d.now)


def graph_explorer() -> Explorer:
    """Backpropagation through one neuron and its loss, one node at a time."""
    return Explorer(
        compute=graph_steps,
        draw=GraphView,
        controls={
            "step": Slider(0, STEPS, 1, len(FORWARD) + 4, label="step (arrow keys)"),
            "x": Slider(-2.0, 2.0, 0.1, 0.5, label="input x"),
            "w": Slider(-3.0, 3.0, 0.1, 2.0, label="weight w"),
            "b": Slider(-2.0, 2.0, 0.1, -0.4, label="bias b"),
            "t": Slider(-1.0, 1.0, 0.1, -0.5, label="target t"),
        },
        goal=Goal(
            "Go to the last step. Then find an input x for which w gets no gradient, though the error is not zero.",
            lambda d: d.step == STEPS and abs(d.w_grad) < 1e-9 and abs(d.values["error"]) > 0.05,
            solution=dict(step=STEPS, x=0.0),
        ),
        alt="The graph of one neuron's loss, with each node's value, gradient, and the local slopes on the arrows.",
        size=(7.0, 4.2),
    )


# ---------------------------------------------------------------------------------------------- one weight

_RNG = np.random.default_rng(8)
_IN = _RNG.normal(size=(24, 2))
_TARGET = np.tanh(_IN @ np.array([1.5, -1.0]))[:, None]
_WEIGHTS = {
    "w1": np.array([[1.3, -0.7], [0.6, 0.4], [-0.5, 0.9]]),
    "w2": np.array([[0.7, 0.4, -0.5]]),
}
PICK = {"first layer": ("w1", (0, 0)), "second layer": ("w2", (0, 1))}
_RANGE = np.linspace(-4, 4, 161)


@dataclass
class Tangent:
    """The loss as a function of one weight, and the slope that backpropagation finds at one value of it."""

    w: float
    loss: float
    slope: float
    curve: np.ndarray
    after: float
    loss_after: float


def _loss_and_slope(which: str, w: float) -> tuple[float, float]:
    """Forward and backward through 2-3-1 with tanh, one weight set to w: mean squared error and its derivative."""
    name, at = PICK[which]
    weights = {key: value.copy() for key, value in _WEIGHTS.items()}
    weights[name][at] = w
    hidden = np.tanh(_IN @ weights["w1"].T)
    error = hidden @ weights["w2"].T - _TARGET
    dy = 2 * error / len(error)
    grads = {"w2": dy.T @ hidden, "w1": ((dy @ weights["w2"]) * (1 - hidden**2)).T @ _IN}
    return float(np.mean(error**2)), float(grads[name][at])


_CURVES = {which: np.array([_loss_and_slope(which, w)[0] for w in _RANGE]) for which in PICK}


def weight_tangent(which: str, w: float, lr: float) -> Tangent:
    """The loss and its slope at w, and where one step of gradient descent, w - lr * slope, leads."""
    loss, slope = _loss_and_slope(which, w)
    after = w - lr * slope
    return Tangent(w, loss, slope, _CURVES[which], after, _loss_and_slope(which, after)[0])


class TangentView:
    """The loss curve, the tangent, and one step of gradient descent."""

    def __init__(self, figure: Figure):
        ax = figure.subplots()
        ax.set(xlim=(-4, 4), ylim=(0, 1.6), xlabel="one weight, all others held still", ylabel="loss")
        ax.set_title("The gradient is the slope of this curve")
        (self.curve,) = ax.plot(_RANGE, _RANGE, color=plots.FORWARD, animated=True)
        (self.tangent,) = ax.plot([], [], color=plots.GRADIENT, ls="--", animated=True)
        (self.point,) = ax.plot([], [], "o", color=plots.GRADIENT, ms=9, animated=True)
        (self.after,) = ax.plot([], [], "o", mfc="none", mec=plots.BLACK, ms=10, mew=2, animated=True)
        self.text = ax.text(-3.9, 1.48, "", animated=True)

    def update(self, d: Tangent) -> None:
        self.curve.set_ydata(d.curve)
        self.tangent.set_data([d.w - 0.9, d.w + 0.9], [d.loss - 0.9 * d.slope, d.loss + 0.9 * d.slope])
        self.point.set_data([d.w], [d.loss])
        self.after.set_data([d.after], [d.loss_after])
        self.text.set_text(f"slope {d.slope:+.3f}    loss {d.loss:.3f}, after one step (ring) {d.loss_after:.3f}")


def tangent_explorer() -> Explorer:
    """One weight of a small network: its loss curve, and the slope that backpropagation finds."""
    return Explorer(
        compute=weight_tangent,
        draw=TangentView,
        controls={
            "which": Choice(list(PICK), label="weight of the"),
            "w": Slider(-4.0, 4.0, 0.02, -2.0, label="its value"),
            "lr": Slider(0.1, 4.0, 0.1, 2.0, label="learning rate"),
        },
        goal=Goal(
            "Find a step that jumps right over the valley and lands higher than it began.",
            lambda d: d.loss_after > d.loss + 0.01 and abs(d.slope) > 0.05,
            solution=dict(which="second layer", w=-1.0, lr=3.5),
        ),
        alt="The loss as a function of one weight, its tangent, and where one gradient step leads.",
    )


# ---------------------------------------------------------------------------------------------- finite differences

EXPONENTS = np.arange(-13.0, -0.49, 0.25)
FUNCTIONS: dict[str, tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]] = {
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "exp": (np.exp, np.exp),
    "sine": (np.sin, np.cos),
}


@dataclass
class Differences:
    """Errors of two finite differences: over all step sizes, and at one."""

    exponent: float
    forward: np.ndarray
    central: np.ndarray
    here: tuple[float, float]


def _errors(name: str, x: float, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Relative errors of (f(x+h) - f(x)) / h and (f(x+h) - f(x-h)) / 2h, averaged over 40 places near x.

    One place alone would show how its own digits happen to round."""
    f, slope = FUNCTIONS[name]
    places = x + np.linspace(0, 0.1, 40)[:, None]
    true = slope(places)
    forward = np.abs((f(places + h) - f(places)) / h - true) / np.abs(true)
    central = np.abs((f(places + h) - f(places - h)) / (2 * h) - true) / np.abs(true)
    return forward.mean(axis=0), central.mean(axis=0)


def difference_errors(function: str, x: float, exponent: float) -> Differences:
    """How wrong finite differences are for steps of 10^-13 to 10^-0.5."""
    forward, central = _errors(function, x, 10**EXPONENTS)
    here = _errors(function, x, np.array([10**exponent]))
    return Differences(exponent, forward, central, (float(here[0][0]), float(here[1][0])))


class DifferencesView:
    """The U-shaped error of both differences on logarithmic axes."""

    def __init__(self, figure: Figure):
        ax = figure.subplots()
        ax.set(xlim=(1e-13, 0.4), ylim=(1e-13, 10), xscale="log", yscale="log")
        ax.set(xlabel="step size h", ylabel="relative error of the slope")
        ax.set_title("How wrong the slope is, for every step size")
        (self.forward,) = ax.plot([], [], color=plots.ORANGE, ls="--", animated=True, label="(f(x+h) - f(x)) / h")
        (self.central,) = ax.plot([], [], color=plots.BLUE, animated=True, label="(f(x+h) - f(x-h)) / 2h")
        ax.legend(loc="lower left")
        self.line = ax.axvline(1, color=plots.GREY, lw=1, animated=True)
        self.dots = [ax.plot([], [], "o", color=c, ms=8, animated=True)[0] for c in (plots.ORANGE, plots.BLUE)]
        self.text = ax.text(0.25, 2, "", ha="right", animated=True)

    def update(self, d: Differences) -> None:
        steps, h = 10**EXPONENTS, 10**d.exponent
        self.forward.set_data(steps, np.maximum(d.forward, 1e-13))
        self.central.set_data(steps, np.maximum(d.central, 1e-13))
        self.line.set_xdata([h, h])
        for dot, error in zip(self.dots, d.here, strict=True):
            dot.set_data([h], [max(error, 1e-13)])
        self.text.set_text(f"h = {h:.1e}    forward {d.here[0]:.0e}    central {d.here[1]:.0e}")


def differences_explorer() -> Explorer:
    """How small a step finite differences should take."""
    return Explorer(
        compute=difference_errors,
        draw=DifferencesView,
        controls={
            "exponent": Slider(-13.0, -0.5, 0.25, -1.0, label="step size h = 10^"),
            "function": Choice(list(FUNCTIONS), label="function f"),
            "x": Slider(-1.5, 1.5, 0.1, 0.5, label="near x"),
        },
        goal=Goal(
            "Find a step for which the central difference has a relative error below 1e-10.",
            lambda d: d.here[1] < 1e-10,
            solution=dict(exponent=-5.0),
        ),
        alt="Errors of the forward and the central difference against the step size, both U-shaped.",
    )
