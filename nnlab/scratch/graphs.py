"""Graphs as lists of edges: checked, given loops, normalised, summed over, batched.

A graph of N nodes is `edge_index`, whole numbers of shape (2, E), as in PyTorch Geometric: column e is an edge from
node edge_index[0, e] to node edge_index[1, e]. A bond or a friendship has no direction, so it has two columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlab.checks import Array, as_array, as_float, describe, need_axes, need_integers, need_shape, need_size

from .precision import wide_type


def need_edges(edge_index: Any, nodes: int) -> Array:
    """`edge_index` as an array (2, E) int64 of node numbers below `nodes`: int8 could not name node 200 of a loop.

    Raises TypeError unless it holds whole numbers, ValueError for another shape, a negative number, or one that is no
    node."""
    need_size(nodes, "nodes", 0)
    edges = as_array(edge_index, "edge_index")
    if edges.ndim != 2 or edges.shape[0] != 2:
        turned = " Transpose it." if edges.ndim == 2 and edges.shape[1] == 2 else ""
        raise ValueError(f"edge_index should have shape (2, E), sources above targets; got {edges.shape}.{turned}")
    if edges.size == 0 and edges.dtype.kind == "f":
        return edges.astype(np.int64)  # numpy.zeros((2, 0)): a graph without edges
    if edges.dtype.kind not in "iu":
        raise TypeError(f"edge_index should be whole numbers, got {describe(edge_index)}: use .astype(int).")
    if edges.size and edges.min() < 0:
        raise ValueError(
            f"edge_index should hold node numbers from 0 on; got {edges.min()}. No node is counted from the end."
        )
    if edges.size and edges.max() >= nodes:
        raise ValueError(
            f"edge_index names node {edges.max()}, but there are {nodes} nodes, from 0 to {nodes - 1}: "
            "x needs a row for each."
        )
    return edges.astype(np.int64, copy=False)


def add_self_loops(edge_index: Any, nodes: int) -> Array:
    """The edges and one loop for each node, which come last, (2, E + nodes). Loops that are there count once."""
    edges = need_edges(edge_index, nodes)
    loops = np.arange(nodes)
    return np.hstack([edges[:, edges[0] != edges[1]], np.stack([loops, loops])])


def gcn_coefficients(edge_index: Any, nodes: int) -> Array:
    """What a graph convolution multiplies each message by: 1 / sqrt(d_source d_target), (E,) float64.

    d: the number of edges that end in a node; an edge from a node where none ends gets 0."""
    source, target = need_edges(edge_index, nodes)
    degree = np.bincount(target, minlength=nodes).astype(np.float64)
    root = np.divide(1, np.sqrt(degree), out=np.zeros(nodes), where=degree > 0)
    return np.asarray(root[source] * root[target])


def normalised_adjacency(edge_index: Any, nodes: int) -> Array:
    """D^-1/2 (A + I) D^-1/2 as a table, (nodes, nodes) float64: row i holds what node i takes from each node.

    Kipf and Welling, Semi-supervised classification with graph convolutional networks, 2017."""
    edges = add_self_loops(edge_index, nodes)
    table = np.zeros((nodes, nodes))
    np.add.at(table, (edges[1], edges[0]), gcn_coefficients(edges, nodes))
    return table


def segment_sum(values: Array, segment: Any, segments: int) -> Array:
    """Sum of the rows of each segment: y[s] = sum of values[i] over all i with segment[i] = s.

    values: (N, ...); segment: (N,), whole numbers below `segments` -> (segments, ...), in the type of values; float16
    is added up in float32. An empty segment has the sum 0."""
    values = as_float(values, "values")
    segment = need_integers(segment, "segment", need_size(segments, "segments", 0))
    if segment.shape != values.shape[:1]:
        raise ValueError(f"segment should have one number for each of the {len(values)} rows; got {segment.shape}.")
    out = np.zeros((segments, *values.shape[1:]), wide_type(values.dtype))
    np.add.at(out, segment, values)
    return out.astype(values.dtype, copy=False)


def propagate(x: Array, edge_index: Any, coefficients: Array) -> Array:
    """One step of messages: y[i] = sum of coefficients[e] x[j] over all edges e from j to i.

    x: (N, C); edge_index: (2, E); coefficients: (E,) -> (N, C). A node that no edge ends in gets zeros. Raises
    ValueError for other shapes."""
    x, coefficients = as_float(x), as_float(coefficients, "coefficients")
    need_axes(x, "nodes features")
    source, target = need_edges(edge_index, len(x))
    need_shape(coefficients, source.shape, "coefficients")
    return segment_sum(x[source] * coefficients[:, None].astype(x.dtype), target, len(x))


def batch_graphs(graphs: Sequence[tuple[Any, Any]]) -> tuple[Array, Array, Array]:
    """Several graphs as one, in which they are separate pieces: node numbers of each are raised by all nodes before.

    graphs: pairs (x, edge_index), x of shape (N_k, C) -> x (N, C), edge_index (2, E), batch (N,), the graph of each
    node. Raises ValueError for no graphs, what is no pair, and graphs with different numbers of features."""
    graphs = list(graphs)
    if any(not isinstance(graph, (tuple, list)) or len(graph) != 2 for graph in graphs):
        raise ValueError("graphs should be pairs (x, edge_index): for a single graph, write [(x, edge_index)].")
    if not graphs:
        raise ValueError("There is nothing to batch: give at least one graph, a pair (x, edge_index).")
    rows = [as_float(x) for x, _ in graphs]
    for x in rows:
        need_axes(x, "nodes features")
    if len({x.shape[1] for x in rows}) > 1:
        raise ValueError(f"All graphs need the same number of features; got {sorted({x.shape[1] for x in rows})}.")
    sizes = [len(x) for x in rows]
    edges = [need_edges(e, n) + first for (_, e), n, first in zip(graphs, sizes, np.cumsum([0, *sizes]), strict=False)]
    return np.vstack(rows), np.hstack(edges), np.repeat(np.arange(len(rows)), sizes)


def both_directions(pairs: Any) -> Array:
    """Pairs that have no direction as edges in both: (2, E) -> (2, 2E), first as they came, then turned round.

    Raises what `need_edges` raises, whatever the number of nodes."""
    edges = need_edges(pairs, np.iinfo(np.int64).max)
    return np.hstack([edges, edges[::-1]])
