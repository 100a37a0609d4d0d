"""Explorer of chapter 01: the perceptron's learning rule, one point at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.run import Run

_FIELD = (-3.0, 3.0, -3.0, 3.0)


@dataclass
class Perceptron:
    """A perceptron as it learns: w (2,), b, the points x (N, 2) with labels y (N,) of -1 or 1, the index of the point
    just seen, whether it changed the weights, the mistakes left, those after each step, and the number of updates."""

    w: np.ndarray
    b: float
    x: np.ndarray
    y: np.ndarray
    seen: int
    changed: bool
    mistakes: int
    history: list[int]
    updates: int


def perceptron_begin(gap: float, seed: int) -> Perceptron:
    """Two clouds of points, labels -1 and +1, at least `gap` away from a hidden line; weights start at zero."""
    rng = np.random.default_rng(seed)
    x, direction = rng.uniform(-2.6, 2.6, (400, 2)), rng.normal(size=2)
    side = (x @ direction) / np.hypot(*direction) - 0.4
    keep = np.flatnonzero(np.abs(side) > gap)[:40]
    return Perceptron(np.zeros(2), 0.0, x[keep], np.sign(side[keep]), -1, False, 40, [], 0)


def perceptron_advance(p: Perceptron, gap: float, seed: int) -> None:
    """Take the next misclassified point, or the next one in turn if there is none, and apply the perceptron rule."""
    wrong = np.flatnonzero(p.y * (p.x @ p.w + p.b) <= 0)
    later = wrong[wrong > p.seen]
    p.seen = int(later[0] if len(later) else wrong[0] if len(wrong) else (p.seen + 1) % len(p.y))
    p.changed = len(wrong) > 0
    if p.changed:
        p.w = p.w + p.y[p.seen] * p.x[p.seen]
        p.b = p.b + p.y[p.seen]
        p.updates += 1
    p.mistakes = int((p.y * (p.x @ p.w + p.b) <= 0).sum())
    p.history.append(p.mistakes)


class PerceptronView:
    """Left points, line and the point just seen; right the number of mistakes after each step."""

    def __init__(self, figure: Figure):
        left, self.right = figure.subplots(1, 2)
        left.set(xlim=_FIELD[:2], ylim=_FIELD[2:], xlabel="input x1", ylabel="input x2")
        left.set_title("Each mistake turns the line")
        (self.line,) = left.plot([], [], color=plots.BLACK, animated=True)
        self.points = [
            left.plot([], [], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], mec="white", ms=7, animated=True)[0]
            for k in (0, 1)
        ]
        (self.seen,) = left.plot([], [], "o", mec=plots.VERMILLION, mfc="none", ms=15, mew=2.5, animated=True)
        self.right.set(xlim=(0, 60), ylim=(0, 40), xlabel="step", ylabel="points on the wrong side")
        self.right.set_title("Mistakes left")
        (self.curve,) = self.right.plot([], [], color=plots.BLUE, animated=True)
        self.count = self.right.text(58, 36.5, "", ha="right", animated=True)

    def update(self, d: Perceptron) -> None:
        for k, dots in enumerate(self.points):
            dots.set_data(*d.x[d.y == (-1, 1)[k]].T)
        self.line.set_data(*plots.border(d.w, d.b, _FIELD))
        shown = d.x[[d.seen]] if d.seen >= 0 and d.changed else np.empty((0, 2))
        self.seen.set_data(shown[:, 0], shown[:, 1])
        self.curve.set_data(range(1, len(d.history) + 1), d.history)
        self.count.set_text(f"{d.mistakes} wrong after {d.updates} updates")


def perceptron_explorer() -> Explorer:
    """Rosenblatt's rule at work, one mistake at a time."""
    return Explorer(
        compute=lambda state, gap, seed: state,
        draw=PerceptronView,
        controls={
            "gap": Slider(0.0, 0.6, 0.05, 0.1, label="gap between classes"),
            "seed": Slider(0, 20, 1, 0, label="seed of the points"),
        },
        goal=Goal(
            "Let it run until no point is wrong.",
            lambda d: d.mistakes == 0 and d.updates > 0,
            solution=dict(gap=0.1),
            steps=60,
        ),
        run=Run(perceptron_begin, perceptron_advance, length=60, shown=4, per_frame=1, pause=0.12),
        alt="Points of two classes, the perceptron's line, and the number of mistakes after each step.",
    )
