"""Explorer of chapter 22: turn a query and a key by their positions; their product knows the distance only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import rotary

Array = NDArray[Any]
SPEEDS = {"one pair": 2, "two pairs": 4, "four pairs": 8}  # shown name -> d
FARTHEST, BASE = 30, 100.0  # a smaller base than the usual one, so that every pair is seen to turn
DISTANCES = np.arange(-FARTHEST, FARTHEST + 1)
START = (4, 1)


@dataclass
class Turned:
    """q, k: (2,) the first pair, turned; score: the product over all pairs, divided by d / 2; curve: (61,) the same at
    distances -30 to 30."""

    query: int
    key: int
    q: Array
    k: Array
    score: float
    curve: Array


def turned(pairs: str, query: int, key: int) -> Turned:
    """All pairs of the query and of the key point east at position 0."""
    d = SPEEDS[pairs]
    east = np.tile([1.0, 0.0], d // 2)
    q, k = rotary(np.array([east, east]), np.array([query, key]), base=BASE)
    along = rotary(np.tile(east, (len(DISTANCES), 1)), DISTANCES, base=BASE)
    return Turned(query, key, q[:2], k[:2], float(q @ k) / (d / 2), along @ east / (d / 2))


class TurnedView:
    """Left the first pair of both as hands of a clock, right the score over the distance."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1, 1.7])
        left.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), xticks=[], yticks=[], aspect="equal")
        left.grid(False)
        left.spines[:].set_visible(False)
        left.set_title("The first pair")
        angle = np.linspace(0, 2 * np.pi, 100)
        left.plot(np.cos(angle), np.sin(angle), color=plots.GREY, lw=0.8)
        self.hands = [
            left.plot([], [], marker, color=color, lw=3, markevery=[1], ms=8, label=name, animated=True)[0]
            for name, color, marker in (("query", plots.BLUE, "-o"), ("key", plots.ORANGE, "--s"))
        ]
        right.set(xlim=(-FARTHEST, FARTHEST), ylim=(-1.12, 1.12), xlabel="position of query less that of key")
        right.set_ylabel("score")
        right.set_title("The score depends on the distance only")
        (self.curve,) = right.plot([], [], color=plots.BLACK, lw=1.4, animated=True)
        (self.point,) = right.plot([], [], "o", color=plots.VERMILLION, ms=10, animated=True, clip_on=False)
        self.text = figure.text(0.02, 0.02, "", fontsize=10, animated=True)
        figure.get_layout_engine().set(rect=(0, 0.09, 1, 0.91))  # type: ignore[union-attr, call-arg]
        left.legend(loc="lower center", bbox_to_anchor=(0.5, -0.16), ncols=2, fontsize=8.5)

    def update(self, d: Turned) -> None:
        for hand, pair in zip(self.hands, (d.q, d.k), strict=True):
            hand.set_data([0, pair[0]], [0, pair[1]])
        self.curve.set_data(DISTANCES, d.curve)
        self.point.set_data([d.query - d.key], [d.score])
        score = d.score if abs(d.score) >= 0.005 else 0.0
        self.text.set_text(
            f"Query at {d.query}, key at {d.key}: distance {d.query - d.key}, score {score:.2f}.".replace("-", "−")
        )


def rotary_explorer() -> Explorer:
    """Rotary positions by hand."""
    return Explorer(
        compute=turned,
        draw=TurnedView,
        controls={
            "query": Slider(0, FARTHEST, 1, START[0], label="query's position"),
            "key": Slider(0, FARTHEST, 1, START[1], label="key's position"),
            "pairs": Choice(list(SPEEDS), "two pairs", label="vectors of"),
        },
        goal=Goal(
            "Move both to other places, at least 10 further on, so that the score stays the same.",
            lambda d: min(d.query - START[0], d.key - START[1]) >= 10 and d.query - d.key == START[0] - START[1],
            solution=dict(query=23, key=20),
        ),
        size=(7.0, 3.5),
        alt="Two arrows turned by their positions, and their product over the distance of the positions.",
    )
