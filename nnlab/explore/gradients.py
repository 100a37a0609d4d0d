"""Explorers of chapter 02 on what an activation does to learning: gradients through depth, and units that die."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from .. import plots
from ..scratch import MLP, Linear
from ..scratch.activations import Elementwise
from ..scratch.init import INITIALISERS
from .controls import Choice, Slider
from .explorer import Explorer, Goal

WIDTH, ROWS = 32, 64


@dataclass
class Depth:
    """By layer, first to last: the spread of its outputs, and the size of the gradient that reaches it."""

    activation: str
    init: str
    signal: np.ndarray
    gradient: np.ndarray

    @property
    def ratio(self) -> float:
        """The gradient that reaches the first layer as a share of the one that enters the last."""
        return float(self.gradient[0] / self.gradient[-1])


def gradient_by_depth(activation: str, init: str, depth: int, seed: int = 0) -> Depth:
    """Send random rows forward through `depth` layers of 32 neurons, and a random gradient back.

    signal: standard deviation of each layer's outputs. gradient: root mean square of dL/dz, z the layer's sums."""
    rng = np.random.default_rng(seed)
    layers = [Linear(WIDTH, WIDTH, rng=rng) for _ in range(depth)]
    bends = [Elementwise(activation) for _ in range(depth)]
    for layer in layers:
        layer.params["weight"][...] = INITIALISERS[init].fn((WIDTH, WIDTH), rng=rng)
        layer.params["bias"][...] = 0
    x, signal = rng.normal(size=(ROWS, WIDTH)), []
    for layer, bend in zip(layers, bends, strict=True):
        x = bend(layer(x))
        signal.append(x.std())
    dy, gradient = rng.normal(size=x.shape), []
    for layer, bend in zip(reversed(layers), reversed(bends), strict=True):
        dz = bend.backward(dy)
        gradient.append(np.sqrt(np.mean(dz**2)))
        dy = layer.backward(dz)
    return Depth(activation, init, np.array(signal), np.array(gradient[::-1]))


class DepthView:
    """Left the signal on its way forward, right the gradient on its way back, both on a logarithmic axis."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(0, 41), ylim=(1e-6, 1e15), yscale="log", xlabel="layer", ylabel="spread of the outputs")
        left.set_title("Forward: the signal")
        right.set(xlim=(0, 41), ylim=(1e-22, 1e22), yscale="log", xlabel="layer", ylabel="gradient, last layer = 1")
        right.set_title("Backward: the gradient")
        right.axhspan(0.1, 10, color=plots.GREEN, alpha=0.18, lw=0)
        right.text(40, 30, "healthy: within a factor of 10", ha="right", color="#00664b", fontsize=9)
        (self.signal,) = left.plot([], [], "o-", ms=4, color=plots.FORWARD, animated=True)
        (self.gradient,) = right.plot([], [], "o-", ms=4, color=plots.GRADIENT, animated=True)
        self.text = right.text(1, 1e18, "", weight="bold", animated=True)

    def update(self, d: Depth) -> None:
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
        alt="By layer, on logarithmic axes: the spread of the outputs, and the gradient that reaches the layer.",
    )


# ---------------------------------------------------------------------------------------------- units that die

UNITS, STEPS = 40, 100
_X = np.linspace(-1, 1, 64)[:, None]
_Y = np.sin(3 * _X)


@dataclass
class Dying:
    """A training of 100 steps: the fit it ends with, and by step how many of 40 units are dead, and the loss."""

    fit: np.ndarray
    dead: np.ndarray
    loss: np.ndarray


def dying_units(activation: str, lr: float, bias: float) -> Dying:
    """Fit sin(3x) with 40 hidden units by gradient descent. A unit is dead where its slope is 0 for every x: then
    no gradient reaches it, and nothing it does can bring it back."""
    net = MLP([1, UNITS, 1], activation, rng=np.random.default_rng(0))
    net[0].params["bias"][...] = bias
    dead, losses = [], []
    for _ in range(STEPS):
        miss = net(_X) - _Y
        losses.append(float(np.mean(miss**2)))
        if losses[-1] > 1e4:  # blown up: what follows would only overflow
            break
        slopes = net[1].backward(np.ones((len(_X), UNITS)))
        dead.append(int((slopes == 0).all(axis=0).sum()))
        net.backward(2 * miss / len(miss))
        for name, weight in net.params.items():
            weight -= lr * net.grads[name]
    return Dying(net(_X)[:, 0], np.array(dead), np.array(losses))


class DyingView:
    """Left target and fit, right the number of dead units step by step."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(-1, 1), ylim=(-1.6, 1.6), xlabel="input x", ylabel="output")
        left.set_title("The fit after 100 steps")
        left.plot(_X[:, 0], _Y[:, 0], color=plots.GREY, lw=4, alpha=0.4)
        left.text(0.02, 0.0, " target", color=plots.GREY, rotation=0)
        (self.fit,) = left.plot(_X[:, 0], _X[:, 0], color=plots.FORWARD, animated=True)
        self.loss = left.text(-0.95, 1.38, "", animated=True)
        right.set(xlim=(0, STEPS), ylim=(0, UNITS + 2), xlabel="step", ylabel=f"dead units of {UNITS}")
        right.set_title("Units no gradient reaches")
        (self.dead,) = right.plot([], [], color=plots.GRADIENT, animated=True)
        self.count = right.text(STEPS - 2, 2, "", ha="right", weight="bold", animated=True)

    def update(self, d: Dying) -> None:
        self.fit.set_ydata(d.fit)
        blown = len(d.loss) < STEPS or d.loss[-1] > 1e4
        self.loss.set_text("the training blew up" if blown else f"loss {d.loss[-1]:.3f}")
        self.dead.set_data(range(len(d.dead)), d.dead)
        self.count.set_text(f"{d.dead[-1]} dead")


def dying_explorer() -> Explorer:
    """How a ReLU unit dies, and what keeps it alive."""
    return Explorer(
        compute=dying_units,
        draw=DyingView,
        controls={
            "activation": Choice(["relu", "leaky_relu", "elu"], label="activation"),
            "lr": Slider(0.01, 0.6, 0.01, 0.1, label="learning rate"),
            "bias": Slider(-2.0, 0.5, 0.1, 0.0, label="first bias of every unit"),
        },
        goal=Goal(
            "With ReLU and the bias left at 0, kill at least 30 of the 40 units.",
            lambda d: d.dead[-1] >= 30 and len(d.loss) == STEPS and d.dead[0] == 0,
            solution=dict(lr=0.3),
        ),
        alt="A fitted curve on its target, and the number of dead units at each training step.",
    )
