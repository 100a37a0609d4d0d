"""Chapter 24, Graph networks: what its explorers compute, its features of molecules and its airports are true."""

import networkx as nx
import numpy as np
import pytest
import torch

from nnlab.chapters.c24_graphs import molecule_explorer as molecule
from nnlab.chapters.c24_graphs import smoothing_explorer as smoothing
from nnlab.chapters.c24_graphs import spread_explorer as spread
from nnlab.chapters.c24_graphs.airports import REGIONS, regions, split
from nnlab.chapters.c24_graphs.hidden_routes import hide
from nnlab.chapters.c24_graphs.molecular_graphs import (
    ATOM_FEATURES,
    counts,
    features,
    fingerprints,
    folds,
    molecular_graphs,
    some,
)
from nnlab.chapters.c24_graphs.molecule_network import trained_network
from nnlab.chapters.c24_graphs.molecule_training import inputs, solubility, train_molecules
from nnlab.chapters.c24_graphs.small_graphs import small_graph
from nnlab.datasets import air_routes, graph_runs, molecules, solubility_weights
from nnlab.pytorch.graph_models import MoleculeNet
from nnlab.scratch.metrics import root_mean_squared_error


def trained() -> MoleculeNet:
    net = MoleculeNet(20, 4).eval()
    found = net.load_state_dict({n: torch.tensor(w) for n, w in solubility_weights().items()}, strict=False)
    assert not found.unexpected_keys and all("num_batches" in name for name in found.missing_keys)
    return net


# ------------------------------------------------------------------------------------------------- spread


@pytest.mark.parametrize("graph", spread.GRAPHS)
@pytest.mark.parametrize("rule", spread.RULES)
def test_as_many_are_reached_as_lie_within_that_many_steps(graph, rule):
    g = small_graph(graph)
    net = nx.Graph(g.edge_index.T.tolist())
    for start in range(0, len(g.places), 5):
        far = np.array(list(nx.single_source_shortest_path_length(net, start).values()))
        d = spread.spreading(graph, (), start, 4, rule)
        assert d.reached.tolist() == [int((far <= k).sum()) for k in range(13)]
        assert (d.values > 0).sum() == d.reached[4]


def test_a_mean_keeps_a_constant_and_a_sum_grows():
    assert np.allclose(spread.rule_table("karate club", "mean").sum(axis=1), 1)
    d = spread.spreading("karate club", (), 33, 12, "sum")
    assert d.values.sum() > 1e6


def test_a_click_starts_at_the_node_under_it():
    explorer = spread.spread_explorer()
    left, bottom, width, height = spread.DRAWING
    wide = 1 + 2 * spread.MARGIN
    for node in (0, 7, 33):
        u, v = (small_graph("karate club").places[node] + spread.MARGIN) / wide
        explorer.set(click=(left + u * width, bottom + v * height))
        assert (explorer.values["start"], explorer.values["click"]) == (node, ())
    explorer.set(click=(0.95, 0.95))  # next to the graph: nothing moves
    assert explorer.values["start"] == 33
    explorer.frame()
    np.testing.assert_allclose(explorer._canvas.figure.axes[0].get_position().bounds, spread.DRAWING, atol=1e-9)


# ------------------------------------------------------------------------------------------------- smoothing


def test_without_a_cure_only_the_roots_of_the_degrees_are_left():
    h = smoothing.states("karate club", "none", 0)[0]
    g = small_graph("karate club")
    for _ in range(8):
        h = np.concatenate([h, [np.linalg.matrix_power(smoothing.table("karate club"), 32) @ h[-1]]])
    root = np.sqrt(np.bincount(g.edge_index[1]) + 1)
    ratio = h[-1] / root[:, None]
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[0], ratio.shape), rtol=1e-6)


@pytest.mark.parametrize("graph", smoothing.GRAPHS)
def test_a_cure_leaves_nodes_further_apart(graph):
    for seed in range(3):
        d = smoothing.smoothing(graph, 32, "none", seed)
        assert all(d.curves[name][32] > d.curves["none"][32] for name in smoothing.CURES[1:])
        assert d.curves["restart"][32] > 0.2 > 0.1 > d.now


def test_apart_is_what_it_says():
    h = np.random.default_rng(0).normal(size=(6, 3))
    unit = h / np.linalg.norm(h, axis=1, keepdims=True)
    assert smoothing.apart(h) == pytest.approx(1 - (unit @ unit.T).mean())


# ------------------------------------------------------------------------------------------------- molecules


def test_features_of_molecules_that_everybody_knows():
    g, names = molecular_graphs("train"), ATOM_FEATURES
    k = g.names.index("phenol")
    x = g.x[g.batch == k]
    oxygen = x[x[:, names.index("is O")] == 1]
    assert len(x) == 7 and oxygen[0, names.index("1 hydrogens")] == 1 and oxygen[0, names.index("in a ring")] == 0
    assert x[:, names.index("in a ring")].sum() == 6
    assert x[:, names.index("1 hydrogens")].sum() == 6  # five of carbon, one of oxygen


def test_hydrogens_add_up_to_the_formula():
    """Benzene C6H6, ethanol-like chains: hydrogens of n-pentane are 12."""
    g = molecular_graphs("train")
    held = g.x[:, [ATOM_FEATURES.index(f"{n} hydrogens") for n in range(4)]] @ np.arange(4)
    assert held[g.batch == g.names.index("n-pentane")].sum() == 12
    assert held[g.batch == g.names.index("cyclopentane")].sum() == 10


def test_nitro_groups_are_written_alike_and_nothing_else_changes():
    tidy, raw = molecular_graphs("test"), molecular_graphs("test", nitro=False)
    changed = (tidy.x != raw.x).any(axis=1)
    nitro = {i for i, s in enumerate(molecules("test").smiles) if "N(=O)=O" in s or "O=N(=O)" in s}
    assert set(tidy.batch[changed].tolist()) == nitro and len(nitro) == 9
    train = molecular_graphs("train")
    assert np.array_equal(train.x, molecular_graphs("train", nitro=False).x)


def test_counts_and_fingerprints_do_not_depend_on_the_order_of_atoms():
    g = some(molecular_graphs("test"), np.arange(20))
    order = np.random.default_rng(0).permutation(len(g.x))
    moved = g._replace(x=g.x[order], edge_index=np.argsort(order)[g.edge_index], batch=g.batch[order])
    np.testing.assert_array_equal(counts(moved), counts(g))
    np.testing.assert_array_equal(fingerprints(moved), fingerprints(g))
    assert fingerprints(g).sum() == 3 * len(g.x)
    x, y = trained_network().shares(moved.x, moved.edge_index, moved.edge_attr), trained_network().shares(*g[:3])
    assert np.abs(x - y[order]).max() < 1e-10


def test_some_molecules_are_those_molecules():
    g = molecular_graphs("test")
    rows = np.array([5, 200, 3])
    part = some(g, rows)
    assert part.y.tolist() == g.y[rows].tolist() and part.names == [g.names[r] for r in rows]
    np.testing.assert_array_equal(counts(part), counts(g)[rows])
    np.testing.assert_array_equal(fingerprints(part), fingerprints(g)[rows])


def test_folds_share_all_rows():
    parts = folds(1025)
    assert sorted(np.concatenate(parts).tolist()) == list(range(1025)) and [len(p) for p in parts] == [205] * 5


def test_the_network_in_numpy_is_the_one_in_pytorch():
    g = some(molecular_graphs("test"), np.arange(30))
    net = trained().double()
    x, edges, attr, *_ = inputs(g, torch.float64)
    theirs = net.center + net.scale * net.shares(x, edges, attr)
    np.testing.assert_allclose(trained_network().shares(*g[:3]), theirs.detach().numpy(), atol=1e-9)


def test_the_stored_network_gives_the_stored_predictions():
    test = molecular_graphs("test")
    runs = graph_runs()
    np.testing.assert_allclose(solubility(trained(), test), runs.test[runs.kinds.index("mean"), 0], atol=1e-3)


def test_a_short_training_run_learns_and_is_the_same_twice():
    g = some(molecular_graphs("train"), np.arange(0, 1025, 5))
    first, again = (solubility(train_molecules(g, seed=0, epochs=20, hidden=16, layers=2), g) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert root_mean_squared_error(g.y, first) < 0.8 * g.y.std()


def test_an_edit_is_what_the_network_says_of_the_changed_molecule():
    m = molecule.shown_molecules()[118]
    d = molecule.contributions(118, (), 0, "as it is")
    assert d.predicted == d.before == pytest.approx(d.shares.mean())
    for atom in range(len(m.elements)):
        d = molecule.contributions(118, (), atom, "oxygen")
        assert d.refused == (not molecule.fits(m, atom, 8))
        assert d.refused == (d.predicted == d.before) or m.elements[atom] == 8
    elements = m.elements.copy()
    atom = next(a for a in range(len(elements)) if molecule.fits(m, a, 17) and elements[a] != 17)
    elements[atom] = 17
    wanted = trained_network().shares(*features(elements, m.charges, m.bonds, m.orders)).mean()
    assert molecule.contributions(118, (), atom, "chlorine").predicted == pytest.approx(wanted)


def test_a_click_chooses_the_atom_under_it():
    explorer = molecule.molecule_explorer()
    left, bottom, width, height = molecule.DRAWING
    for which in (3, 118):
        m = molecule.shown_molecules()[which]
        explorer.set(which=which)
        for atom in range(len(m.elements)):
            u, v = (m.places[atom] / molecule.limits(m) + 1) / 2
            explorer.set(click=(left + u * width, bottom + v * height))
            assert explorer.values["atom"] == atom
    explorer.frame()
    np.testing.assert_allclose(explorer._canvas.figure.axes[0].get_position().bounds, molecule.DRAWING, atol=1e-9)


def test_every_molecule_can_be_drawn():
    explorer = molecule.molecule_explorer()
    odd = [k for k, m in enumerate(molecule.shown_molecules()) if not m.name.isascii()]
    for which in (*odd, *range(0, len(molecule.shown_molecules()), 20)):
        explorer.set(which=which)
        explorer.frame()  # a letter that the font does not have would be a warning
    assert odd


# ------------------------------------------------------------------------------------------------- airports


def test_regions_and_their_split():
    air = air_routes()
    labels = regions(air.positions)
    named = {"HNL": "Pacific", "ANC": "Pacific", "GUM": "Pacific", "SFO": "West", "ORD": "Centre", "JFK": "East"}
    assert all(REGIONS[labels[air.codes.index(code)]] == region for code, region in named.items())
    rows, others = split(labels, 0)
    assert np.bincount(labels[rows]).tolist() == [8] * 4 and len(others) == 320 and not set(rows) & set(others)


def test_hidden_routes_are_hidden_and_their_rivals_are_not_flown():
    air = air_routes()
    hidden = hide(air, seed=1)
    flown = {frozenset(pair) for pair in air.routes.tolist()}
    assert len(hidden.routes) + len(hidden.shown) == 3017 and len(hidden.routes) == 301
    assert not {frozenset(p) for p in hidden.routes.tolist()} & {frozenset(p) for p in hidden.shown.tolist()}
    for pairs in (hidden.random, hidden.matched):
        assert len(pairs) == 301 and not {frozenset(p) for p in pairs.tolist()} & flown
    degree = np.bincount(hidden.shown.ravel(), minlength=352)
    assert np.median(np.abs(degree[hidden.matched[:, 1]] - degree[hidden.routes[:, 1]])) <= 10
    with pytest.raises(ValueError, match="share should lie between 0 and 1"):
        hide(air, share=1.0)


# ------------------------------------------------------------------------------------------------- what is recorded


def test_what_is_recorded_is_what_its_docstring_says():
    runs = graph_runs()
    assert runs.cures[0] == "plain" and runs.depths.tolist() == [0, 1, 2, 4, 8, 16]
    assert runs.accuracy.shape == runs.loss.shape == runs.apart.shape == (4, 6, 5)
    assert runs.folds.shape == (3, 2, 1025) and runs.test.shape == (3, 2, 257) and runs.untidy.shape == (2, 257)
    assert runs.curves.shape == (len(runs.sizes), 3, 257)
    assert runs.accuracy.min() > 0 and runs.accuracy.max() < 1
