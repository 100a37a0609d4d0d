"""Explorer of chapter 01: one neuron classifies at most three of the four corners of XOR correctly."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.chapters.c01_neuron.xor import GRID, GRID_SIZE, WINDOW, XorOutput, draw_corners, step
from nnlab.datasets import CORNERS, LOGIC
from nnlab.explore.controls import Slider
from nnlab.explore.drawing.field import Field
from nnlab.explore.explorer import Explorer, Goal


def xor_neuron(w1: float, w2: float, b: float) -> XorOutput:
    """One neuron with output 1 where w.x + b > 0, tried on XOR."""
    w = np.array([w1, w2])
    output = step(CORNERS @ w + b)
    right = int((output == LOGIC["XOR"]).sum())
    return XorOutput(output, right, [(w, b)], step(GRID @ w + b).reshape(GRID_SIZE, GRID_SIZE), CORNERS, np.empty(0))


class XorNeuronView:
    """The four corners over one neuron's output, and a table of both."""

    def __init__(self, figure: Figure):
        ax, key = figure.subplots(1, 2, width_ratios=[1.5, 1])
        ax.set(xlim=WINDOW[:2], ylim=WINDOW[2:], xlabel="input x1", ylabel="input x2", xticks=[0, 1], yticks=[0, 1])
        ax.set_title("One neuron draws one line")
        self.field = Field(ax, strength=0.35, smooth=False)
        (self.line,) = ax.plot([], [], color=plots.BLACK, animated=True)
        draw_corners(ax)
        key.set_axis_off()
        for k, (name, y) in enumerate((("XOR = 0", 0.87), ("XOR = 1", 0.77))):
            key.plot([0.06], [y], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], ms=10, transform=key.transAxes)
            key.text(0.14, y, name, va="center", transform=key.transAxes)
        key.text(0.02, 0.6, "(x1, x2)  XOR  output", transform=key.transAxes, weight="bold")
        self.rows = [key.text(0.02, 0.48 - 0.11 * i, "", transform=key.transAxes, animated=True) for i in range(4)]
        self.correct = key.text(0.02, 0.0, "", transform=key.transAxes, weight="bold", fontsize=13, animated=True)

    def update(self, d: XorOutput) -> None:
        self.field.set_data(2 * d.field - 1)
        self.line.set_data(*plots.border(*d.lines[0], WINDOW))
        for text, x, target, output in zip(self.rows, CORNERS, LOGIC["XOR"], d.output, strict=True):
            mark = "right" if output == target else "WRONG"
            text.set_text(f"({x[0]:.0f}, {x[1]:.0f})          {target}          {output:.0f}    {mark}")
        self.correct.set_text(f"{d.correct} of 4 right")


def xor_neuron_explorer() -> Explorer:
    """One neuron tries XOR. No setting gets all four right: that is the lesson."""
    return Explorer(
        compute=xor_neuron,
        draw=XorNeuronView,
        controls={
            "w1": Slider(-2.0, 2.0, 0.1, 1.0, label="weight w1"),
            "w2": Slider(-2.0, 2.0, 0.1, 1.0, label="weight w2"),
            "b": Slider(-2.0, 2.0, 0.1, 0.3, label="bias b"),
        },
        presets={"like OR": dict(w1=1, w2=1, b=-0.5), "like AND": dict(w1=1, w2=1, b=-1.5)},
        goal=Goal("Get 4 of 4 right. How far do you get?", lambda d: d.correct == 4),
        alt="The four corners of XOR with one neuron's line and a table of its outputs.",
    )
