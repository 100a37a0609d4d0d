"""Explorer of chapter 01: two hidden neurons make XOR possible."""

from __future__ import annotations

from functools import partial

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.chapters.c01_neuron.xor import GRID, GRID_SIZE, WINDOW, XorOutput, draw_corners, step
from nnlab.datasets import CORNERS, LOGIC
from nnlab.explore.controls import Slider
from nnlab.explore.drawing.field import Field
from nnlab.explore.explorer import Explorer, Goal


def xor_layer(b1: float, b2: float, v1: float, v2: float, c: float) -> XorOutput:
    """Two hidden neurons, each with weights (1, 1), and one that reads them."""
    ones, v = np.ones(2), np.array([v1, v2])

    def hidden(x: np.ndarray) -> np.ndarray:
        return np.column_stack([step(x @ ones + b1), step(x @ ones + b2)])

    output = step(hidden(CORNERS) @ v + c)
    return XorOutput(
        output,
        int((output == LOGIC["XOR"]).sum()),
        [(ones, b1), (ones, b2)],
        step(hidden(GRID) @ v + c).reshape(GRID_SIZE, GRID_SIZE),
        hidden(CORNERS),
        step(GRID @ v + c).reshape(GRID_SIZE, GRID_SIZE),
    )


class XorLayerView:
    """Left the inputs with two lines, right the same corners as the two hidden neurons see them."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        self.fields, self.lines = [], []
        for ax, title in ((left, "Inputs: two neurons, two lines"), (right, "What the last neuron sees")):
            ax.set(xlim=WINDOW[:2], ylim=WINDOW[2:], xticks=[0, 1], yticks=[0, 1], title=title)
            self.fields.append(Field(ax, strength=0.35, smooth=False))
        left.set(xlabel="input x1", ylabel="input x2")
        right.set(xlabel="hidden neuron h1", ylabel="hidden neuron h2")
        for style in ("-", "--"):
            self.lines.append(left.plot([], [], color=plots.BLACK, ls=style, animated=True)[0])
        draw_corners(left)
        self.hidden = [
            right.plot([], [], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], ms=11, mec="white", animated=True)[0]
            for k in (0, 1)
        ]
        self.names = [right.text(0, 0, "", fontsize=9, animated=True) for _ in range(4)]
        self.correct = left.text(-0.52, 1.44, "", weight="bold", animated=True, zorder=5)
        self.correct.set_bbox(dict(facecolor=plots.PAPER, edgecolor="none", pad=2))

    def update(self, d: XorOutput) -> None:
        self.fields[0].set_data(2 * d.field - 1)
        self.fields[1].set_data(2 * d.hidden_field - 1)
        for line, (w, b) in zip(self.lines, d.lines, strict=True):
            line.set_data(*plots.border(w, b, WINDOW))
        for k, dots in enumerate(self.hidden):
            dots.set_data(*d.hidden[LOGIC["XOR"] == k].T)
        placed: dict[tuple[float, float], list[str]] = {}
        for (h1, h2), (x1, x2) in zip(d.hidden, CORNERS, strict=True):
            placed.setdefault((h1, h2), []).append(f"({x1:.0f},{x2:.0f})")
        for text in self.names:
            text.set_text("")
        for text, ((h1, h2), corners) in zip(self.names, placed.items(), strict=False):
            text.set_position((h1 - 0.5, h2 - 0.24))
            text.set_text(" ".join(corners))
        self.correct.set_text(f"{d.correct} of 4 right")


def xor_layer_explorer() -> Explorer:
    """Two hidden neurons make XOR possible: they move the corners."""
    bias = partial(Slider, -3.0, 1.0, 0.1)
    return Explorer(
        compute=xor_layer,
        draw=XorLayerView,
        controls={
            "b1": bias(-0.5, label="bias of h1 (solid)"),
            "b2": bias(0.5, label="bias of h2 (dashed)"),
            "v1": Slider(-2.0, 2.0, 0.1, 1.0, label="weight of h1"),
            "v2": Slider(-2.0, 2.0, 0.1, 0.5, label="weight of h2"),
            "c": Slider(-2.0, 2.0, 0.1, -0.5, label="bias of the last neuron"),
        },
        goal=Goal(
            "Get 4 of 4 right. Move the dashed line first, then decide how much h2 should count.",
            lambda d: d.correct == 4,
            solution=dict(b1=-0.5, b2=-1.5, v1=1.0, v2=-1.0, c=-0.5),
        ),
        alt="The four corners of XOR with two lines, and the same corners as the two hidden neurons see them.",
    )
