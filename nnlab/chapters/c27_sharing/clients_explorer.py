"""Explorer of chapter 27: clients that are alike or unlike, how long each trains alone, and how good the average is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Levels, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.sharing.federated import dirichlet_split

from .federation import digits

Array = NDArray[Any]
CLIENTS, DIGITS, TESTED, ROUNDS, RATE, MOST = 5, 240, 500, 10, 0.3, 10
ALPHAS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)
GOAL_ALPHA, GOAL_GAP = 0.1, 0.001


@cache
def _data() -> tuple[Array, Array, Array, Array]:
    """Digits of 7 x 7 pixels with a constant 1: x (240, 50), y, and 500 to test."""
    parts: list[Array] = []
    for split, n in (("train", DIGITS), ("test", TESTED)):
        x, y = digits(split, n)
        small = x.reshape(-1, 7, 2, 7, 2).mean((2, 4)).reshape(-1, 49)
        parts += [np.column_stack([small, np.ones(n)]), y]
    return parts[0], parts[1], parts[2], parts[3]


def descend(w: Array, x: Array, target: Array, share: Array, steps: int) -> Array:
    """Gradient descent of softmax regression for several owners at once. w: (K, F, C); x: (K, n, F); target: (K, n, C);
    share: (K, n, 1), each example's part of its owner's loss, 0 where a row is only filling."""
    for _ in range(steps):
        z = x @ w
        p = np.exp(z - z.max(axis=2, keepdims=True))
        p /= p.sum(axis=2, keepdims=True)
        w = w - RATE * (x.transpose(0, 2, 1) @ (share * (p - target)))
    return w


@cache
def together(steps: int) -> Array:
    """Test accuracy after each round's steps if all digits lay in one place, (11,)."""
    x, y, x_test, y_test = _data()
    w, share = np.zeros((1, x.shape[1], 10)), np.full((1, len(x), 1), 1 / len(x))
    found = [float(np.mean((x_test @ w[0]).argmax(axis=1) == y_test))]
    for _ in range(ROUNDS):
        w = descend(w, x[None], np.eye(10)[y][None], share, steps)
        found.append(float(np.mean((x_test @ w[0]).argmax(axis=1) == y_test)))
    return np.array(found)


@dataclass
class Federated:
    """counts: (5, 10), digits of each class that each client has; accuracy, pooled: (11,), on test digits after each
    round, of the average and of training in one place; drift: (10,), how far apart the clients end in each round,
    relative to how far their average moves."""

    counts: Array
    accuracy: Array
    pooled: Array
    drift: Array
    alpha: float


def federated(alpha: float, steps: int, seed: int) -> Federated:
    """Ten rounds of federated averaging with softmax regression."""
    x, y, x_test, y_test = _data()
    parts = dirichlet_split(y, CLIENTS, alpha, rng=np.random.default_rng(seed))
    counts = np.array([np.bincount(y[rows], minlength=10) for rows in parts])
    most = max(map(len, parts))
    mine, target = np.zeros((CLIENTS, most, x.shape[1])), np.zeros((CLIENTS, most, 10))
    share = np.zeros((CLIENTS, most, 1))
    for k, rows in enumerate(parts):
        mine[k, : len(rows)], target[k, : len(rows)] = x[rows], np.eye(10)[y[rows]]
        share[k, : len(rows)] = 1 / max(len(rows), 1)
    sizes = counts.sum(axis=1) / len(y)
    w, found, drift = np.zeros((x.shape[1], 10)), [], []
    found.append(float(np.mean((x_test @ w).argmax(axis=1) == y_test)))
    for _ in range(ROUNDS):
        local = descend(np.repeat(w[None], CLIENTS, axis=0), mine, target, share, steps)
        after = np.tensordot(sizes, local, axes=1)
        moved = np.linalg.norm(local - w, axis=(1, 2)) @ sizes
        drift.append(float(moved / max(np.linalg.norm(after - w), 1e-12)))
        w = after
        found.append(float(np.mean((x_test @ w).argmax(axis=1) == y_test)))
    return Federated(counts, np.array(found), together(steps).copy(), np.array(drift), alpha)


class FederatedView:
    """Left who has which digits, right the accuracy by round."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1, 1.2])
        left.set(xticks=range(10), yticks=range(CLIENTS), xlabel="digit", ylabel="client")
        left.grid(False)
        left.spines[:].set_visible(False)
        left.set_title("Who has which digits")
        self.image = left.imshow(np.zeros((CLIENTS, 10)), cmap="Blues", vmin=0, vmax=30, aspect="auto", animated=True)
        right.set(xlim=(0, ROUNDS + 0.2), ylim=(0, 1), xlabel="round", ylabel="accuracy on test digits")
        rounds = np.arange(ROUNDS + 1)
        (self.pooled,) = right.plot(rounds, 0 * rounds, "--", color=plots.GREY, label="all in one place", animated=True)
        (self.curve,) = right.plot(rounds, 0 * rounds, "o-", color=plots.BLUE, ms=5, label="average", animated=True)
        self.title = right.set_title(" ", animated=True)
        figure.legend(handles=[self.curve, self.pooled], loc="outside lower right", ncols=2, fontsize=9)

    def update(self, d: Federated) -> None:
        self.image.set_data(d.counts)
        self.pooled.set_ydata(d.pooled)
        self.curve.set_ydata(d.accuracy)
        self.title.set_text(f"After 10 rounds {d.accuracy[-1]:.2f}, in one place {d.pooled[-1]:.2f}")


def clients_explorer() -> Explorer:
    """Five clients with 240 digits: how unlike they are, and how many steps each takes before the average."""
    return Explorer(
        compute=federated,
        draw=FederatedView,
        controls={
            "alpha": Levels(ALPHAS, 0.1, label="alpha (small: unlike)"),
            "steps": Slider(1, MOST, 1, MOST, label="local steps each round"),
            "seed": Slider(0, 9, 1, 0, label="seed of the deal"),
        },
        goal=Goal(
            f"Keep alpha at {GOAL_ALPHA} or below, and make the average exactly as good as training in one place.",
            lambda d: d.alpha <= GOAL_ALPHA and bool(np.abs(d.accuracy - d.pooled).max() < GOAL_GAP),
            solution=dict(alpha=0.1, steps=1, seed=0),
        ),
        size=(7.2, 3.5),
        alt="A table of which client has which digits, and the accuracy of the averaged network by round.",
    )
