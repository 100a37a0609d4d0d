"""Explorer of chapter 25: integrated gradients, step by step along the path from a blank picture to the digit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.drawing.numbers import grey_colours, signed_colours
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import logit_gradient

from .subjects import COUNT, digits, network, pictures

Array = NDArray[Any]
BASELINES = {"paper": 0.0, "grey": 0.5, "ink": 1.0}
FINE, MOST_STEPS = 60, 40  # places where the logit is drawn, and the most stops
GOAL_STEPS, GOAL_GAP = 8, 0.02


@lru_cache(maxsize=64)
def walk(digit: int, baseline: str, steps: int) -> tuple[Array, Array]:
    """Logit of the label at FINE + 1 places from the baseline to the digit; the gradient at the middles of `steps`
    pieces, times the way, (steps, 28, 28). Cached: do not write into them."""
    x, labels = digits()
    net, start = network(), np.float32(BASELINES[baseline])
    way = x[digit] - start
    fine = start + np.linspace(0, 1, FINE + 1, dtype=np.float32)[:, None, None, None] * way
    stops = start + ((np.arange(steps, dtype=np.float32) + 0.5) / steps)[:, None, None, None] * way
    logit = net(fine)[:, labels[digit]].astype(np.float64)
    g = logit_gradient(net, stops, np.full(steps, labels[digit]))
    return logit, (way * g)[:, 0].astype(np.float64)


@dataclass
class Path:
    """x: (28, 28), the picture where the walk stands; parts: (28, 28), the shares so far. logit: (FINE + 1,), of the
    label along the path; stops, sums: (steps,) each, where a piece ends and the sum of all shares up to it.
    done: pieces walked. gap: of the whole path, the sum minus the rise; rise: of the logit."""

    x: Array
    parts: Array
    logit: Array
    stops: Array
    sums: Array
    done: int
    gap: float
    rise: float
    label: int


def gradient_path(digit: int, baseline: str, steps: int, walked: float) -> Path:
    """Integrated gradients with `steps` stops, of which the share `walked` has been visited."""
    x, labels = digits()
    logit, products = walk(digit, baseline, steps)
    done = round(walked * steps)
    start = BASELINES[baseline]
    sums = np.cumsum(products.sum(axis=(1, 2))) / steps
    rise = float(logit[-1] - logit[0])
    here = start + done / steps * (x[digit, 0] - start)
    parts = products[:done].sum(axis=0) / steps
    ends = (np.arange(steps) + 1) / steps
    return Path(here, parts, logit.copy(), ends, sums, done, float(sums[-1]) - rise, rise, int(labels[digit]))


class PathView:
    """The picture where the walk stands, the shares so far, and the logit with the sum of the shares."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")
        places = [(0.01, 0.25, 0.235, 0.526), (0.265, 0.25, 0.235, 0.526)]
        self.picture, self.map = pictures(figure, places, ["on the way", "shares so far"])
        self.ax = figure.add_axes((0.575, 0.2, 0.405, 0.6))
        self.ax.set(xlim=(0, 1.03), ylim=(-0.6, 1.3), xticks=[0, 0.5, 1], yticks=[0, 1])
        self.ax.set_xlabel("from the baseline (0) to the digit (1)", fontsize=9)
        self.ax.set_ylabel("share of the rise", fontsize=9)
        self.ax.axhline(1, color=plots.GREY, lw=1)
        (self.curve,) = self.ax.plot([], [], color=plots.FORWARD, animated=True)
        (self.ahead,) = self.ax.plot([], [], "o", ms=4, color=plots.GRADIENT, mfc="none", animated=True)
        (self.behind,) = self.ax.plot([], [], "o", ms=5, color=plots.GRADIENT, animated=True)
        self.title = figure.text(0.015, 0.93, "", weight="bold", va="center", animated=True)
        self.note = figure.text(0.015, 0.09, "", va="center", fontsize=9.5, animated=True)
        figure.text(0.575, 0.855, "line: logit", color=plots.FORWARD, fontsize=9, va="center")
        figure.text(0.735, 0.855, "dots: sum of shares", color=plots.GRADIENT, fontsize=9, va="center")

    def update(self, d: Path) -> None:
        self.picture.show(grey_colours(1 - d.x), (0, 1, 0, 1))
        self.map.show(signed_colours(d.parts, max(float(np.abs(d.parts).max()), 1e-9)), (0, 1, 0, 1))
        scale = d.rise if abs(d.rise) > 1e-9 else 1.0
        self.curve.set_data(np.linspace(0, 1, FINE + 1), np.clip((d.logit - d.logit[0]) / scale, -0.6, 1.3))
        height = np.clip(d.sums / scale, -0.6, 1.3)
        self.ahead.set_data(d.stops[d.done :], height[d.done :])
        self.behind.set_data(d.stops[: d.done], height[: d.done])
        self.title.set_text(f"The shares add up to {d.sums[-1]:.2f}, the logit of {d.label} rises by {d.rise:.2f}")
        self.note.set_text(
            f"gap {d.gap:+.2f}, {abs(d.gap / scale):.1%} of the rise, after {len(d.sums)} "
            f"stop{'' if len(d.sums) == 1 else 's'}"
        )


def is_complete(d: Path) -> bool:
    """Whether few stops leave a small gap, at the end of the path."""
    return len(d.sums) <= GOAL_STEPS and d.done == len(d.sums) and abs(d.gap) <= GOAL_GAP * abs(d.rise)


def gradient_path_explorer() -> Explorer:
    """Integrated gradients of 60 test digits."""
    return Explorer(
        compute=gradient_path,
        draw=PathView,
        controls={
            "digit": Slider(0, COUNT - 1, 1, 0, label="test digit"),
            "baseline": Choice(list(BASELINES), "paper", label="baseline"),
            "steps": Slider(1, MOST_STEPS, 1, 4, label="stops"),
            "walked": Slider(0.0, 1.0, 0.025, 0.5, label="share walked"),
        },
        goal=Goal(
            f"Walk to the end, and bring the gap below {GOAL_GAP:.0%} of the rise with at most {GOAL_STEPS} stops.",
            is_complete,
            solution=_solution(),
        ),
        size=(7.2, 3.1),
        alt="A digit that fades in, each pixel's share of the answer so far, and the logit along the path.",
    )


def _solution() -> dict[str, Any]:
    for digit in range(COUNT):
        if is_complete(gradient_path(digit, "paper", GOAL_STEPS, 1.0)):
            return dict(digit=digit, steps=GOAL_STEPS, walked=1.0)
    raise LookupError("no digit has so small a gap")
