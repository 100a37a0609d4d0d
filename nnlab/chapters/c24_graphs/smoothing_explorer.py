"""Explorer of chapter 24: the deeper a graph network, the more alike its nodes; and three cures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import normalised_adjacency

from .small_graphs import small_graph

Array = NDArray[Any]
GRAPHS = ("karate club", "air routes", "ring")
CURES = ("none", "residual", "restart", "PairNorm")
DEPTH, RESTART = 32, 0.2
LIMIT = 0.02  # how far apart nodes should stay for the goal


@cache
def table(graph: str) -> Array:
    """The normalised adjacency. Cached: do not write into it."""
    g = small_graph(graph)
    return normalised_adjacency(g.edge_index, len(g.places))


def apart(h: Array) -> float:
    """One minus the mean cosine of all pairs of rows, 0 where all nodes point the same way. h: (N, C)."""
    unit = h / np.maximum(np.linalg.norm(h, axis=1, keepdims=True), 1e-300)
    return float(1 - (unit.mean(axis=0) ** 2).sum())


@cache
def states(graph: str, cure: str, seed: int) -> tuple[Array, Array]:
    """(33, N, 2), what 0 to 32 layers without weights make of random features, and (33,) how far apart nodes are.

    Cached: do not write into them."""
    a = table(graph)
    first = np.random.default_rng(seed).normal(size=(len(a), 2))
    found = [first]
    for _ in range(DEPTH):
        h = a @ found[-1]
        if cure == "residual":
            h = (h + found[-1]) / 2
        elif cure == "restart":
            h = (1 - RESTART) * h + RESTART * first
        elif cure == "PairNorm":
            h = h - h.mean(axis=0)
            h = h / np.sqrt((h**2).sum(axis=1).mean())
        found.append(h)
    return np.array(found), np.array([apart(h) for h in found])


@dataclass
class Smoothing:
    """h: (N, 2) after `depth` layers, scaled so that the longest row has length 1; labels: (N,); curves: how far apart
    nodes are after 0 to 32 layers, by cure."""

    graph: str
    depth: int
    cure: str
    h: Array
    labels: Array
    curves: dict[str, Array]

    @property
    def now(self) -> float:
        return float(self.curves[self.cure][self.depth])


def smoothing(graph: str, depth: int, cure: str, seed: int) -> Smoothing:
    """`depth` layers on random features of two numbers a node, with one of CURES."""
    h = states(graph, cure, seed)[0][depth]
    curves = {name: states(graph, name, seed)[1].copy() for name in CURES}
    return Smoothing(graph, depth, cure, h / np.linalg.norm(h, axis=1).max(), small_graph(graph).labels, curves)


LOOKS = {
    "none": (plots.BLACK, "-"),
    "residual": (plots.BLUE, "--"),
    "restart": (plots.GREEN, "-."),
    "PairNorm": (plots.PURPLE, ":"),
}


class SmoothingView:
    """Left each node as a point of its two numbers, right how far apart they are by depth."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1, 1.25])
        left.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), xlabel="first number", ylabel="second number")
        left.set_title("The nodes' vectors")
        left.axhline(0, color="#c9c9c4", lw=1)
        left.axvline(0, color="#c9c9c4", lw=1)
        self.points = [
            left.plot(
                [], [], plots.CLASS_MARKERS[k], color=plots.CLASSES[k], ms=6, mec="white", mew=0.5, animated=True
            )[0]
            for k in range(4)
        ]
        right.set(xlim=(0, DEPTH), ylim=(-0.03, 1.1), xlabel="layers", ylabel="how far apart")
        right.set_title("1 minus the mean cosine of two nodes")
        self.curves = {
            name: right.plot([], [], color=c, ls=ls, lw=1.6, label=name, animated=True)[0]
            for name, (c, ls) in LOOKS.items()
        }
        (self.dot,) = right.plot([], [], "o", ms=9, color=plots.VERMILLION, animated=True, clip_on=False)
        figure.legend(handles=list(self.curves.values()), loc="outside lower right", ncols=4, fontsize=9)
        self.note = figure.text(0.02, 0.025, "", animated=True)

    def update(self, d: Smoothing) -> None:
        for k, points in enumerate(self.points):
            points.set_data(*d.h[d.labels == k].T)
        for name, curve in self.curves.items():
            curve.set_data(np.arange(DEPTH + 1), d.curves[name])
            curve.set_linewidth(3 if name == d.cure else 1.2)
        self.dot.set_data([d.depth], [d.now])
        self.note.set_text(f"{d.depth} layers, {d.cure}: {d.now:.3f} apart")


def smoothing_explorer() -> Explorer:
    """Random features of two numbers a node, through more and more layers of a graph network without weights."""
    for graph in GRAPHS:
        for cure in CURES:
            states(graph, cure, 0)  # now, so that no move of a control has to wait for it
    return Explorer(
        compute=smoothing,
        draw=SmoothingView,
        controls={
            "graph": Choice(GRAPHS, "karate club"),
            "depth": Slider(0, DEPTH, 1, 4, label="layers"),
            "cure": Choice(CURES, "none"),
            "seed": Slider(0, 9, 1, 0, label="features drawn again"),
        },
        goal=Goal(
            f"Air routes, no cure: how few layers leave the nodes less than {LIMIT:g} apart?",
            lambda d: (
                d.graph == "air routes" and d.cure == "none" and d.now < LIMIT <= d.curves["none"][max(d.depth - 1, 0)]
            ),
            solution=_solution(),
        ),
        presets={
            "32 layers": dict(graph="karate club", depth=32, cure="none"),
            "32 layers, restart": dict(graph="karate club", depth=32, cure="restart"),
        },
        size=(7.2, 3.6),
        alt="The vectors of a graph's nodes after some layers, and how far apart they are by depth for four cures.",
    )


def _solution() -> dict[str, Any]:
    curve = states("air routes", "none", 0)[1]
    return dict(graph="air routes", depth=int((curve < LIMIT).argmax()), cure="none", seed=0)
