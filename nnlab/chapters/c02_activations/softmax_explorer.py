"""Explorer of chapter 02: softmax turns three logits and a temperature into probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.activations import softmax

_TEMPERATURES = np.logspace(-1, 1, 101)


@dataclass
class SoftmaxCurves:
    """Three logits and a temperature: the probabilities p (3,), and those at 101 temperatures, curves (101, 3)."""

    logits: np.ndarray
    temperature: float
    p: np.ndarray
    curves: np.ndarray


def softmax_curves(a: float, b: float, c: float, temperature: float) -> SoftmaxCurves:
    """softmax(logits / temperature)."""
    logits = np.array([a, b, c])
    curves = softmax(logits / _TEMPERATURES[:, None], axis=1)
    return SoftmaxCurves(logits, temperature, softmax(logits / temperature), curves)


class SoftmaxView:
    """Left the three probabilities, right how they depend on the temperature."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(-0.6, 2.6), ylim=(0, 1.12), xticks=[0, 1, 2], xticklabels=["a", "b", "c"])
        left.set(ylabel="probability", xlabel="class")
        left.set_title("Three numbers become a choice")
        self.bars = left.bar([0, 1, 2], [0, 0, 0], color=plots.CLASSES[:3], animated=True)
        self.values = [left.text(k, 0, "", ha="center", animated=True) for k in range(3)]
        right.set(xlim=(0.1, 10), xscale="log", ylim=(0, 1.12), xlabel="temperature T", ylabel="probability")
        right.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
        right.set_title("The same logits at every T")
        self.curves = [
            right.plot(_TEMPERATURES, _TEMPERATURES, color=plots.CLASSES[k], ls=("-", "--", ":")[k], animated=True)[0]
            for k in range(3)
        ]
        self.at = right.axvline(1, color=plots.BLACK, lw=1, animated=True)
        self.dots = [
            right.plot([], [], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], animated=True)[0] for k in range(3)
        ]

    def update(self, d: SoftmaxCurves) -> None:
        self.at.set_xdata([d.temperature] * 2)
        for k, p in enumerate(d.p):
            self.bars[k].set_height(p)
            self.values[k].set_y(p + 0.02)
            self.values[k].set_text(f"{p:.3f}")
            self.curves[k].set_ydata(d.curves[:, k])
            self.dots[k].set_data([d.temperature], [p])


def softmax_explorer() -> Explorer:
    """Softmax with a temperature."""
    logit = partial(Slider, -4.0, 4.0, 0.1)
    return Explorer(
        compute=softmax_curves,
        draw=SoftmaxView,
        controls={
            "a": logit(2.0, label="logit a"),
            "b": logit(1.0, label="logit b"),
            "c": logit(0.0, label="logit c"),
            "temperature": Slider(0.1, 10.0, 0.02, 1.0, label="temperature T", log=True),
        },
        goal=Goal(
            "Leave the logits at 2, 1, 0 and find the temperature at which class a gets one half.",
            lambda d: d.logits.tolist() == [2, 1, 0] and abs(d.p[0] - 0.5) < 0.006,
            solution=dict(temperature=2.0893),
        ),
        alt="Bars of three softmax probabilities, and the same probabilities as curves over the temperature.",
    )
