"""Graphs from scratch: sums along edges, normalisation, batches, the graph convolution, sentences for bad input."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlab import scratch
from nnlab.scratch import GCNConv
from nnlab.scratch.graphs import need_edges

PATH = np.array([[0, 1, 1, 2], [1, 0, 2, 1]])


def make_rng():
    return np.random.default_rng(0)


def conv(**options):
    layer = GCNConv(3, 4, rng=make_rng(), **options)
    for p in layer.params.values():
        p[...] = make_rng().normal(size=p.shape)
    return layer


# ------------------------------------------------------------------------------------------------- functions


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**31), nodes=st.integers(1, 8), edges=st.integers(0, 20))
def test_the_convolution_is_the_formula(seed, nodes, edges):
    rng = np.random.default_rng(seed)
    e, x = rng.integers(0, nodes, (2, edges)), rng.normal(size=(nodes, 3))
    layer = conv()
    wanted = scratch.normalised_adjacency(e, nodes) @ x @ layer.params["lin.weight"].T + layer.params["bias"]
    np.testing.assert_allclose(layer(x, e), wanted, atol=1e-12)


def test_the_normalised_adjacency_is_symmetric_with_largest_eigenvalue_1():
    e = scratch.both_directions(np.array(nx.karate_club_graph().edges).T)
    table = scratch.normalised_adjacency(e, 34)
    np.testing.assert_allclose(table, table.T)
    values, vectors = np.linalg.eigh(table)
    assert abs(values[-1] - 1) < 1e-12 and values[0] > -1
    root = np.sqrt(np.bincount(e[1]) + 1)
    np.testing.assert_allclose(np.abs(vectors[:, -1]), root / np.linalg.norm(root), atol=1e-10)


def test_two_nodes_by_hand():
    np.testing.assert_allclose(scratch.normalised_adjacency([[0, 1], [1, 0]], 2), 0.5)
    np.testing.assert_allclose(scratch.normalised_adjacency(np.zeros((2, 0)), 3), np.eye(3))


def test_loops_are_counted_once_and_come_last():
    edges = scratch.add_self_loops([[0, 1, 1, 2], [1, 1, 1, 0]], 3)
    assert edges.tolist() == [[0, 2, 0, 1, 2], [1, 0, 0, 1, 2]]


def test_segment_sum_adds_rows_and_leaves_empty_segments_at_0():
    y = scratch.segment_sum(np.array([[1.0, 2], [3, 4], [5, 6]]), [2, 0, 2], 4)
    assert y.tolist() == [[3, 4], [0, 0], [6, 8], [0, 0]]
    half = scratch.segment_sum(np.full((5000, 1), 0.1, np.float16), np.zeros(5000, int), 1)
    assert half.dtype == np.float16 and abs(float(half[0, 0]) - 500) < 1  # added up in float16 it stays at 256


def test_a_batch_is_its_graphs_side_by_side():
    rng = make_rng()
    graphs = [(rng.normal(size=(n, 3)), rng.integers(0, n, (2, 2 * n))) for n in (4, 1, 6)]
    x, edges, batch = scratch.batch_graphs(graphs)
    assert batch.tolist() == [0] * 4 + [1] + [2] * 6
    layer = conv()
    np.testing.assert_allclose(layer(x, edges), np.vstack([layer(a, e) for a, e in graphs]), atol=1e-12)


def test_both_directions():
    assert scratch.both_directions([[0, 1], [2, 3]]).tolist() == [[0, 1, 2, 3], [2, 3, 0, 1]]
    with pytest.raises(ValueError, match=r"should have shape \(2, E\)"):
        scratch.both_directions([0, 1])


# ------------------------------------------------------------------------------------------------- GCNConv


@pytest.mark.parametrize("options", [{}, {"bias": False}, {"add_self_loops": False}, {"normalize": False}], ids=repr)
def test_gradients_are_those_of_finite_differences(options):
    rng = make_rng()
    edges = rng.integers(0, 6, (2, 15))  # with loops, doubles, and one way only
    scratch.check_gradients(conv(**options), rng.normal(size=(6, 3)), edges, rng=rng)


def test_relabelling_the_nodes_relabels_the_answers():
    rng = make_rng()
    x, edges = rng.normal(size=(9, 3)), rng.integers(0, 9, (2, 20))
    order = rng.permutation(9)
    layer = conv()
    moved = layer(x[order], np.argsort(order)[edges])
    assert np.abs(moved - layer(x, edges)[order]).max() < 1e-10
    assert np.abs(moved.sum(axis=0) - layer(x, edges).sum(axis=0)).max() < 1e-10


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_types_are_those_of_the_input(dtype):
    layer, x = conv(), make_rng().normal(size=(3, 3)).astype(dtype)
    y = layer(x, PATH)
    assert {y.dtype, layer.backward(y).dtype, *(g.dtype for g in layer.grads.values())} == {np.dtype(dtype)}


def test_nothing_is_written_to_and_edges_may_change_before_backward():
    layer, x, edges = conv(), make_rng().normal(size=(3, 3)), PATH.copy()
    layer(x, PATH)
    wanted = layer.backward(np.ones((3, 4)))
    kept = x.copy()
    layer(x, edges)
    edges[...] = 0
    np.testing.assert_array_equal(layer.backward(np.ones((3, 4))), wanted)
    np.testing.assert_array_equal(x, kept)


def test_no_nodes_and_no_edges():
    layer = conv()
    assert layer(np.zeros((0, 3)), np.zeros((2, 0), int)).shape == (0, 4)
    assert layer.backward(np.zeros((0, 4))).shape == (0, 3)
    x = make_rng().normal(size=(2, 3))
    np.testing.assert_allclose(layer(x, np.zeros((2, 0))), x @ layer.params["lin.weight"].T + layer.params["bias"])


# ------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("edges", "kind", "words"),
    [
        ([[0, 3], [1, 0]], ValueError, "names node 3, but there are 3 nodes, from 0 to 2"),
        ([[0, -1], [1, 0]], ValueError, "from 0 on; got -1"),
        (
            [[0, 1], [1, 0], [2, 2]],
            ValueError,
            r"should have shape \(2, E\), sources above targets; got \(3, 2\). Trans",
        ),
        ([0, 1], ValueError, r"should have shape \(2, E\)"),
        ([[0.0, 1.0], [1.0, 0.0]], TypeError, "should be whole numbers"),
        (np.ma.masked_array(PATH), TypeError, "is a masked array"),
    ],
)
def test_bad_edges_get_a_sentence(edges, kind, words):
    for use in (lambda: conv()(np.ones((3, 3)), edges), lambda: need_edges(edges, 3)):
        with pytest.raises(kind, match=words):
            use()


def test_other_bad_input_gets_a_sentence():
    with pytest.raises(ValueError, match=r"x should have shape \(..., 3\), since this GCNConv has in_channels=3"):
        conv()(np.ones((3, 2)), PATH)
    with pytest.raises(ValueError, match="x should have 2 axes"):
        conv()(np.ones(3), PATH)
    with pytest.raises(TypeError, match="GCNConv has no option 'cached'"):
        GCNConv(3, 4, cached=True, rng=make_rng())
    with pytest.raises(ValueError, match="nothing to batch"):
        scratch.batch_graphs([])
    with pytest.raises(ValueError, match=r"the same number of features; got \[2, 3\]"):
        scratch.batch_graphs([(np.ones((1, 2)), np.zeros((2, 0))), (np.ones((1, 3)), np.zeros((2, 0)))])
    with pytest.raises(ValueError, match="one number for each of the 3 rows"):
        scratch.segment_sum(np.ones((3, 1)), [0, 1], 2)
    with pytest.raises(TypeError, match="segments should be a whole number"):
        scratch.segment_sum(np.ones((2, 1)), [0, 1], 2.0)
    with pytest.raises(ValueError, match=r"should be pairs \(x, edge_index\): for a single graph"):
        scratch.batch_graphs((np.ones((3, 2)), PATH))
    with pytest.raises(ValueError, match=r"shape \(2, E\), sources above targets; got \(3, 2\)"):
        scratch.both_directions([[0, 1], [1, 2], [2, 0]])
    for nodes, kind in ((-1, ValueError), (3.0, TypeError), (None, TypeError)):
        for call in (scratch.gcn_coefficients, scratch.normalised_adjacency, need_edges):
            with pytest.raises(kind, match="nodes should be"):
                call(PATH, nodes)


@pytest.mark.parametrize("coefficients", [np.ones(1), np.ones((4, 1)), np.ones(3)], ids=str)
def test_coefficients_are_one_for_each_edge_and_never_broadcast(coefficients):
    with pytest.raises(ValueError, match=r"coefficients should have shape \(4,\)"):
        scratch.propagate(np.ones((3, 2)), PATH, coefficients)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint64])
def test_narrow_node_numbers_reach_every_node(dtype):
    """The loops of 300 nodes as int8 would begin again at -128."""
    edges = scratch.add_self_loops(np.array([[0, 127], [127, 0]], dtype), 300)
    assert edges[:, -1].tolist() == [299, 299]
    np.testing.assert_array_equal(np.diag(scratch.normalised_adjacency(edges.astype(np.uint64), 300))[1:127], 1)
