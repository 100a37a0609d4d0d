"""Explorer of chapter 21: shift the inputs of a model at work, and watch what is measured and what it costs."""

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
from nnlab.scratch.metrics import population_stability

Array = NDArray[Any]
WINDOWS = (50, 100, 200, 500, 1000, 2000)
BINS, ALARM = 10, 0.2
WATCHED = ("feature 1", "feature 2", "confidence")


def confidence(x: Array) -> Array:
    """The model: the probability of the class it chooses, softmax of (0, 2 x1). It never looks at feature 2."""
    return np.asarray(1 / (1 + np.exp(-np.abs(2 * x[:, 0]))))


def draw(n: int, seed: int, share: float = 0.5) -> tuple[Array, Array]:
    """n points of two bells at x1 = -1.2 and 1.2, and their labels; `share` of them are of class 1."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < share).astype(int)
    return rng.normal(size=(n, 2)) + np.outer(2 * labels - 1, [1.2, 0.0]), labels


def watched(x: Array) -> dict[str, Array]:
    """What the watch looks at, by name."""
    return dict(zip(WATCHED, (x[:, 0], x[:, 1], confidence(x)), strict=True))


@cache
def reference() -> tuple[Array, dict[str, tuple[Array, Array]]]:
    """2,000 points, and for each watched number the inner edges of ten bins and the counts in them."""
    x, _ = draw(2000, 0)
    found = {}
    for name, values in watched(x).items():
        edges = np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1])
        found[name] = (edges, counts(values, edges))
    return x, found


def counts(values: Array, edges: Array) -> Array:
    """How many values lie in each of the bins between the edges and outside of them."""
    return np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)


@dataclass
class Drift:
    """x: (window, 2), labels: (window,), what came in. psi: the index of each watched number. accuracy: of the model on
    what came; on the reference it is 0.88. alarms: the names above 0.2."""

    x: Array
    labels: Array
    psi: dict[str, float]
    accuracy: float

    @property
    def alarms(self) -> list[str]:
        return [name for name, value in self.psi.items() if value > ALARM]


def drift(right: float, up: float, share: float, window: float, seed: float) -> Drift:
    """`window` points, moved right and up by so much, of which a share is of class 1, compared with the reference."""
    x, labels = draw(int(window), 100 + int(seed), share)
    x = x + np.array([right, up])
    _, found = reference()
    psi = {n: population_stability(found[n][1], counts(v, found[n][0])) for n, v in watched(x).items()}
    return Drift(x, labels, psi, float(((x[:, 0] > 0) == labels).mean()))


class DriftView:
    """Left the points and the model's border, right the indices and the accuracy."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
        left.set(xlim=(-7, 7), ylim=(-6.5, 6.5), xlabel="feature 1", ylabel="feature 2")
        left.set_title("Inputs now, on those of training")
        left.plot(*reference()[0][:600].T, ".", color="#c9c9c4", ms=3)
        self.points = [
            left.plot(
                [], [], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], ms=4, mec="white", mew=0.3, animated=True
            )[0]
            for k in (0, 1)
        ]
        left.plot([0, 0], [-6.5, 6.5], color=plots.BLACK, lw=1.5)
        right.set(xlim=(0, 1), ylim=(-1.6, 3), yticks=[2, 1, 0], yticklabels=WATCHED, xlabel="stability index")
        right.grid(False)
        right.set_title("What the watch sees")
        right.plot([ALARM, ALARM], [-0.5, 2.5], color=plots.GREY, ls="-.", lw=1)
        right.text(ALARM + 0.02, 2.72, "alarm at 0.2", fontsize=9, color=plots.GREY, va="center")
        self.bars = [right.fill([0], [0], animated=True)[0] for _ in WATCHED]
        self.values = [right.text(0, 2 - k, "", va="center", fontsize=9, animated=True) for k in range(3)]
        self.accuracy = right.text(0.02, -1.05, "", weight="bold", animated=True)

    def update(self, d: Drift) -> None:
        for k, points in enumerate(self.points):
            points.set_data(*d.x[d.labels == k][:300].T)
        for k, (name, bar, text) in enumerate(zip(WATCHED, self.bars, self.values, strict=True)):
            value = min(d.psi[name], 1.0)
            bar.set_xy([[0, 1.7 - k], [value, 1.7 - k], [value, 2.3 - k], [0, 2.3 - k]])
            bar.set_color(plots.VERMILLION if name in d.alarms else plots.BLUE)
            text.set_text(f"{d.psi[name]:.2f}")
            beyond = ALARM if 0.04 < value < ALARM else value  # not across the line
            text.set_x(beyond + 0.02 if value < 0.8 else value - 0.02)
            text.set_ha("left" if value < 0.8 else "right")
            text.set_color("black" if value < 0.8 else "white")
        self.accuracy.set_text(f"correct: {d.accuracy:.0%} (88% in training)")


def drift_explorer() -> Explorer:
    """Points of two classes that move away from what a model was trained on."""
    return Explorer(
        compute=drift,
        draw=DriftView,
        controls={
            "right": Slider(-3.0, 3.0, 0.1, 0.0, label="move feature 1 by"),
            "up": Slider(-3.0, 3.0, 0.1, 0.0, label="move feature 2 by"),
            "share": Slider(0.0, 1.0, 0.05, 0.5, label="share of class 1"),
            "window": Levels(WINDOWS, 500, label="inputs in the window"),
            "seed": Slider(0, 20, 1, 0, label="which window"),
        },
        goal=Goal(
            "Lower the accuracy below 75% while the index of confidence raises no alarm.",
            lambda d: d.accuracy < 0.75 and d.psi["confidence"] < ALARM,
            solution=dict(right=1.4, share=0.2, window=1000),
        ),
        presets={
            "no drift, 50 inputs": dict(right=0.0, up=0.0, share=0.5, window=50),
            "harmless": dict(right=0.0, up=1.5, share=0.5, window=500),
            "harmful": dict(right=1.5, up=0.0, share=0.5, window=500),
        },
        alt="Points of two classes on those of training with the model's border, and a stability index for each.",
    )
