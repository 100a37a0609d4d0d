"""Explorer of chapter 02: the size of the gradient, layer by layer through a deep network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import Linear
from nnlab.scratch.activations import Elementwise
from nnlab.scratch.init import INITIALISERS

WIDTH, ROWS = 32, 64


@dataclass
class GradientByDepth:
    """By layer, first to last, (depth,): the standard deviation of its outputs, and the size of the gradient that
    reaches it."""

    activation: str
    init: str
    signal: np.ndarray
    gradient: np.ndarray

    @property
    def ratio(self) -> float:
        """The gradient that reaches the first layer divided by the one that enters the last."""
        return float(self.gradient[0] / self.gradient[-1])


def gradient_by_depth(activation: str, init: str, depth: int, seed: int = 0) -> GradientByDepth:
    """Send random rows forward through `depth` layers of 32 neurons, and a random gradient back.

    signal: standard deviation of each layer's outputs. gradient: root mean square of dL/dz, z the layer's sums."""
    rng = np.random.default_rng(seed)
    layers = [Linear(WIDTH, WIDTH, rng=rng) for _ in range(depth)]
    activations = [Elementwise(activation) for _ in range(depth)]
    for layer in layers:
        layer.params["weight"][...] = INITIALISERS[init].fn((WIDTH, WIDTH), rng=rng)
        layer.params["bias"][...] = 0
    x, signal = rng.normal(size=(ROWS, WIDTH)), []
    for layer, activate in zip(layers, activations, strict=True):
        x = activate(layer(x))
        signal.append(x.std())
    dy, gradient = rng.normal(size=x.shape), []
    for layer, activate in zip(reversed(layers), reversed(activations), strict=True):
        dz = activate.backward(dy)
        gradient.append(np.sqrt(np.mean(dz**2)))
        dy = layer.backward(dz)
    return GradientByDepth(activation, init, np.array(signal), np.array(gradient[::-1]))


class DepthView:
    """Left the signal on its way forward, right the gradient on its way back, both on a logarithmic axis."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(0, 41), ylim=(1e-6, 1e15), yscale="log", xlabel="layer", ylabel="std of the outputs")
        left.set_title("Forward: the signal")
        right.set(xlim=(0, 41), ylim=(1e-22, 1e22), yscale="log", xlabel="layer", ylabel="gradient, last layer = 1")
        right.set_title("Backward: the gradient")
        right.axhspan(0.1, 10, color=plots.GREEN, alpha=0.18, lw=0)
        right.text(40, 30, "healthy: within a factor of 10", ha="right", color="#00664b", fontsize=9)
        (self.signal,) = left.plot([], [], "o-", ms=4, color=plots.FORWARD, animated=True)
        (self.gradient,) = right.plot([], [], "o-", ms=4, color=plots.GRADIENT, animated=True)
        self.text = right.text(1, 1e18, "", weight="bold", animated=True)

    def update(self, d: GradientByDepth) -> None:
        layers = np.arange(1, len(d.signal) + 1)
        self.signal.set_data(layers, d.signal)
        self.gradient.set_data(layers, d.gradient / d.gradient[-1])
        self.text.set_text(f"first layer gets {d.ratio:.1e}")


def depth_explorer() -> Explorer:
    """What is left of a gradient after many layers."""
    return Explorer(
        compute=gradient_by_depth,
        draw=DepthView,
        controls={
            "activation": Choice(["sigmoid", "tanh", "relu", "leaky_relu", "elu", "silu", "gelu"], label="activation"),
            "init": Choice(["xavier_normal", "kaiming_normal", "normal"], label="initialisation"),
            "depth": Slider(2, 40, 1, 6, label="layers"),
            "seed": Slider(0, 9, 1, 0, label="seed"),
        },
        goal=Goal(
            "Keep the first layer's gradient within a factor of 10 of the last's, through 40 layers.",
            lambda d: len(d.signal) == 40 and 0.1 <= d.ratio <= 10,
            solution=dict(activation="relu", init="kaiming_normal", depth=40),
        ),
        alt="By layer, on logarithmic axes: the standard deviation of the outputs, and the gradient that reaches the "
        "layer.",
    )
