"""Explorer of chapter 11: activations and gradients layer by layer, under every initialisation and normalisation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.drawing.numbers import Raster
from nnlab.explore.drawing.words import Words, short
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import INITIALISERS, BatchNorm1d, Layer, LayerNorm, Linear, Sequential
from nnlab.scratch.activations import Elementwise

Array = NDArray[Any]
WIDTH, ROWS, DEPTH = 48, 64, 20
SMALL_STD, CONSTANT = 0.01, 0.1
INITS = (*INITIALISERS, "Linear's default", f"normal, {SMALL_STD}", f"constant {CONSTANT}")
NORMS = ("none", "BatchNorm1d", "LayerNorm")
ACTIVATIONS = ("tanh", "sigmoid", "relu", "leaky_relu", "elu", "silu", "gelu")
BINS, RANGE = 41, 1.5  # histograms go from -RANGE to RANGE; what lies beyond is counted in the outermost bin
LOW_STD, HIGH_STD, FACTOR = 0.5, 0.8, 10.0  # of the goal


def first_weights(init: str, rng: np.random.Generator) -> Array:
    """(48, 48) weights as one of INITS draws them."""
    shape = WIDTH, WIDTH
    if init in INITIALISERS:
        return INITIALISERS[init].fn(shape, rng=rng)
    if init == "Linear's default":
        return rng.uniform(-1 / math.sqrt(WIDTH), 1 / math.sqrt(WIDTH), shape)
    return rng.normal(0, SMALL_STD, shape) if init.startswith("normal") else np.full(shape, CONSTANT)


def make_block(init: str, gain: float, norm: str, activation: str, rng: np.random.Generator) -> Sequential:
    """One layer as the explorer counts them: Linear 48 to 48 with bias 0, normalisation if any, activation."""
    linear = Linear(WIDTH, WIDTH, rng=rng)
    linear.params["weight"][...] = gain * first_weights(init, rng)
    linear.params["bias"][...] = 0
    normalisation: dict[str, list[Layer]] = {
        "none": [],
        "BatchNorm1d": [BatchNorm1d(WIDTH)],
        "LayerNorm": [LayerNorm(WIDTH)],
    }
    return Sequential(linear, *normalisation[norm], Elementwise(activation))


def histograms(values: Array, unit: float = 1.0) -> Array:
    """(layers, ...) -> (layers, 41): the share of each layer's values / unit in each bin from -1.5 to 1.5."""
    flat = values.reshape(len(values), -1) / unit
    bins = ((np.clip(flat, -RANGE, RANGE) + RANGE) * (BINS / (2 * RANGE))).astype(np.intp)
    place = np.minimum(bins, BINS - 1) + BINS * np.arange(len(values))[:, None]
    return np.bincount(place.ravel(), minlength=BINS * len(values)).reshape(-1, BINS) / flat.shape[1]


@dataclass
class LayerStatistics:
    """By layer, first to last. std: (layers,), standard deviation of its outputs y. gradient: (layers,), root mean
    square of dL/dy divided by the last layer's. outputs, gradients: histograms (layers, 41) of y and of dL/dy, the
    latter in units of twice the last layer's root mean square.

    saturated: the share of the last layer's outputs, over rows and neurons, where the slope is below 0.05.
    distinct: how many different outputs its 48 neurons have; 1 if all are the same."""

    activation: str
    norm: str
    std: Array
    gradient: Array
    outputs: Array
    gradients: Array
    saturated: float
    distinct: int

    @property
    def healthy(self) -> bool:
        """Whether every layer's std is in the goal's band, and no two gradients differ by more than its factor."""
        in_band = bool((self.std >= LOW_STD).all() and (self.std <= HIGH_STD).all())
        return in_band and bool(self.gradient.max() <= FACTOR * self.gradient.min())

    @property
    def headline(self) -> str:
        """In words: whether activations halve or double, and gradients change tenfold, from first to last layer."""
        if self.distinct == 1:
            return "All neurons give the same output"
        change = float(self.std[-1] / self.std[0])
        forward = "fade" if change < 0.5 else "grow" if change > 2 else "keep their size"
        if self.saturated > 0.5 and forward == "keep their size" and self.activation in ("tanh", "sigmoid"):
            forward = "saturate"
        first = float(self.gradient[0])  # as a share of the last layer's
        back = "vanish" if first < 1 / FACTOR else "explode" if first > FACTOR else "keep their size"
        both = forward == back
        return f"Activations and gradients {back}" if both else f"Activations {forward}, gradients {back}"


@lru_cache(maxsize=500)
def statistics(activation: str, init: str, gain: float, norm: str, depth: int, seed: int) -> LayerStatistics:
    """Send 64 random rows forward through `depth` layers, and a random gradient back."""
    rng = np.random.default_rng(seed)
    x, dy = rng.normal(size=(2, ROWS, WIDTH))
    blocks, outputs, gradients = [], np.empty((depth, ROWS, WIDTH)), np.empty((depth, ROWS, WIDTH))
    for k in range(depth):
        blocks.append(make_block(init, gain, norm, activation, rng))
        x = outputs[k] = blocks[k](x)
    for k in range(depth - 1, -1, -1):
        gradients[k] = dy
        dy = blocks[k].backward(dy)
    slopes = blocks[-1][-1].backward(np.ones_like(x))
    sizes = np.sqrt(np.mean(gradients**2, axis=(1, 2)))
    found = LayerStatistics(
        activation,
        norm,
        outputs.std(axis=(1, 2)),
        sizes / sizes[-1],
        histograms(outputs),
        histograms(gradients, 2 * sizes[-1]),
        float((np.abs(slopes) < 0.05).mean()),
        len(np.unique(np.round(x / max(float(np.abs(x).max()), 1e-300), 9), axis=1).T),
    )
    for array in (found.std, found.gradient, found.outputs, found.gradients):
        array.flags.writeable = False  # the cache gives them out again
    return found


def shade(shares: Array, colour: str) -> Array:
    """Histograms (layers, 41) as a picture (41, layers, 4) uint8, high values on top; the darker, the more."""
    dark = np.sqrt(np.minimum(shares.T[::-1] / 0.15, 1))[..., None]
    paper, ink = np.array(to_rgb(plots.PAPER)), np.array(to_rgb(colour))
    out = np.full((*dark.shape[:2], 4), 255, np.uint8)
    out[..., :3] = np.rint(255 * (paper + dark * (ink - paper)))
    return out


def _span(values: Array) -> str:
    return f"{short(float(values.min()))} to {short(float(values.max()))}"


class StatisticsView:
    """Left the forward pass, right the backward pass: histograms by layer, and below one number for each layer."""

    STDS, GRADIENTS = (1e-3, 1e2), (1e-6, 1e6)  # what lies beyond is a triangle at the edge

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")
        self.rasters, self.lines, self.beyond = [], [], []
        columns = (
            (0.1, "Forward: activations", "output y", RANGE, "std of y", self.STDS, plots.FORWARD),
            (
                0.59,
                "Backward: gradients",
                "dL/dy, last = 1",
                2 * RANGE,
                "size, last = 1",
                self.GRADIENTS,
                plots.GRADIENT,
            ),
        )
        for left, title, upper_label, limit, lower_label, limits, colour in columns:
            upper = figure.add_axes((left, 0.61, 0.38, 0.285))
            upper.set(xlim=(0.5, DEPTH + 0.5), ylim=(-limit, limit), xticks=range(2, 21, 2))
            upper.set_title(title, fontsize=10, fontweight="normal")
            upper.set_ylabel(upper_label, labelpad=2)
            upper.tick_params(labelbottom=False)
            upper.grid(False)
            lower = figure.add_axes((left, 0.165, 0.38, 0.345))
            lower.set(xlim=(0.5, DEPTH + 0.5), ylim=limits, yscale="log", xticks=range(2, 21, 2), xlabel="layer")
            lower.set_ylabel(lower_label, labelpad=2)
            (line,) = lower.plot([], [], "o-", ms=4, lw=1.5, color=colour, animated=True)
            pair = [
                lower.plot([], [], mark, ms=6, color=colour, clip_on=False, animated=True, zorder=5)[0] for mark in "^v"
            ]
            self.rasters.append((Raster(upper), limit, colour))
            self.lines.append((line, limits))
            self.beyond.append(pair)
            style: dict[str, Any] = dict(width=DEPTH, color=plots.GREEN, alpha=0.25, lw=0)
            rectangle = Rectangle((0.5, LOW_STD), height=HIGH_STD - LOW_STD, **style)
            self.band = lower.add_patch(rectangle)  # the last one stays: that of the gradients, from the smallest up
        self.band.set_animated(True)
        self.words = Words(figure, 0, 0, 700, 480)

    def update(self, d: LayerStatistics) -> None:
        write = self.words.write
        self.words.wipe()
        layers = np.arange(1, len(d.std) + 1)
        pairs = (d.outputs, d.gradients), (d.std, d.gradient)
        for k, (shares, sizes) in enumerate(zip(*pairs, strict=True)):
            raster, limit, colour = self.rasters[k]
            raster.show(shade(shares, colour), (0.5, len(layers) + 0.5, -limit, limit))
            line, (low, high) = self.lines[k]
            line.set_data(layers, np.clip(sizes, low, high))
            above, below = self.beyond[k]
            above.set_data(layers[sizes > high], np.full(int((sizes > high).sum()), high))
            below.set_data(layers[sizes < low], np.full(int((sizes < low).sum()), low))
        write(d.headline, 14, 460, points=12, bold=True)
        write(f"std {_span(d.std)}", 72, 256, points=9.5)
        least, most = float(d.gradient.min()), float(d.gradient.max())
        floor = max(least, self.GRADIENTS[0] / FACTOR)
        self.band.set(y=floor, height=floor * (FACTOR - 1))
        ratio = f"largest / smallest = {short(most / least)}" if least * 1e300 > most else "none arrives at some layers"
        write(ratio, 425, 256, points=9.5)
        last_layer = (
            f"{d.distinct} different outputs of {WIDTH} neurons"
            if d.distinct > 1
            else f"all {WIDTH} neurons give the same"
        )
        write(
            f"Last layer: {last_layer}; the slope is below 0.05 in {d.saturated:.0%} of its outputs.", 14, 12, points=10
        )


def statistics_explorer() -> Explorer:
    """How large activations and gradients are, layer by layer, and what initialisation and normalisation do to it."""
    plain = dict(activation="tanh", norm="none", depth=20)
    return Explorer(
        compute=statistics,
        draw=StatisticsView,
        controls={
            "activation": Choice(ACTIVATIONS, label="activation"),
            "init": Choice(INITS, "xavier_normal", label="initialisation"),
            "gain": Slider(0.5, 2.5, 0.05, 1.0, label="weights multiplied by"),
            "norm": Choice(NORMS, label="normalisation"),
            "depth": Slider(2, DEPTH, 1, DEPTH, label="layers"),
            "seed": Slider(0, 9, 1, 0, label="seed"),
        },
        presets={
            "tanh, PyTorch's start": dict(**plain, init="Linear's default", gain=1.0),
            "tanh, too large": dict(**plain, init="normal", gain=1.0),
            "ReLU, He's start": dict(activation="relu", init="kaiming_normal", gain=1.0, norm="none", depth=20),
        },
        goal=Goal(
            f"tanh, {DEPTH} layers, no normalisation: keep every layer's standard deviation between {LOW_STD} and "
            f"{HIGH_STD} and the largest gradient within {FACTOR:.0f} times the smallest.",
            lambda d: d.healthy and d.activation == "tanh" and d.norm == "none" and len(d.std) == DEPTH,
            solution=dict(gain=1.4),
        ),
        size=(7.0, 4.8),
        alt="Histograms of the activations and of the gradients by layer, and the size of both by layer on logarithmic "
        "axes.",
    )
