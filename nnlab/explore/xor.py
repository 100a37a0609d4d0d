"""Explorers of chapter 01: XOR, which one neuron cannot compute and two layers can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .. import plots
from ..datasets import CORNERS, LOGIC
from .controls import Slider
from .explorer import Explorer, Goal

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
        self.line.set_data(*plots.border(*d.lines[0], _UNIT))
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
            line.set_data(*plots.border(w, b, _UNIT))
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
