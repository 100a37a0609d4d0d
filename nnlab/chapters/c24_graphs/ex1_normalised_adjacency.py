"""Exercise 24.1: the normalised adjacency."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

PAIR = np.array([[0, 1], [1, 0]])
STAR = np.array([[0, 0, 0, 1, 2, 3], [1, 2, 3, 0, 0, 0]])
TWO_PATHS = np.array([[0, 1, 1, 2, 3, 4], [1, 0, 2, 1, 4, 3]])  # and node 5 alone

EXERCISE = Exercise(
    id="24.1",
    title="the normalised adjacency",
    stub='''
        def normalised_adjacency(edge_index, nodes):
            """Return the (nodes, nodes) table that a graph convolution multiplies by: a loop for
            each node, and each entry divided by the roots of both degrees, loops included.
            edge_index: (2, E) whole numbers, each edge in both directions, without loops"""
            ...  # your code
        ''',
    hints=[
        "Write the table for two nodes and one edge by hand. With its loop each node has degree 2, so what are all "
        "four entries?",
        """
        A~ = A + I          d_i = sum of row i of A~
        entry (i, j) = A~_ij / sqrt(d_i d_j)
        """,
        """
        table = np.eye(nodes)
        table[edge_index[1], edge_index[0]] = ___
        d = table.sum(axis=1)
        return table / np.sqrt(d[:, None] * ___)
        """,
    ],
    solution="""
        def normalised_adjacency(edge_index, nodes):
            table = np.eye(nodes)
            table[edge_index[1], edge_index[0]] = 1
            d = table.sum(axis=1)
            return table / np.sqrt(d[:, None] * d[None, :])
        """,
    cases=[
        Case(
            "two nodes, one edge: all entries are 1/2",
            "normalised_adjacency",
            (PAIR, 2),
            expected=np.full((2, 2), 0.5),
            hint=2,
        ),
        Case("a star: the middle has degree 4, its leaves 2", "normalised_adjacency", (STAR, 4), hint=2),
        Case("two paths and a node alone, which keeps itself", "normalised_adjacency", (TWO_PATHS, 6), hint=3),
    ],
    wrong={
        "no loops": Wrong(
            """
            def normalised_adjacency(edge_index, nodes):
                table = np.zeros((nodes, nodes))
                table[edge_index[1], edge_index[0]] = 1
                d = np.maximum(table.sum(axis=1), 1)
                return table / np.sqrt(d[:, None] * d[None, :])
            """,
            "Loops are missing: without them a node forgets its own features. Begin with np.eye(nodes).",
        ),
        "degrees without the loop": Wrong(
            """
            def normalised_adjacency(edge_index, nodes):
                table = np.zeros((nodes, nodes))
                table[edge_index[1], edge_index[0]] = 1
                d = np.maximum(table.sum(axis=1), 1)
                return (table + np.eye(nodes)) / np.sqrt(d[:, None] * d[None, :])
            """,
            "You count the degrees before the loops are added. The loop counts: add it first.",
        ),
        "the mean": Wrong(
            {"return table / np.sqrt(d[:, None] * d[None, :])": "return table / d[:, None]"},
            "You divide each row by its degree, which is the mean over neighbours. A graph convolution divides by the "
            "roots of both degrees, so that the table stays symmetric.",
        ),
        "no root": Wrong(
            {"return table / np.sqrt(d[:, None] * d[None, :])": "return table / (d[:, None] * d[None, :])"},
            "The root is missing: divide by sqrt(d_i d_j), not by d_i d_j.",
        ),
        "not divided": Wrong(
            {"return table / np.sqrt(d[:, None] * d[None, :])": "return table"},
            "That is A + I. Now divide each entry by the roots of both degrees.",
        ),
    },
    also_right=[
        """
        def normalised_adjacency(edge_index, nodes):
            a = np.zeros((nodes, nodes))
            for j, i in edge_index.T:
                a[i, j] += 1
            a += np.identity(nodes)
            root = np.diag(a.sum(axis=0) ** -0.5)
            return root @ a @ root
        """,
        """
        def normalised_adjacency(edge_index, nodes):
            d = 1 + np.bincount(edge_index[1], minlength=nodes)
            table = np.diag(1 / d)
            for j, i in zip(*edge_index):
                table[i, j] = 1 / np.sqrt(d[i] * d[j])
            return table
        """,
    ],
)
