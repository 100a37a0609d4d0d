"""Explorer of chapter 21: how long requests wait under load, and what batches change about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Levels, Slider
from nnlab.explore.explorer import Explorer, Goal

from .queueing import REQUESTS, Array, Simulated, capacity, simulate

RATES = np.arange(100, 4001, 100)
GOAL_RATE, GOAL_P99 = 2000.0, 10.0
_EDGES = np.geomspace(1, 1000, 241)
_CURVE = (0.3, 0.6, 0.8, 0.9, 0.95, 0.98)


@dataclass
class LoadData:
    """now: at the present rate. curve: (2, 6), as `curve` returns it. answered: (241,), the
    share of the requests that had their answer after 1 to 1,000 ms."""

    now: Simulated
    curve: Array
    answered: Array


def under_load(rate: float, most: float, wait: float) -> LoadData:
    """The queue at `rate` requests a second, and its p99 over all rates that calls of `most` rows can serve."""
    now = simulate(rate, int(most), wait)
    answered = np.searchsorted(np.sort(now.latency), _EDGES, side="right") / REQUESTS
    return LoadData(now, curve(int(most), wait), answered)


@lru_cache(maxsize=256)
def curve(most: int, wait: float) -> Array:
    """(2, 6): rates up to 98% of the capacity, and the p99 in ms there."""
    rates = [share * capacity(most) for share in _CURVE]
    return np.array([rates, [simulate(r, most, wait).quantile(0.99) for r in rates]])


class LoadView:
    """Left the latencies of all requests, right p99 over the rate."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xscale="log", xlim=(1, 1000), ylim=(0, 1.5), yticks=[0, 0.25, 0.5, 0.75, 1])
        left.set(xlabel="latency (ms)", ylabel="share of requests")
        left.set_title("Answered within this time")
        (self.shares,) = left.step([], [], where="post", color=plots.BLUE, animated=True)
        self.quantiles = (0.5, 0.99)
        looks = (plots.GREEN, plots.VERMILLION)
        self.marks = [left.plot([], [], color=c, ls="-.", lw=1.5, animated=True)[0] for c in looks]
        self.texts = [left.text(1.15, 1.38 - 0.13 * k, "", color=looks[k], va="center", animated=True) for k in (0, 1)]
        small: dict[str, Any] = dict(fontsize=9, color=plots.GREY)
        self.rows = left.text(870, 1.38, "", ha="right", va="center", animated=True, **small)
        right.set(xlim=(0, 8600), ylim=(1, 1000), yscale="log", xlabel="requests a second", ylabel="p99 (ms)")
        right.set_title("p99 over the load")
        (self.curve,) = right.plot([], [], color=plots.BLUE, animated=True)
        (self.wall,) = right.plot([], [], color=plots.GREY, ls="-.", lw=1, animated=True)
        (self.point,) = right.plot([], [], "o", color=plots.VERMILLION, ms=9, animated=True, clip_on=False)
        self.most = right.text(0, 600, "", animated=True, va="center", **small)

    def update(self, d: LoadData) -> None:
        self.shares.set_data(_EDGES, d.answered)
        for mark, text, q in zip(self.marks, self.texts, self.quantiles, strict=True):
            mark.set_data([1, min(d.now.quantile(q), 1000), min(d.now.quantile(q), 1000)], [q, q, 0])
            text.set_text(f"p{100 * q:.0f} {d.now.quantile(q):,.1f} ms")
        self.rows.set_text(f"{d.now.sizes.mean():.1f} rows a call")
        self.curve.set_data(d.curve[0], np.minimum(d.curve[1], 1000))
        top = capacity(d.now.most)
        self.wall.set_data([top, top], [1, 1000])
        self.point.set_data([d.now.rate], [min(d.now.quantile(0.99), 1000)])
        self.most.set_text("capacity")
        self.most.set_x(top + 120 if top < 6000 else top - 120)
        self.most.set_ha("left" if top < 6000 else "right")


def load_explorer() -> Explorer:
    """A queue in front of a model, with the rate of requests and the size of batches on sliders."""
    return Explorer(
        compute=under_load,
        draw=LoadView,
        controls={
            "rate": Slider(100, 4000, 100, 800, label="requests a second"),
            "most": Levels((1, 2, 4, 8, 16, 32), 1, label="most rows a call"),
            "wait": Slider(0.0, 20.0, 1.0, 0.0, label="wait for company", unit="ms"),
        },
        goal=Goal(
            f"Serve {GOAL_RATE:,.0f} requests a second with a p99 below {GOAL_P99:.0f} ms. Does waiting help?",
            lambda d: d.now.rate >= GOAL_RATE and d.now.quantile(0.99) < GOAL_P99,
            solution=dict(rate=2000, most=16, wait=0.0),
        ),
        presets={
            "half the load": dict(rate=400, most=1, wait=0.0),
            "nearly all of it": dict(rate=900, most=1, wait=0.0),
            "with batches": dict(rate=900, most=16, wait=0.0),
        },
        alt="The share of requests answered over time with p50 and p99, and p99 over the rate of requests.",
    )
