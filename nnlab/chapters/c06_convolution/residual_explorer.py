"""Explorer of chapter 06: what a shortcut around each layer does to the gradient of a deep network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Choice, Slider, Toggle
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import BatchNorm1d, Layer, Linear, Residual, Sequential, kaiming_normal
from nnlab.scratch.activations import Elementwise

WIDTH, ROWS = 16, 32


@dataclass
class ShortcutGradients:
    """By layer, first to last, (depth,): the size of the gradient at its output, without and with shortcuts."""

    plain: np.ndarray
    residual: np.ndarray

    @property
    def plain_ratio(self) -> float:
        """The first layer's gradient divided by the last's, without shortcuts."""
        return float(self.plain[0] / self.plain[-1])

    @property
    def residual_ratio(self) -> float:
        """The same with shortcuts."""
        return float(self.residual[0] / self.residual[-1])


def gradients(depth: int, gain: float, activation: str, batch_norm: bool, shortcut: bool, seed: int) -> np.ndarray:
    """Root mean square of dL/dy, (depth,), y the output of each layer of 16 neurons; dL/dy of the last is random.

    A layer is y = act(W x), or y = x + act(W x) with a shortcut; the same seed gives both the same weights and inputs.
    gain: the weights' standard deviation as a multiple of He's sqrt(2 / 16). batch_norm: between W x and act."""
    rng = np.random.default_rng(seed)
    x, dy = rng.normal(size=(2, ROWS, WIDTH))
    blocks: list[Layer] = []
    for _ in range(depth):
        linear = Linear(WIDTH, WIDTH, bias=False, rng=rng)
        linear.params["weight"][...] = gain * kaiming_normal((WIDTH, WIDTH), rng=rng)
        inside = [linear, *([BatchNorm1d(WIDTH)] if batch_norm else []), Elementwise(activation)]
        blocks.append(Residual(*inside) if shortcut else Sequential(*inside))
        x = blocks[-1](x)
    sizes = []
    for block in reversed(blocks):
        sizes.append(np.sqrt(np.mean(dy**2)))
        dy = block.backward(dy)
    return np.array(sizes[::-1])


@lru_cache(maxsize=500)
def shortcuts(depth: int, gain: float, activation: str, batch_norm: bool, seed: int) -> ShortcutGradients:
    """The same layers with and without shortcuts."""
    both = [gradients(depth, gain, activation, batch_norm, shortcut, seed) for shortcut in (False, True)]
    return ShortcutGradients(*both)


class ShortcutsView:
    """The gradient of each layer in both networks, as a share of the last layer's, on a logarithmic axis."""

    def __init__(self, figure: Figure):
        ax = figure.subplots()
        ax.set(xlim=(0, 51), ylim=(1e-23, 1e13), yscale="log", xlabel="layer", ylabel="gradient, last layer = 1")
        ax.set_yticks([1e-20, 1e-15, 1e-10, 1e-5, 1, 1e5, 1e10])
        ax.set_title(" ")
        ax.axhspan(0.01, 100, color=plots.GREEN, alpha=0.18, lw=0)
        ax.text(50.5, 2e2, "within a factor of 100", ha="right", color="#00664b", fontsize=9)
        self.title = ax.text(0, 1.03, "", transform=ax.transAxes, weight="bold", size=10.5, animated=True)
        self.title.set_in_layout(False)  # a long one must not make the axes narrow
        (self.plain,) = ax.plot([], [], "o-", ms=4, color=plots.GREY, animated=True)
        (self.residual,) = ax.plot([], [], "s-", ms=4, color=plots.GRADIENT, animated=True)
        ax.plot([27], [1e-13], "o-", ms=5, color=plots.GREY)
        ax.plot([27], [1e-16], "s-", ms=5, color=plots.GRADIENT)
        ax.text(28, 1e-13, "plain: y = f(x)", va="center")
        ax.text(28, 1e-16, "residual: y = x + f(x)", va="center")

    def update(self, d: ShortcutGradients) -> None:
        layers = np.arange(1, len(d.plain) + 1)
        self.plain.set_data(layers, d.plain / d.plain[-1])
        self.residual.set_data(layers, d.residual / d.residual[-1])
        self.title.set_text(
            f"First of {len(layers)} layers, as a share of the last: "
            f"{d.plain_ratio:.1e} plain, {d.residual_ratio:.2g} residual"
        )


def residual_explorer() -> Explorer:
    """The gradient by layer in a plain network and in the same one with shortcuts."""
    return Explorer(
        compute=shortcuts,
        draw=ShortcutsView,
        controls={
            "depth": Slider(2, 50, 1, 10, label="layers"),
            "gain": Slider(0.2, 1.5, 0.05, 0.4, label="weights", unit="He's = 1", help="PyTorch's own start is 0.41"),
            "activation": Choice(["relu", "tanh"], label="activation"),
            "batch_norm": Toggle(False, label="batch normalisation"),
            "seed": Slider(0, 9, 1, 0, label="seed"),
        },
        goal=Goal(
            "Find a depth at which the plain network's first layer gets less than a millionth of the last's gradient, "
            "and the residual one's stays within a factor of 100.",
            lambda d: d.plain_ratio < 1e-6 and 0.01 <= d.residual_ratio <= 100,
            solution=dict(depth=20),
        ),
        presets={
            "PyTorch's start": dict(gain=0.4, batch_norm=False, activation="relu"),
            "He's start": dict(gain=1.0, batch_norm=False, activation="relu"),
            "batch normalisation": dict(gain=0.4, batch_norm=True, activation="relu"),
        },
        alt="The size of the gradient at each layer on a logarithmic axis, without and with shortcuts.",
    )
