"""Exercise 24.2: the mean over the neighbours."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

X = np.array([[1.0, 2.0], [3.0, -4.0], [5.0, 0.5], [-7.0, 6.0]])
PATH = np.array([[0, 1, 1, 2], [1, 0, 2, 1]])  # node 3 is alone
ONE_WAY = np.array([[0, 1, 3], [2, 2, 0]])
RNG = np.random.default_rng(0)
MANY = RNG.integers(0, 8, (2, 30))

EXERCISE = Exercise(
    id="24.2",
    title="the mean over the neighbours",
    stub='''
        def mean_neighbours(x, edge_index):
            """Return for each node the mean of x over the nodes from which an edge comes in,
            and zeros where none does. x: (N, C); edge_index: (2, E), sources above targets"""
            ...  # your code
        ''',
    hints=[
        "Node 1 of the path 0 - 1 - 2 has two neighbours. Which rows of x are added, and what are they divided by?",
        """
        y_i = 1 / d_i * sum over edges (j -> i) of x_j        d_i = how many edges end in i
        y_i = 0 where d_i = 0
        """,
        """
        source, target = edge_index
        out = np.zeros(x.shape)
        np.add.at(out, ___, x[___])
        count = np.bincount(target, minlength=len(x))
        return out / np.maximum(count, 1)[:, None]
        """,
    ],
    solution="""
        def mean_neighbours(x, edge_index):
            source, target = edge_index
            out = np.zeros(x.shape)
            np.add.at(out, target, x[source])
            count = np.bincount(target, minlength=len(x))
            return out / np.maximum(count, 1)[:, None]
        """,
    cases=[
        Case("a path of three nodes, and one alone", "mean_neighbours", (X, PATH), hint=2),
        Case("edges have a direction: messages go from source to target", "mean_neighbours", (X, ONE_WAY), hint=2),
        Case("30 edges among 8 nodes", "mean_neighbours", (RNG.normal(size=(8, 3)), MANY), hint=3),
        Case(
            "a graph without edges: all zeros",
            "mean_neighbours",
            (X, np.zeros((2, 0), int)),
            expected=np.zeros((4, 2)),
            hint=3,
        ),
    ],
    wrong={
        "sum": Wrong(
            {"return out / np.maximum(count, 1)[:, None]": "return out"},
            "That is the sum. Divide each node's row by the number of edges that end in it.",
        ),
        "divided by zero": Wrong(
            {
                "return out / np.maximum(count, 1)[:, None]": "with np.errstate(invalid='ignore'): return out / "
                "count[:, None]"
            },
            "A node without neighbours gives 0 / 0. Divide by at least 1: np.maximum(count, 1).",
        ),
        "the other way": Wrong(
            {"source, target = edge_index": "target, source = edge_index"},
            "Messages run against the edges: the first row holds the sources, the second the targets.",
        ),
        "each once": Wrong(
            {"np.add.at(out, target, x[source])": "out[target] += x[source]"},
            "out[target] += ... keeps only one message where a target occurs twice: NumPy writes all of them into the "
            "same place. Use np.add.at.",
        ),
        "itself": Wrong(
            {
                "np.add.at(out, target, x[source])": "out += x; np.add.at(out, target, x[source])",
                "count = np.bincount(target, minlength=len(x))": "count = 1 + np.bincount(target, minlength=len(x))",
            },
            "You count the node itself among its neighbours. GraphSAGE keeps a node's own features apart.",
        ),
        "degree of the source": Wrong(
            {"count = np.bincount(target, minlength=len(x))": "count = np.bincount(source, minlength=len(x))"},
            "You divide by how many edges leave a node. Divide by how many come in: count the targets.",
        ),
    },
    also_right=[
        """
        def mean_neighbours(x, edge_index):
            rows = [x[edge_index[0][edge_index[1] == i]] for i in range(len(x))]
            return np.array([r.mean(axis=0) if len(r) else np.zeros(x.shape[1]) for r in rows])
        """,
        """
        def mean_neighbours(x, edge_index):
            a = np.zeros((len(x), len(x)))
            for j, i in edge_index.T:
                a[i, j] += 1
            d = a.sum(axis=1, keepdims=True)
            return (a / np.where(d == 0, 1, d)) @ x
        """,
    ],
)
