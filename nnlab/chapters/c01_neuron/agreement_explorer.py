"""Explorer of chapter 01: the dot product as agreement between an input and the weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal


@dataclass
class Agreement:
    """Two arrows w and x, (2,), their dot product, and foot (2,), the projection of x on w."""

    w: np.ndarray
    x: np.ndarray
    dot: float
    foot: np.ndarray


def agreement(angle: float, length: float) -> Agreement:
    """w stays at 30 degrees with length 1.5; x turns to `angle` degrees. w.x = |w| |x| cos(angle between them)."""
    w = 1.5 * np.array([np.cos(np.pi / 6), np.sin(np.pi / 6)])
    x = length * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    dot = float(w @ x)
    return Agreement(w, x, dot, dot / float(w @ w) * w)


class AgreementView:
    """Left the two arrows and the shadow of x on w, right the dot product as a bar."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[2.2, 1])
        left.set(xlim=(-3.4, 3.4), ylim=(-2.6, 2.6), xlabel="first entry", ylabel="second entry", aspect="equal")
        left.set_title("The shadow of x on w is the agreement")
        right.set(xlim=(-0.6, 0.6), ylim=(-3.2, 3.2), xticks=[], ylabel="dot product w·x")
        right.axhline(0, color=plots.GREY, lw=1)
        arrow = dict(arrowstyle="-|>", lw=2.5, mutation_scale=16, shrinkA=0, shrinkB=0)
        w = agreement(0, 1).w
        left.annotate("", w, (0, 0), arrowprops=arrow | dict(color=plots.GREY))
        left.text(w[0] + 0.1, w[1] + 0.1, "w", color=plots.GREY, weight="bold", fontsize=12)
        self.x = left.annotate("", (1, 1), (0, 0), arrowprops=arrow | dict(color=plots.BLUE), animated=True)
        self.name = left.text(0, 0, "x", color=plots.BLUE, weight="bold", fontsize=12, animated=True)
        (self.projection,) = left.plot([], [], color=plots.GREEN, lw=6, alpha=0.6, animated=True, solid_capstyle="butt")
        (self.perpendicular,) = left.plot([], [], color=plots.GREY, lw=1, ls=":", animated=True)
        (self.bar,) = right.bar([0], [0], width=0.7, animated=True)
        self.value = right.text(0, 0, "", ha="center", weight="bold", animated=True)

    def update(self, d: Agreement) -> None:
        self.x.xy = (float(d.x[0]), float(d.x[1]))
        self.name.set_position((d.x[0] * 1.12, d.x[1] * 1.12))
        self.projection.set_data([0, d.foot[0]], [0, d.foot[1]])
        self.perpendicular.set_data([d.x[0], d.foot[0]], [d.x[1], d.foot[1]])
        colour = plots.BLUE if d.dot >= 0 else plots.ORANGE
        self.bar.set_height(d.dot)
        self.bar.set_color(colour)
        self.value.set_text(f"{d.dot:z.2f}")
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
