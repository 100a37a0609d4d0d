"""Explorer of chapter 26: weights and inputs of a network on a grid of a few bits, and one weight that is large."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Levels, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.compression.quantize import dequantize, quantization_grid, quantize

from .digits_net import accuracy, layers

Array = NDArray[Any]
SCALES = ("one a layer", "one a unit")
INPUTS = ("float32", "symmetric", "affine")
LARGE = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
BITS = range(2, 9)
EDGES = np.linspace(-0.25, 0.25, 102)
GOAL_BITS, GOAL_LARGE, GOAL_ACCURACY = 3, 20.0, 0.97


@cache
def _largest() -> tuple[int, int]:
    """Place of the first layer's largest weight."""
    w = layers()[0][0]
    row, column = np.unravel_index(np.abs(w).argmax(), w.shape)
    return int(row), int(column)


def rounded(w: Array, bits: int, each_unit: bool) -> tuple[Array, Array]:
    """w (out, in) on a symmetric grid, float32, and the scales, (out, 1) or ()."""
    grid = quantization_grid(w, bits, axis=0 if each_unit else None)
    # the same as dequantize(quantize(w, grid), grid), in float32 and in one pass: this is called for every move
    scale = grid.scale.astype(np.float32)
    return np.clip(np.rint(w / scale), grid.low, grid.high) * scale, grid.scale


def rounding_inputs(bits: int, kind: str) -> Callable[[Array], Array] | None:
    """What happens to each layer's input: nothing, or rounding on a grid over all of its values."""
    if kind == "float32":
        return None

    def between(h: Array) -> Array:
        grid = quantization_grid(h, bits, symmetric=kind == "symmetric")
        return dequantize(quantize(h, grid), grid).astype(np.float32)

    return between


@cache
def curve(scales: str) -> Array:
    """Accuracy by bits of the weights."""
    return np.array([accuracy([rounded(w, b, scales == SCALES[1])[0] for w in layers()[0]]) for b in BITS])


@dataclass
class Bits:
    """unit: 300 weights of an ordinary unit of the first layer, stored: after rounding; step: of their grid. accuracy
    on 500 digits. levels: how many of the grid's values these weights take. kb: of all weights and scales."""

    bits: int
    scales: str
    large: float
    inputs: str
    unit: Array
    stored: Array
    step: float
    levels: int
    accuracy: float
    kb: float


def bits_of(bits: float, scales: str, large: float, inputs: str) -> Bits:
    """Round all weights, after the largest of the first layer was multiplied by `large`; round inputs too, or not."""
    n, each = int(bits), scales == SCALES[1]
    first = layers()[0][0].copy()
    row, column = _largest()
    first[row, column] *= large
    found = [rounded(w, n, each) for w in (first, *layers()[0][1:])]
    weights, step = [w for w, _ in found], found[0][1]
    shown = (row + 1) % len(first)  # not the unit with the large weight
    kb = sum(w.size * n / 8 + 4 * scale.size for w, scale in found) / 1000
    unit, stored = first[shown, 200:500], weights[0][shown, 200:500]
    return Bits(
        n,
        scales,
        large,
        inputs,
        unit,
        stored,
        float(step[shown, 0] if each else step),
        len(np.unique(np.rint(stored / (step[shown, 0] if each else step)))),
        accuracy(weights, rounding_inputs(n, inputs)),
        kb,
    )


class BitsView:
    """Left a unit's weights on their grid, right the accuracy by bits."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.1, 1])
        left.set(xlim=(-0.25, 0.25), ylim=(-0.25, 0.25), xlabel="weight in float32", ylabel="weight stored")
        left.set_title("Weights of one ordinary unit")
        (self.grid,) = left.plot([], [], color="#cfcfca", lw=0.8, animated=True)
        (self.points,) = left.plot([], [], "o", ms=3.5, color=plots.BLUE, animated=True)
        self.text = left.text(
            0.03, 0.97, "", transform=left.transAxes, va="top", fontsize=9, linespacing=1.5, animated=True
        )
        right.set(xlim=(1.7, 8.3), ylim=(0, 1.03), xlabel="bits a weight", ylabel="accuracy on 500 digits")
        right.set_xticks(list(BITS))
        right.set_title("The cliff is below 4 bits")
        for scales, color in zip(SCALES, (plots.ORANGE, plots.BLUE), strict=True):
            right.plot(BITS, curve(scales), "o-", ms=4, color=color, label=f"{scales}, as trained")
        (self.here,) = right.plot([], [], "D", color=plots.VERMILLION, ms=8, label="now", animated=True)
        right.legend(loc="lower right", fontsize=9)

    def update(self, d: Bits) -> None:
        most = 2 ** (d.bits - 1) - 1
        levels = d.step * np.arange(-most, most + 1)
        levels = levels[np.abs(levels) <= 0.25]
        levels = levels if len(levels) <= 64 else levels[:0]  # more lines than can be told apart
        self.grid.set_data(np.tile([-0.25, 0.25, np.nan], len(levels)), np.repeat(levels, 3))
        self.points.set_data(d.unit, d.stored)
        self.text.set_text(f"accuracy {d.accuracy:.3f}\nvalues in use: {d.levels}\nweights {d.kb:,.0f} kB")
        self.here.set_data([d.bits], [d.accuracy])


def bits_explorer() -> Explorer:
    """A whole network with few bits, one scale a layer or a unit."""
    for scales in SCALES:
        curve(scales)
    return Explorer(
        compute=bits_of,
        draw=BitsView,
        controls={
            "bits": Slider(2, 8, 1, 8, label="bits"),
            "scales": Choice(SCALES, SCALES[0], label="scales"),
            "large": Levels(LARGE, 1.0, label="largest weight times"),
            "inputs": Choice(INPUTS, "float32", label="inputs of layers"),
        },
        goal=Goal(
            f"One weight is {GOAL_LARGE:.0f} times too large, and weights and inputs get {GOAL_BITS} bits. "
            f"Classify {GOAL_ACCURACY:.0%} correctly.",
            lambda d: (
                d.bits <= GOAL_BITS and d.large >= GOAL_LARGE and d.inputs != "float32" and d.accuracy >= GOAL_ACCURACY
            ),
            solution=dict(bits=3, scales=SCALES[1], large=20.0, inputs="affine"),
        ),
        presets={"a large weight": dict(bits=8, scales=SCALES[0], large=50.0, inputs="float32")},
        size=(7.0, 3.8),
        alt="A unit's weights before and after rounding to a grid, and the accuracy of the network by bits.",
    )
