"""Small graphs with places to draw them, and how they are drawn."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import air_routes
from nnlab.scratch import both_directions

from .airports import regions

Array = NDArray[Any]
INSTRUCTOR, PRESIDENT = 0, 33  # of the karate club


class SmallGraph(NamedTuple):
    """edge_index: (2, E) int64, both directions; places: (N, 2) from 0 to 1; labels: (N,) int64, a class for each."""

    edge_index: Array
    places: Array
    labels: Array


def _placed(graph: Any, places: Array, labels: Array) -> SmallGraph:
    low, high = places.min(axis=0), places.max(axis=0)
    size = np.where(high > low, high - low, 1)
    centred = np.where(high > low, (places - low) / size, 0.5)
    return SmallGraph(both_directions(np.array(graph.edges, int).T), centred, labels)


@cache
def small_graph(name: str) -> SmallGraph:
    """ "path" and "ring" of 12 nodes, "grid" of 5 x 5, "karate club" of 34 members or "air routes" of 352 airports.

    The club (Zachary 1977) split in two: label 0 went with the instructor, member 0, label 1 with the president, member
    33. Airports have the region as their label. Cached: do not write into its arrays. Raises KeyError otherwise."""
    turn = 2 * np.pi * np.arange(12) / 12
    if name == "karate club":
        club = nx.karate_club_graph()
        layout = nx.spring_layout(club, seed=30, iterations=200, weight=None)
        labels = np.array([int(club.nodes[i]["club"] == "Officer") for i in club])
        return _placed(club, np.array([layout[i] for i in club]), labels)
    if name == "air routes":
        air = air_routes()
        x = np.where(air.positions[:, 0] > 0, air.positions[:, 0] - 360, air.positions[:, 0])
        graph = nx.Graph(air.routes.tolist())
        return _placed(graph, np.column_stack([x, air.positions[:, 1]]), regions(air.positions))
    made = {
        "path": (nx.path_graph(12), np.column_stack([np.arange(12), np.zeros(12)])),
        "ring": (nx.cycle_graph(12), np.column_stack([np.sin(turn), np.cos(turn)])),
        "grid": (
            nx.convert_node_labels_to_integers(nx.grid_2d_graph(5, 5)),
            np.array([(column, -row) for row in range(5) for column in range(5)]),
        ),
    }
    graph, places = made[name]
    return _placed(graph, places.astype(float), np.zeros(len(places), int))


def bare(ax: Axes, low: float = -0.06, high: float = 1.06) -> None:
    """An axes for a drawing: no ticks, no grid, no frame."""
    ax.set(xlim=(low, high), ylim=(low, high), xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(False)


def draw_edges(ax: Axes, g: SmallGraph) -> None:
    """The edges of a graph as thin grey lines."""
    half = g.edge_index.shape[1] // 2
    ax.add_collection(LineCollection(segments(g.places, g.edge_index[:, :half]), colors="#c9c9c4", lw=0.8))


def segments(places: Array, edges: Array) -> list[Array]:
    """Both ends of each edge, E arrays (2, 2)."""
    return list(places[edges.T])


def draw_classes(ax: Axes, g: SmallGraph, names: list[str], size: float = 60) -> None:
    """Edges, and nodes in the colours of their labels."""
    bare(ax)
    draw_edges(ax, g)
    plots.scatter_classes(ax, g.places, g.labels, names, s=size)
