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
SMALL, CONSTANT = 0.01, 0.1
INITS = (*INITIALISERS, "Linear's default", f"normal, {SMALL}", f"constant {CONSTANT}")
NORMS = ("none", "BatchNorm1d", "LayerNorm")
ACTIVATIONS = ("tanh", "sigmoid", "relu", "leaky_relu", "elu", "silu", "gelu")
BINS, REACH = 41, 1.5  # histograms go from -REACH to REACH; what lies beyond is counted in the outermost bin
LOW, HIGH, FACTOR = 0.5, 0.8, 10.0  # of the goal


def first_weights(init: str, rng: np.random.Generator) -> Array:
    """(48, 48) weights as one of INITS draws them."""
    shape = WIDTH, WIDTH
    if init in INITIALISERS:
        return INITIALISERS[init].fn(shape, rng=rng)
    if init == "Linear's default":
        return rng.uniform(-1 / math.sqrt(WIDTH), 1 / math.sqrt(WIDTH), shape)
    return rng.normal(0, SMALL, shape) if init.startswith("normal") else np.full(shape, CONSTANT)


def make_block(init: str, gain: float, norm: str, activation: str, rng: np.random.Generator) -> Sequential:
    """One layer as the explorer counts them: Linear 48 to 48 with bias 0, normalisation if any, activation."""
    linear = Linear(WIDTH, WIDTH, rng=rng)
    linear.params["weight"][...] = gain * first_weights(init, rng)
    linear.params["bias"][...] = 0
    between: dict[str, list[Layer]] = {
        "none": [],
        "BatchNorm1d": [BatchNorm1d(WIDTH)],
        "LayerNorm": [LayerNorm(WIDTH)],
    }
    return Sequential(linear, *between[norm], Elementwise(activation))


def histograms(values: Array, unit: float = 1.0) -> Array:
    """(layers, ...) -> (layers, 41): the share of each layer's values / unit in each bin from -1.5 to 1.5."""
    flat = values.reshape(len(values), -1) / unit
    bins = ((np.clip(flat, -REACH, REACH) + REACH) * (BINS / (2 * REACH))).astype(np.intp)
    place = np.minimum(bins, BINS - 1) + BINS * np.arange(len(values))[:, None]
    return np.bincount(place.ravel(), minlength=BINS * len(values)).reshape(-1, BINS) / flat.shape[1]


@dataclass
class Statistics:
    """By layer, first to last. spread: standard deviation of its outputs y. gradient: root mean square of dL/dy as a
    share of the last layer's. outputs, gradients: histograms (layers, 41) of y and of dL/dy in units of the last's.

    flat: the share of the last layer's neurons, row by row, that pass on less than a twentieth of a gradient.
    different: how many of its 48 neurons do not all say the same."""

    activation: str
    norm: str
    spread: Array
    gradient: Array
    outputs: Array
    gradients: Array
    flat: float
    different: int

    @property
    def healthy(self) -> bool:
        """Whether every layer's spread is in the goal's band, and no two gradients differ by more than its factor."""
        spread = bool((self.spread >= LOW).all() and (self.spread <= HIGH).all())
        return spread and bool(self.gradient.max() <= FACTOR * self.gradient.min())

    @property
    def headline(self) -> str:
        """What becomes of both on their way, in words: more than halved or doubled, more than a factor of 10."""
        if self.different == 1:
            return "All neurons say the same"
        change = float(self.spread[-1] / self.spread[0])
        forward = "fade" if change < 0.5 else "grow" if change > 2 else "keep their size"
        if self.flat > 0.5 and forward == "keep their size" and self.activation in ("tanh", "sigmoid"):
            forward = "saturate"
        first = float(self.gradient[0])  # as a share of the last layer's
        back = "vanish" if first < 1 / FACTOR else "explode" if first > FACTOR else "keep their size"
        both = forward == back
        return f"Activations and gradients {back}" if both else f"Activations {forward}, gradients {back}"


@lru_cache(maxsize=500)
def statistics(activation: str, init: str, gain: float, norm: str, depth: int, seed: int) -> Statistics:
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
    passed = blocks[-1][-1].backward(np.ones_like(x))
    sizes = np.sqrt(np.mean(gradients**2, axis=(1, 2)))
    found = Statistics(
        activation,
        norm,
        outputs.std(axis=(1, 2)),
        sizes / sizes[-1],
        histograms(outputs),
        histograms(gradients, 2 * sizes[-1]),
        float((np.abs(passed) < 0.05).mean()),
        len(np.unique(np.round(x / max(float(np.abs(x).max()), 1e-300), 9), axis=1).T),
    )
    for array in (found.spread, found.gradient, found.outputs, found.gradients):
        array.flags.writeable = False  # they are kept for the next one who asks
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
    """Left what goes forward, right what comes back: histograms by layer, and below one number for each layer."""

    SPREADS, GRADIENTS = (1e-3, 1e2), (1e-6, 1e6)  # what lies beyond is drawn at the edge, as a triangle

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")
        self.rasters, self.lines, self.beyond = [], [], []
        sides = (
            (0.1, "Forward: activations", "output y", REACH, "spread of y", self.SPREADS, plots.FORWARD),
            (
                0.59,
                "Backward: gradients",
                "dL/dy, last = 1",
                2 * REACH,
                "size, last = 1",
                self.GRADIENTS,
                plots.GRADIENT,
            ),
        )
        for left, title, upper_label, reach, lower_label, limits, colour in sides:
            upper = figure.add_axes((left, 0.61, 0.38, 0.285))
            upper.set(xlim=(0.5, DEPTH + 0.5), ylim=(-reach, reach), xticks=range(2, 21, 2))
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
            self.rasters.append((Raster(upper), reach, colour))
            self.lines.append((line, limits))
            self.beyond.append(pair)
            look: dict[str, Any] = dict(width=DEPTH, color=plots.GREEN, alpha=0.25, lw=0)
            band = Rectangle((0.5, LOW), height=HIGH - LOW, **look)
            self.reach = lower.add_patch(band)  # in the end that of the gradients, which begins at the smallest one
        self.reach.set_animated(True)
        self.words = Words(figure, 0, 0, 700, 480)

    def update(self, d: Statistics) -> None:
        write = self.words.write
        self.words.wipe()
        layers = np.arange(1, len(d.spread) + 1)
        pairs = (d.outputs, d.gradients), (d.spread, d.gradient)
        for k, (shares, sizes) in enumerate(zip(*pairs, strict=True)):
            raster, reach, colour = self.rasters[k]
            raster.show(shade(shares, colour), (0.5, len(layers) + 0.5, -reach, reach))
            line, (low, high) = self.lines[k]
            line.set_data(layers, np.clip(sizes, low, high))
            above, below = self.beyond[k]
            above.set_data(layers[sizes > high], np.full(int((sizes > high).sum()), high))
            below.set_data(layers[sizes < low], np.full(int((sizes < low).sum()), low))
        write(d.headline, 14, 460, points=12, bold=True)
        write(f"spread {_span(d.spread)}", 72, 256, points=9.5)
        least, most = float(d.gradient.min()), float(d.gradient.max())
        floor = max(least, self.GRADIENTS[0] / FACTOR)
        self.reach.set(y=floor, height=floor * (FACTOR - 1))
        ratio = f"largest / smallest = {short(most / least)}" if least * 1e300 > most else "none arrives at some layers"
        write(ratio, 425, 256, points=9.5)
        alike = (
            f"{d.different} different outputs of {WIDTH} neurons"
            if d.different > 1
            else f"all {WIDTH} neurons say the same"
        )
        write(f"Last layer: {alike}; the slope is below 0.05 in {d.flat:.0%} of its outputs.", 14, 12, points=10)


def statistics_explorer() -> Explorer:
    """How large activations and gradients are, layer by layer, and what initialisation and normalisation do to it."""
    plain = dict(activation="tanh", norm="none", depth=20)
    return Explorer(
        compute=statistics,
        draw=StatisticsView,
        controls={
            "activation": Choice(ACTIVATIONS, label="activation"),
            "init": Choice(INITS, "xavier_normal", label="initialisation"),
            "gain": Slider(0.5, 2.5, 0.05, 1.0, label="its weights times"),
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
            f"tanh, {DEPTH} layers, no normalisation: keep every layer's spread between {LOW} and {HIGH} and the "
            f"largest gradient within {FACTOR:.0f} times the smallest.",
            lambda d: d.healthy and d.activation == "tanh" and d.norm == "none" and len(d.spread) == DEPTH,
            solution=dict(gain=1.4),
        ),
        size=(7.0, 4.8),
        alt="Histograms of the activations and of the gradients by layer, and the size of both by layer on logarithmic "
        "axes.",
    )
