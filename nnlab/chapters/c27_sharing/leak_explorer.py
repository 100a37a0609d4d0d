"""Explorer of chapter 27: what the server reads from a client's gradient, and how much noise it takes to stop that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import mnist
from nnlab.explore.controls import Levels, Slider
from nnlab.explore.drawing.numbers import grey_colours
from nnlab.explore.explorer import Explorer, Goal

from .leak import gradient, likeness, network, read_back, sent

Array = NDArray[Any]
NOISES = (0.0, 0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1, 0.3)
MOST = 8
GOAL_NOISE, GOAL_LIKENESS = 0.05, 0.3


@cache
def _digits() -> tuple[Array, Array]:
    """Eight of each digit, (10, 8, 784) from 0 to 1, the first of each class first."""
    images, labels = mnist("validation")
    rows = np.array([np.flatnonzero(labels == k)[:MOST] for k in range(10)])
    return images[rows].reshape(10, MOST, 784) / 255, labels[rows].astype(int)


@dataclass
class Leak:
    """own: (28, 224), the client's digits side by side; read: (28, 28), what the gradient gives; closest: the greatest
    correlation of it with one of the digits; curve: (9,), the same at every noise."""

    own: Array
    read: Array
    closest: float
    noise: float
    batch: int
    curve: Array


@cache
def _read(digit: int, batch: int) -> tuple[Array, Array, Array]:
    """The client's digits (n, 784), what is read back at every noise (9, 784), and its greatest likeness (9,)."""
    rows = [(digit + k) % 10 for k in range(batch)]  # a batch holds different digits
    x, y = (every[rows, 0] for every in _digits())
    grads = gradient(network(), x, y)
    found = np.array([read_back(sent(grads, noise, np.random.default_rng(0))) for noise in NOISES])
    return x, found, np.array([max(likeness(own, each) for own in x) for each in found])


def leaked(digit: int, batch: int, noise: float) -> Leak:
    """A client's gradient on some digits, clipped to length 1, noised, and read back."""
    x, found, curve = _read(digit, batch)
    own = np.zeros((28, 28 * MOST))
    own[:, : 28 * batch] = np.hstack(list(x.reshape(-1, 28, 28)))
    k = NOISES.index(noise)
    return Leak(own, found[k].reshape(28, 28).copy(), float(curve[k]), noise, batch, curve.copy())


class LeakView:
    """Above the client's digits; below what the server reads, and the likeness at every noise."""

    def __init__(self, figure: Figure):
        axes = figure.subplot_mosaic([["own", "own"], ["read", "curve"]], height_ratios=[1, 2.2], width_ratios=[1, 1.7])
        for name, title in (("own", "What the client has"), ("read", "What the server reads")):
            axes[name].set(xticks=[], yticks=[])
            axes[name].set_title(title)
            axes[name].grid(False)
            axes[name].spines[:].set_visible(False)
        self.own = axes["own"].imshow(np.zeros((28, 28 * MOST, 4), np.uint8), animated=True)
        self.read = axes["read"].imshow(np.zeros((28, 28, 4), np.uint8), interpolation="nearest", animated=True)
        ax = axes["curve"]
        ax.set(xlim=(-0.3, len(NOISES) - 0.7), ylim=(-0.05, 1.05), xlabel="noise, in units of the clipped length")
        ax.set_ylabel("likeness")
        ax.set_xticks(range(len(NOISES)), [f"{noise:g}" for noise in NOISES], fontsize=9)
        (self.curve,) = ax.plot([], [], color=plots.BLUE, animated=True)
        (self.here,) = ax.plot([], [], "o", color=plots.VERMILLION, ms=9, animated=True)
        self.title = ax.set_title(" ", animated=True)

    def update(self, d: Leak) -> None:
        self.own.set_data(grey_colours(1 - d.own))
        low, high = np.quantile(d.read, [0.01, 0.99])
        shown = np.clip((d.read - low) / max(high - low, 1e-12), 0, 1)
        self.read.set_data(grey_colours(1 - shown))
        self.curve.set_data(np.arange(len(NOISES)), d.curve)
        self.here.set_data([NOISES.index(d.noise)], [d.closest])
        self.title.set_text(f"Likeness to the closest digit: {max(d.closest, 0.0):.2f}")


def leak_explorer() -> Explorer:
    """One digit, or a batch of up to eight."""
    return Explorer(
        compute=leaked,
        draw=LeakView,
        controls={
            "digit": Slider(0, 9, 1, 3, label="first digit"),
            "batch": Slider(1, MOST, 1, 1, label="digits in the batch"),
            "noise": Levels(NOISES, 0.0, label="noise"),
        },
        goal=Goal(
            f"One digit in the batch: find the least noise at which its likeness falls below {GOAL_LIKENESS}. "
            "Can you still read it?",
            lambda d: d.batch == 1 and d.noise == least(d.curve),
            solution=dict(digit=3, batch=1, noise=GOAL_NOISE),
        ),
        size=(7.2, 3.8),
        alt="A client's digits, the picture that the server reads from their gradient, and the likeness over noise.",
    )


def least(curve: Array) -> float:
    """The least noise from which on every likeness is below the goal's, or -1."""
    below = [noise for noise, value in zip(NOISES, curve, strict=True) if value < GOAL_LIKENESS]
    return below[0] if below else -1.0
