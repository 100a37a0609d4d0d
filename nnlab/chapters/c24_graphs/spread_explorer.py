"""Explorer of chapter 24: one node has something to say; watch it spread over the graph, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.spot import Spot
from nnlab.scratch import add_self_loops, normalised_adjacency

from .small_graphs import bare, segments, small_graph

Array = NDArray[Any]
GRAPHS = ("karate club", "path", "ring", "grid")
RULES = ("sum", "mean", "GCN")
STEPS = 12
DRAWING = (0.015, 0.09, 0.56, 0.8)  # left, bottom, width, height, as shares of the picture
MARGIN = 0.06
SHADES = LinearSegmentedColormap.from_list("nnlab_messages", ["#dcecf5", plots.SKY, plots.BLUE, "#00263d"])


@cache
def rule_table(graph: str, rule: str) -> Array:
    """(N, N), what a step multiplies the nodes' values by, a loop for each node included. Do not write into it."""
    g = small_graph(graph)
    if rule == "GCN":
        return normalised_adjacency(g.edge_index, len(g.places))
    edges = add_self_loops(g.edge_index, len(g.places))
    table = np.zeros((len(g.places),) * 2)
    table[edges[1], edges[0]] = 1
    return table / table.sum(axis=1, keepdims=True) if rule == "mean" else table


@dataclass
class Spreading:
    """values: (N,) after the steps, of 1 at the start and 0 elsewhere; reached: (13,) nodes with a value after 0, 1 ...
    12 steps; places: (N, 2); edges: (E, 2, 2); used: (E,), which edges carried a message in the last step."""

    graph: str
    start: int
    steps: int
    rule: str
    values: Array
    reached: Array
    places: Array
    edges: Array
    used: Array


def spreading(graph: str, click: tuple[float, ...], start: int, steps: int, rule: str) -> Spreading:
    """Let a 1 at node `start` spread for `steps` steps. The explorer itself reads `click`."""
    g = small_graph(graph)
    start = min(start, len(g.places) - 1)
    half = g.edge_index[:, : g.edge_index.shape[1] // 2]
    table, x = rule_table(graph, rule), np.eye(len(g.places))[start]
    found = [x]
    for _ in range(STEPS):
        found.append(table @ found[-1])
    before = found[max(steps - 1, 0)] > 0
    used = (before[half[0]] | before[half[1]]) & (steps > 0)
    reached = np.array([int((values > 0).sum()) for values in found])
    return Spreading(
        graph, start, steps, rule, found[steps], reached, g.places, np.array(segments(g.places, half)), used
    )


def node_at(spot: tuple[float, ...], values: Mapping[str, Any]) -> dict[str, int]:
    """The node next to a place (u, v) of the whole picture; {} outside of the drawing."""
    left, bottom, width, height = DRAWING
    wide = 1 + 2 * MARGIN
    place = np.array([(spot[0] - left) / width * wide - MARGIN, (spot[1] - bottom) / height * wide - MARGIN])
    if not ((place > -MARGIN) & (place < 1 + MARGIN)).all():
        return {}
    return {"start": int(np.hypot(*(small_graph(values["graph"]).places - place).T).argmin())}


class SpreadView:
    """Left the graph, its nodes as dark as their values; right how many nodes were reached after each step."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")  # clicks are looked for at DRAWING
        self.ax = figure.add_axes(DRAWING)
        bare(self.ax, -MARGIN, 1 + MARGIN)
        style: dict[str, Any] = dict(animated=True, clip_on=False)
        self.lines = LineCollection([], colors="#d5d5d0", lw=0.8, **style)
        self.used = LineCollection([], colors=plots.ORANGE, lw=1.4, alpha=0.8, **style)
        for lines in (self.lines, self.used):
            self.ax.add_collection(lines)
        self.nodes = self.ax.scatter([0], [0], s=90, zorder=3, edgecolors=plots.GREY, linewidths=0.8, **style)
        (self.ring,) = self.ax.plot([], [], "o", ms=15, mfc="none", mec=plots.VERMILLION, mew=2.2, zorder=4, **style)
        right = figure.add_axes((0.67, 0.21, 0.3, 0.6))
        right.set(xlim=(-0.5, STEPS + 0.5), ylim=(0, 36), xlabel="step", ylabel="nodes reached", xticks=range(0, 13, 3))
        self.bars = right.bar(range(STEPS + 1), [0] * (STEPS + 1), color=plots.SKY, animated=True)
        (self.all,) = right.plot([], [], ls="--", lw=1, color=plots.GREY, animated=True)
        self.title = figure.text(0.02, 0.93, "", weight="bold", va="center", animated=True)
        self.count = figure.text(0.67, 0.87, "", weight="bold", va="center", fontsize=9.5, animated=True)
        self.note = figure.text(0.02, 0.035, "", va="center", fontsize=9, animated=True)

    def update(self, d: Spreading) -> None:
        self.lines.set_segments(list(d.edges))
        self.used.set_segments(list(d.edges[d.used]))
        self.nodes.set_offsets(d.places)
        shares = np.sqrt(d.values / d.values.max())
        colours = SHADES(shares)
        colours[d.values == 0] = (1, 1, 1, 1)
        self.nodes.set_facecolor(list(map(tuple, colours)))
        self.ring.set_data(d.places[[d.start], 0], d.places[[d.start], 1])
        for step, (bar, n) in enumerate(zip(self.bars, d.reached, strict=True)):
            bar.set_height(int(n))
            bar.set_color(plots.BLUE if step == d.steps else plots.SKY)
        n = len(d.places)
        self.all.set_data([-0.5, STEPS + 0.5], [n, n])
        steps = "1 step" if d.steps == 1 else f"{d.steps} steps"
        self.title.set_text(f"From node {d.start}, after {steps}: {d.reached[d.steps]} of {n} nodes know")
        self.count.set_text("Reached after each step")
        self.note.set_text(f"White: nothing yet. Largest value {d.values.max():.3g}, sum of all {d.values.sum():.3g}.")


def spread_explorer() -> Explorer:
    """A 1 at one node of a graph, all others 0, passed on by one of three rules."""
    return Explorer(
        compute=spreading,
        draw=SpreadView,
        controls={
            "graph": Choice(GRAPHS, "karate club"),
            "click": Spot(label="Click a node to start there.", leads_to=node_at),
            "start": Slider(0, 33, 1, 33, label="start at node"),
            "steps": Slider(0, STEPS, 1, 2, label="steps"),
            "rule": Choice(RULES, "mean", label="what a step does"),
        },
        goal=Goal(
            "Karate club: from which node do three steps reach all 34?",
            lambda d: d.graph == "karate club" and d.steps == 3 and d.reached[3] == len(d.places),
            solution=dict(start=2, steps=3),
        ),
        presets={
            "sums explode": dict(graph="karate club", start=33, steps=12, rule="sum"),
            "a long path": dict(graph="path", start=0, steps=6, rule="mean"),
        },
        size=(7.2, 4.0),
        alt="A graph whose nodes are as dark as what has reached them, and how many were reached after each step.",
    )
