"""Explorer of chapter 02: large learning rates push ReLU units to where no gradient reaches them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import MLP

UNITS, STEPS = 40, 100
_X = np.linspace(-1, 1, 64)[:, None]
_Y = np.sin(3 * _X)


@dataclass
class DyingUnits:
    """A run of up to 100 steps: the fit at its end, (64,), and by step the number of dead units and the loss."""

    fit: np.ndarray
    dead: np.ndarray
    loss: np.ndarray


def dying_units(activation: str, lr: float, bias: float) -> DyingUnits:
    """Fit sin(3x) with 40 hidden units by gradient descent. A unit is dead where its slope is 0 for every x: then
    no gradient reaches it, and nothing it does can bring it back."""
    net = MLP([1, UNITS, 1], activation, rng=np.random.default_rng(0))
    net[0].params["bias"][...] = bias
    dead, losses = [], []
    for _ in range(STEPS):
        error = net(_X) - _Y
        losses.append(float(np.mean(error**2)))
        if losses[-1] > 1e4:  # diverged: further steps would only overflow
            break
        slopes = net[1].backward(np.ones((len(_X), UNITS)))
        dead.append(int((slopes == 0).all(axis=0).sum()))
        net.backward(2 * error / len(error))
        for name, weight in net.params.items():
            weight -= lr * net.grads[name]
    return DyingUnits(net(_X)[:, 0], np.array(dead), np.array(losses))


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

    def update(self, d: DyingUnits) -> None:
        self.fit.set_ydata(d.fit)
        diverged = len(d.loss) < STEPS or d.loss[-1] > 1e4
        self.loss.set_text("the run diverged" if diverged else f"loss {d.loss[-1]:.3f}")
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
