"""Explorer of chapter 26: the smallest weights of a trained network become 0, and what is left is measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import smaller_runs
from nnlab.datasets.smaller import SMALLER
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

from .digits_net import accuracy, layers

Array = NDArray[Any]
WAYS = SMALLER["ways"]
EDGES = np.linspace(-0.25, 0.25, 52)
SHARES = np.array([0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99])
COLOURS = dict(zip(WAYS, (plots.BLUE, plots.ORANGE, plots.GREY), strict=True))
GOAL_AMOUNT, GOAL_ACCURACY = 0.8, 0.85


@cache
def _ranks(way: str) -> list[Array]:
    """For each weight the share of weights that go before it, from 0 to 1, shaped like the layers."""
    weights = layers()[0]
    rng = np.random.default_rng(0)
    size = [rng.random(w.size) if way == "random" else np.abs(w).ravel() for w in weights]
    groups = [np.concatenate(size)] if way == "all layers together" else size
    ranks = np.concatenate([np.argsort(np.argsort(g, kind="stable"), kind="stable") / len(g) for g in groups])
    parts = np.split(ranks.astype(np.float32), np.cumsum([w.size for w in weights])[:-1])
    return [part.reshape(w.shape) for part, w in zip(parts, weights, strict=True)]


@cache
def _bins() -> Array:
    """In which bar of the histogram each weight lies."""
    flat = np.concatenate([w.ravel() for w in layers()[0]])
    return np.clip(np.searchsorted(EDGES, flat, side="right") - 1, 0, len(EDGES) - 2)


@cache
def curve(way: str) -> Array:
    """Accuracy at SHARES."""
    return np.array([accuracy(_pruned(float(share), way)) for share in SHARES])


def _pruned(amount: float, way: str) -> list[Array]:
    return [w * (r >= amount) for w, r in zip(layers()[0], _ranks(way), strict=True)]


@dataclass
class Sparsity:
    """kept: (51,) weights that are left in each bar of the histogram, all: (51,) before. shares: (3,) that are left of
    each layer. threshold: below this size a weight goes, 0 where no single one decides. accuracy on 500 digits.
    dense, csr: kB of the weights as they are, and as values with column numbers, 4 bytes each."""

    way: str
    amount: float
    kept: Array
    all: Array
    shares: Array
    threshold: float
    accuracy: float
    dense: float
    csr: float


def sparsity(amount: float, way: str) -> Sparsity:
    """Set the share `amount` of the weights to 0 and classify 500 digits."""
    weights = _pruned(amount, way)
    masks = [r >= amount for r in _ranks(way)]
    left = np.concatenate([m.ravel() for m in masks])
    kept, before = (np.bincount(b, minlength=len(EDGES) - 1) for b in (_bins()[left], _bins()))
    together = way == "all layers together" and amount > 0
    threshold = min(float(np.abs(w[m]).min()) for w, m in zip(layers()[0], masks, strict=True)) if together else 0.0
    rows = sum(len(w) + 1 for w in weights)
    return Sparsity(
        way,
        amount,
        kept.astype(float),
        before.astype(float),
        np.array([m.mean() for m in masks]),
        threshold,
        accuracy(weights),
        4 * left.size / 1000,
        (8 * int(left.sum()) + 4 * rows) / 1000,
    )


class SparsityView:
    """Left the weights that stay, right the accuracy by the share of zeros."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1, 1.15])
        middle = (EDGES[1:] + EDGES[:-1]) / 2
        left.set(xlim=(-0.25, 0.25), ylim=(0, 27_000), yticks=[], xlabel="weight", ylabel="how many")
        left.set_title("What stays is blue")
        self.middle = middle
        (self.before,) = left.plot(middle, np.zeros(len(middle)), color=plots.GREY, lw=1, drawstyle="steps-mid")
        self.fill = left.bar(middle, np.zeros(len(middle)), np.diff(EDGES), color=plots.BLUE, animated=True)
        self.text = left.text(
            0.98, 0.98, "", transform=left.transAxes, ha="right", va="top", fontsize=9, linespacing=1.5, animated=True
        )
        right.set(xlim=(-0.02, 1.02), ylim=(0, 1.03), xlabel="share of weights set to zero", ylabel="accuracy")
        right.set_title("500 digits: small weights can go")
        for way in WAYS:
            right.plot(SHARES, curve(way), color=COLOURS[way], lw=1.6, label=way)
        after = smaller_runs().pruned[0, :, :, 1].mean(axis=1)
        right.plot(SMALLER["amounts"], after, color=plots.BLUE, ls="--", lw=1.6, label="+ one epoch")
        right.legend(loc="lower left", fontsize=8.5)
        (self.here,) = right.plot([], [], "o", color=plots.VERMILLION, ms=9, animated=True, clip_on=False)
        self.before.set_ydata(np.bincount(_bins(), minlength=len(middle)))

    def update(self, d: Sparsity) -> None:
        for bar, height in zip(self.fill, d.kept, strict=True):
            bar.set_height(height)
        names = ("layer 1", "layer 2", "layer 3")
        lines = [f"{name}: {share:.0%} left" for name, share in zip(names, d.shares, strict=True)]
        lines += [f"accuracy {d.accuracy:.3f}", f"dense {d.dense:,.0f} kB", f"as CSR {d.csr:,.0f} kB"]
        self.text.set_text("\n".join(lines))
        self.here.set_data([d.amount], [d.accuracy])


def sparsity_explorer() -> Explorer:
    """Pruning a trained network by the size of its weights, or by dice."""
    for way in WAYS:
        curve(way)
    return Explorer(
        compute=sparsity,
        draw=SparsityView,
        controls={
            "amount": Slider(0.0, 0.99, 0.01, 0.5, label="set to zero"),
            "way": Choice(WAYS, "random", label="which ones"),
        },
        goal=Goal(
            f"Set {GOAL_AMOUNT:.0%} of the weights to zero, without training, and still classify {GOAL_ACCURACY:.0%} "
            "correctly. Which layer stays almost whole?",
            lambda d: d.amount >= GOAL_AMOUNT and d.accuracy >= GOAL_ACCURACY,
            solution=dict(amount=0.8, way="all layers together"),
        ),
        size=(7.0, 3.8),
        alt="Histogram of the weights that stay, and the accuracy by the share of weights set to zero, in three ways.",
    )
