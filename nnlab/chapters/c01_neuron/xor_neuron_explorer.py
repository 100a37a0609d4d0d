"""One neuron gets at most three of the four corners of XOR right."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.chapters.c01_neuron.xor import _FINE, _UNIT, _UNIT_GRID, Xor, _draw_corners, _step
from nnlab.datasets import CORNERS, LOGIC
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal


def xor_neuron(w1: float, w2: float, b: float) -> Xor:
    """One neuron that says 1 where w.x + b > 0, tried on XOR."""
    w = np.array([w1, w2])
    says = _step(CORNERS @ w + b)
    right = int((says == LOGIC["XOR"]).sum())
    return Xor(says, right, [(w, b)], _step(_UNIT_GRID @ w + b).reshape(_FINE, _FINE), CORNERS, np.empty(0))


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
