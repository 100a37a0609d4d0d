"""Explorer of chapter 21: the weights of a trained layer on a grid of a few bits, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import mnist, trained_cnn
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[Any]
ROWS = 500
REACH = 0.06  # of the axes
SCALES = ("one scale for the layer", "one scale for each unit")
GOAL_BITS, GOAL_ACCURACY = 2, 0.8


@cache
def _parts() -> tuple[Array, Array, Array]:
    """What goes into the hidden layer for 500 test digits (500, 784), their labels, the layer's weights (32, 784)."""
    x, labels = mnist("test")
    net, h = trained_cnn(), (x[:ROWS] / 255).astype(np.float32)[:, None]
    for layer in _layers()[:9]:
        h = layer(h)
    return h, labels[:ROWS], net.state_dict()["9.weight"]


@cache
def _layers() -> list[Any]:
    return list(trained_cnn().layers)


def quantised(w: Array, bits: int, each_unit: bool) -> tuple[Array, Array]:
    """w (out, in) rounded to whole multiples of a scale s, from -(2^(bits-1) - 1) to 2^(bits-1) - 1 of them; the
    largest weight is just reached. -> the rounded weights, and s (out, 1) or (1, 1)"""
    most = 2 ** (bits - 1) - 1
    scale = np.abs(w).max(axis=1 if each_unit else None, keepdims=True) / most
    return np.clip(np.round(w / scale), -most, most) * scale, scale


@dataclass
class Quantised:
    """unit: (784,) weights of the layer's unit with the smallest weights, rounded: (784,) after rounding. step: the
    distance of the grid there. accuracy, before: shares of the 500 digits classified correctly with the rounded
    layer and with the original one. error: root mean square of the rounding over that of the weights. kb: of the
    layer."""

    bits: int
    each_unit: bool
    unit: Array
    rounded: Array
    step: float
    accuracy: float
    before: float
    error: float
    kb: float


def quantising(bits: float, scales: str) -> Quantised:
    """Round the hidden layer's weights, 94% of the network's parameters, and classify 500 digits with them."""
    h, labels, w = _parts()
    each = scales == SCALES[1]
    rounded, scale = quantised(w, int(bits), each)
    unit = int(np.abs(w).max(axis=1).argmin())
    found = [float((_rest(h, weights).argmax(axis=1) == labels).mean()) for weights in (rounded, w)]
    error = float(np.sqrt(((rounded - w) ** 2).mean() / (w**2).mean()))
    kb = (w.size * int(bits) / 8 + 4 * scale.size) / 1000
    step = float(scale[unit if each else 0, 0])
    return Quantised(int(bits), each, w[unit], rounded[unit], step, found[0], found[1], error, kb)


def _rest(h: Array, w: Array) -> Array:
    """Logits from the hidden layer on, with weights w in it."""
    state = _state()
    return np.maximum(h @ w.T + state["9.bias"], 0) @ state["12.weight"].T + state["12.bias"]


@cache
def _state() -> dict[str, Array]:
    return dict(trained_cnn().state_dict())


class QuantisingView:
    """Left a unit's weights on the grid, right the accuracy and the size."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.5, 1])
        left.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="weight in float32", ylabel="weight stored")
        left.set_title("The unit with the smallest weights")
        (self.grid,) = left.plot([], [], color="#cfcfca", lw=0.8, animated=True)
        (self.points,) = left.plot([], [], "o", ms=3.5, color=plots.BLUE, animated=True)
        right.set(xlim=(0, 1), ylim=(-0.3, 3.2), xticks=[], yticks=[])
        right.grid(False)
        for side in ("left", "bottom"):
            right.spines[side].set_visible(False)
        right.set_title("500 test digits")
        names = ("classified correctly", "in float32", "rounding / weights", "size of the layer")
        for k, name in enumerate(names):
            right.text(0, 2.7 - 0.8 * k, name, fontsize=9)
        self.values = [right.text(1, 2.7 - 0.8 * k, "", ha="right", weight="bold", animated=True) for k in range(4)]

    def update(self, d: Quantised) -> None:
        most = 2 ** (d.bits - 1) - 1
        levels = d.step * np.arange(-most, most + 1)
        levels = levels[np.abs(levels) <= REACH]
        levels = levels if len(levels) <= 64 else levels[:0]  # more lines than can be told apart
        x = np.tile([-REACH, REACH, np.nan], len(levels))
        self.grid.set_data(x, np.repeat(levels, 3))
        self.points.set_data(d.unit, d.rounded)
        texts = (f"{d.accuracy:.1%}", f"{d.before:.1%}", f"{d.error:.1%}", f"{d.kb:.1f} kB")
        for text, value in zip(self.values, texts, strict=True):
            text.set_text(value)


def quantising_explorer() -> Explorer:
    """A trained layer's weights with fewer bits."""
    return Explorer(
        compute=quantising,
        draw=QuantisingView,
        controls={
            "bits": Slider(2, 8, 1, 8, label="bits a weight"),
            "scales": Choice(list(SCALES), SCALES[0], label="grid"),
        },
        goal=Goal(
            f"Store the layer with {GOAL_BITS} bits a weight, and still classify {GOAL_ACCURACY:.0%} correctly.",
            lambda d: d.bits <= GOAL_BITS and d.accuracy >= GOAL_ACCURACY,
            solution=dict(bits=2, scales=SCALES[1]),
        ),
        alt="Weights of a unit before and after rounding to a grid, and accuracy, error and size of the layer.",
    )
