"""Explorer of chapter 00: a network that learns two spirals while you watch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.datasets import spirals
from nnlab.explore.controls import Slider
from nnlab.explore.drawing.field import Field
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.run import Run
from nnlab.scratch import MLP, Adam, BCEWithLogitsLoss, sigmoid

_FIELD = (-1.4, 1.4, -1.4, 1.4)
_GRID = plots.grid(_FIELD, 64)
STEPS = 1000


@dataclass
class SpiralTraining:
    """A network in training on two spirals: x (200, 2), labels (200,)."""

    x: np.ndarray
    labels: np.ndarray
    net: MLP
    opt: Adam
    losses: list[float] = field(default_factory=list)
    accuracy: float = 0.0


def spiral_begin(hidden: int, lr: float, noise: float, seed: int) -> SpiralTraining:
    """200 points on two spirals, and a fresh network 2 - hidden - hidden - 1 with tanh."""
    x, labels = spirals(200, noise=noise, seed=seed)
    net = MLP([2, hidden, hidden, 1], "tanh", rng=np.random.default_rng(seed))
    return SpiralTraining(x, labels, net, Adam(net.params, lr=lr))


def spiral_advance(state: SpiralTraining, hidden: int, lr: float, noise: float, seed: int) -> None:
    """One step of Adam on all points."""
    loss = BCEWithLogitsLoss()
    logits = state.net(state.x)
    state.losses.append(loss(logits[:, 0], state.labels))
    state.net.backward(loss.backward()[:, None])
    state.opt.lr = lr
    state.opt.step(state.net.grads)


@dataclass
class SpiralOutput:
    """The points, the network's output over the plane (64, 64) from -1 to 1, the losses so far, and the accuracy."""

    x: np.ndarray
    labels: np.ndarray
    output: np.ndarray
    losses: list[float]
    accuracy: float


def spiral_now(state: SpiralTraining, hidden: int, lr: float, noise: float, seed: int) -> SpiralOutput:
    """The network's present output, 2 sigmoid(logit) - 1, over the plane, and its accuracy on the points."""
    output = 2 * sigmoid(state.net(_GRID)[:, 0]) - 1
    accuracy = float(((state.net(state.x)[:, 0] > 0) == state.labels).mean())
    return SpiralOutput(state.x, state.labels, output.reshape(64, 64), state.losses, accuracy)


class SpiralView:
    """Left the plane coloured by the network's output, right the loss."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=_FIELD[:2], ylim=_FIELD[2:], xlabel="input x1", ylabel="input x2")
        left.set_title("The answer, everywhere")
        self.field = Field(left)
        self.points = [
            left.plot([], [], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], mec="white", ms=5, animated=True)[0]
            for k in (0, 1)
        ]
        right.set(xlim=(0, STEPS), ylim=(0, 0.8), xlabel="step", ylabel="loss")
        right.set_title("How wrong it is")
        (self.curve,) = right.plot([], [], color=plots.BLUE, animated=True)
        self.text = right.text(STEPS * 0.97, 0.72, "", ha="right", weight="bold", animated=True)

    def update(self, d: SpiralOutput) -> None:
        self.field.set_data(d.output)
        for k, dots in enumerate(self.points):
            dots.set_data(*d.x[d.labels == k].T)
        self.curve.set_data(range(1, len(d.losses) + 1), d.losses)
        self.text.set_text(f"{d.accuracy:.0%} of the points right")


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
            "Press Play. Classify 99% of the points correctly.",
            lambda d: d.accuracy >= 0.99,
            solution=dict(lr=0.01),
            steps=STEPS,
        ),
        run=Run(spiral_begin, spiral_advance, length=STEPS, live=("lr",), per_frame=10),
        alt="Points on two spirals over the network's answer in colour, and the falling loss.",
    )
