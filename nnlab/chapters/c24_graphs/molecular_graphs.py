"""Molecules as a network and as a linear model see them: features of atoms, counts, circular fingerprints."""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from nnlab.datasets import molecules

Array = NDArray[Any]
ELEMENTS = {6: "C", 7: "N", 8: "O", 9: "F", 15: "P", 16: "S", 17: "Cl", 35: "Br", 53: "I"}  # all others: "other"
VALENCES = {1: (1,), 6: (4,), 7: (3,), 8: (2,), 9: (1,), 15: (3, 5), 16: (2, 4, 6), 17: (1,), 35: (1,), 53: (1,)}
HYDROGENS, DEGREES, ORDERS = 4, 4, 3  # 0 to 3 hydrogens, 1 to 4 neighbours, single to triple bonds
ATOM_FEATURES = [*(f"is {name}" for name in ELEMENTS.values()), "is other"]
ATOM_FEATURES += [f"{n} hydrogens" for n in range(HYDROGENS)] + [f"{n + 1} neighbours" for n in range(DEGREES)]
ATOM_FEATURES += ["charge", "in a ring"]
BOND_FEATURES = ["single", "double", "triple", "in a ring"]
BITS, RADIUS = 1024, 2


class MolecularGraphs(NamedTuple):
    """M molecules of A atoms and B bonds as one graph of separate pieces, with what the bonds imply.

    x: (A, 20) float64, a column for each of ATOM_FEATURES. edge_index: (2, 2B) int64, each bond in both directions;
    edge_attr: (2B, 4) float64, a column for each of BOND_FEATURES. batch: (A,) int64, the molecule of each atom.
    y: (M,) float64, log10 of mol per litre. names: list of M."""

    x: Array
    edge_index: Array
    edge_attr: Array
    batch: Array
    y: Array
    names: list[str]


def charged_nitro(elements: Array, charges: Array, bonds: Array, orders: Array) -> tuple[Array, Array]:
    """Charges and orders with each nitro group written N+ (=O) - O-, as the training part does, instead of N (=O) =O.

    Both are the same group: they differ in how it is written."""
    charges, orders = charges.copy(), orders.copy()
    double: dict[int, list[tuple[int, int]]] = {}
    for b, (i, j) in enumerate(bonds):
        for n, o in ((i, j), (j, i)):
            if orders[b] == 2 and elements[n] == 7 and elements[o] == 8:
                double.setdefault(int(n), []).append((b, int(o)))
    for n, found in double.items():
        if len(found) == 2 and charges[n] == 0:
            b, o = found[1]
            orders[b], charges[n], charges[o] = 1, 1, -1
    return charges, orders


def hydrogens(elements: Array, charges: Array, bonded: Array) -> Array:
    """(A,) how many hydrogens each atom holds: what its valence leaves after its bonds; bonded: (A,), their sum."""
    left = np.zeros(len(elements), np.int64)
    for a, (element, charge, used) in enumerate(zip(elements, charges, bonded, strict=True)):
        shift = charge if element in (7, 8, 15, 16) else -abs(charge)
        enough = [v + shift - used for v in VALENCES.get(int(element), (0,)) if v + shift >= used]
        left[a] = min(enough, default=0)
    return left


def features(elements: Array, charges: Array, bonds: Array, orders: Array) -> tuple[Array, Array, Array]:
    """x, edge_index and edge_attr of atoms and bonds; shapes as in `MolecularGraphs`."""
    atoms, ends = len(elements), np.reshape(bonds, (-1, 2)).T
    bonded = np.bincount(ends.ravel(), np.tile(orders, 2), minlength=atoms).astype(int)
    degree = np.bincount(ends.ravel(), minlength=atoms)
    bridges = set(nx.bridges(nx.Graph(ends.T.tolist())))  # a bond that is in no ring
    ring = np.array([(i, j) not in bridges and (j, i) not in bridges for i, j in ends.T.tolist()], float)
    in_ring = np.bincount(ends.ravel(), np.tile(ring, 2), minlength=atoms) > 0
    known = list(ELEMENTS)
    element = np.array([known.index(e) if e in known else len(known) for e in elements])
    held = hydrogens(elements, charges, bonded)
    columns = [
        np.eye(len(known) + 1)[element],
        np.eye(HYDROGENS)[np.minimum(held, HYDROGENS - 1)],
        np.eye(DEGREES)[np.clip(degree - 1, 0, DEGREES - 1)],
        np.column_stack([charges, in_ring]),
    ]
    attr = np.column_stack([np.eye(ORDERS)[orders - 1], ring])
    return np.hstack(columns), np.hstack([ends, ends[::-1]]), np.vstack([attr, attr])


def molecular_graphs(split: str = "train", nitro: bool = True) -> MolecularGraphs:
    """The molecules of a split with features. nitro: whether the nitro groups of both splits are written alike.

    Raises ValueError for another split than "train" and "test"."""
    m = molecules(split)
    charges, orders = charged_nitro(m.elements, m.charges, m.bonds, m.orders) if nitro else (m.charges, m.orders)
    return MolecularGraphs(*features(m.elements, charges, m.bonds, orders), m.molecule, m.solubility, m.names)


def counts(g: MolecularGraphs) -> Array:
    """(M, 24) how many atoms of a molecule have each feature, and how many bonds: all that a linear model sees."""
    many = len(g.y)
    out = np.zeros((many, g.x.shape[1] + g.edge_attr.shape[1]))
    np.add.at(out[:, : g.x.shape[1]], g.batch, g.x)
    half = g.edge_index.shape[1] // 2  # each bond once
    np.add.at(out[:, g.x.shape[1] :], g.batch[g.edge_index[0, :half]], g.edge_attr[:half])
    return out


def fingerprints(g: MolecularGraphs, bits: int = BITS, radius: int = RADIUS) -> Array:
    """(M, bits) how often each circular neighbourhood occurs, folded into `bits` columns by a hash.

    An atom's number is at first a hash of its features; then, `radius` times, a hash of its own number and the sorted
    pairs (bond, number) of its neighbours. (Rogers and Hahn, Extended-connectivity fingerprints, 2010.)"""
    order = np.argsort(g.edge_index[1], kind="stable")
    start = np.searchsorted(g.edge_index[1][order], np.arange(len(g.x) + 1))
    bond = g.edge_attr @ np.array([1, 2, 3, 4])
    number = np.array([zlib.crc32(row.astype(np.int8).tobytes()) for row in g.x], np.int64)
    out = np.zeros((len(g.y), bits))
    for step in range(radius + 1):
        np.add.at(out, (g.batch, number % bits), 1)
        around = [order[start[a] : start[a + 1]] for a in range(len(g.x))]
        pairs = [sorted((int(bond[e]), int(number[g.edge_index[0, e]])) for e in edges) for edges in around]
        number = np.array(
            [zlib.crc32(repr((step, int(own), near)).encode()) for own, near in zip(number, pairs, strict=True)]
        )
    return out


def some(g: MolecularGraphs, rows: Array) -> MolecularGraphs:
    """The molecules `rows`, in this order, as graphs of their own."""
    place = np.full(len(g.y), -1)
    place[rows] = np.arange(len(rows))
    atoms = np.flatnonzero(place[g.batch] >= 0)
    atoms = atoms[np.argsort(place[g.batch[atoms]], kind="stable")]
    number = np.full(len(g.x), -1)
    number[atoms] = np.arange(len(atoms))
    edges = number[g.edge_index[0]] >= 0
    inner, names = number[g.edge_index[:, edges]], [g.names[row] for row in rows]
    return MolecularGraphs(g.x[atoms], inner, g.edge_attr[edges], place[g.batch[atoms]], g.y[rows], names)


def folds(count: int, k: int = 5, seed: int = 0) -> list[Array]:
    """k parts of the rows 0 to count - 1, drawn once: the same for every model, so that errors can be paired."""
    return [np.sort(part) for part in np.array_split(np.random.default_rng(seed).permutation(count), k)]
