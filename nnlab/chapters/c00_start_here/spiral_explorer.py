"""A network that learns two spirals while you watch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.datasets import spirals
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.run import Run
from nnlab.scratch import MLP, Adam, BCEWithLogitsLoss, sigmoid

_FIELD = (-1.4, 1.4, -1.4, 1.4)
_GRID = plots.grid(_FIELD, 64)


@dataclass
class Learning:
    """A network in training on two spirals."""

    x: np.ndarray
    labels: np.ndarray
    net: MLP
    opt: Adam
    losses: list[float] = field(default_factory=list)
    accuracy: float = 0.0


def spiral_begin(hidden: int, lr: float, noise: float, seed: int) -> Learning:
    """200 points on two spirals, and a fresh network 2 - hidden - hidden - 1 with tanh."""
    x, labels = spirals(200, noise=noise, seed=seed)
    net = MLP([2, hidden, hidden, 1], "tanh", rng=np.random.default_rng(seed))
    return Learning(x, labels, net, Adam(net.params, lr=lr))


def spiral_advance(state: Learning, hidden: int, lr: float, noise: float, seed: int) -> None:
    """One step of Adam on all points."""
    loss = BCEWithLogitsLoss()
    logits = state.net(state.x)
    state.losses.append(loss(logits[:, 0], state.labels))
    state.net.backward(loss.backward()[:, None])
    state.opt.lr = lr
    state.opt.step(state.net.grads)


@dataclass
class Spiral:
    """What the picture needs: points, the network's answer over the plane, the losses so far, the share right."""

    x: np.ndarray
    labels: np.ndarray
    says: np.ndarray
    losses: list[float]
    accuracy: float


def spiral_now(state: Learning, hidden: int, lr: float, noise: float, seed: int) -> Spiral:
    """The present answer of the network: 2 sigmoid(logit) - 1 over the plane, and its accuracy on the points."""
    says = 2 * sigmoid(state.net(_GRID)[:, 0]) - 1
    accuracy = float(((state.net(state.x)[:, 0] > 0) == state.labels).mean())
    return Spiral(state.x, state.labels, says.reshape(64, 64), state.losses, accuracy)


class SpiralView:
    """Left the plane coloured by the network's answer, right the loss."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=_FIELD[:2], ylim=_FIELD[2:], xlabel="input x1", ylabel="input x2")
        left.set_title("The answer, everywhere")
        self.field = plots.surface(left, np.zeros((64, 64)), _FIELD, animated=True)
        self.points = [
            left.plot([], [], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], mec="white", ms=5, animated=True)[0]
            for k in (0, 1)
        ]
        right.set(xlim=(0, LENGTH), ylim=(0, 0.8), xlabel="step", ylabel="loss")
        right.set_title("How wrong it is")
        (self.curve,) = right.plot([], [], color=plots.BLUE, animated=True)
        self.text = right.text(LENGTH * 0.97, 0.72, "", ha="right", weight="bold", animated=True)

    def update(self, d: Spiral) -> None:
        self.field.set_data(d.says)
        for k, dots in enumerate(self.points):
            dots.set_data(*d.x[d.labels == k].T)
        self.curve.set_data(range(1, len(d.losses) + 1), d.losses)
        self.text.set_text(f"{d.accuracy:.0%} of the points right")


LENGTH = 1000


def spiral_explorer() -> Explorer:
    """A small network, in NumPy, learns two spirals while you watch."""
    return Explorer(
        compute=spiral_now,
        draw=SpiralView,
        controls={
            "hidden": Slider(1, 24, 1, 16, label="neurons in each layer"),
            "lr": Slider(0.001, 0.1, 0.05, 0.01, label="learning rate", log=True, help="acts while it runs"),
            "noise": Slider(0.0, 0.2, 0.01, 0.04, label="noise on the points"),
            "seed": Slider(0, 9, 1, 0, label="seed"),
        },
        goal=Goal(
            "Press Play. Get 99 % of the points right.",
            lambda d: d.accuracy >= 0.99,
            solution=dict(lr=0.01),
            steps=LENGTH,
        ),
        run=Run(spiral_begin, spiral_advance, length=LENGTH, live=("lr",), per_frame=10),
        alt="Points on two spirals over the network's answer in colour, and the falling loss.",
    )
