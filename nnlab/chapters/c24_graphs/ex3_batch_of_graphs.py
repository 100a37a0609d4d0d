"""Exercise 24.3: a batch of graphs."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

TRIANGLE = (np.array([[1.0], [2.0], [3.0]]), np.array([[0, 1, 2, 1, 2, 0], [1, 2, 0, 0, 1, 2]]))
PAIR = (np.array([[4.0], [5.0]]), np.array([[0, 1], [1, 0]]))
TWICE = (np.vstack([PAIR[0]] * 2), np.array([[0, 1, 2, 3], [1, 0, 3, 2]]), np.array([0, 0, 1, 1]))


def join_paths(objects: SimpleNamespace, sizes: list[int]) -> tuple[Any, Any]:
    """Edges and batch of paths with these numbers of nodes, joined by the learner's function."""
    ways = [(np.arange(n - 1), np.arange(1, n)) for n in sizes]
    paths = [(np.ones((n, 1)), np.hstack([[a, b], [b, a]])) for n, (a, b) in zip(sizes, ways, strict=True)]
    _, edge_index, batch = objects.batch_graphs(paths)
    return edge_index, batch


EXERCISE = Exercise(
    id="24.3",
    title="a batch of graphs",
    stub='''
        def batch_graphs(graphs):
            """Join graphs into one without edges between them. graphs: list of pairs (x, edge_index),
            x (N_k, C), edge_index (2, E_k). Return x (N, C), edge_index (2, E), and batch (N,):
            for each node the number of its graph, 0, 1, 2 ..."""
            ...  # your code
        ''',
    hints=[
        "The second graph's node 0 is no longer row 0 of the joined x. Which row is it?",
        """
        first_k = N_0 + N_1 + ... + N_(k-1)
        edges of graph k become edge_index_k + first_k
        """,
        """
        sizes = [len(x) for x, _ in graphs]
        first = np.cumsum([0, *sizes])
        edges = [e + first[k] for k, (_, e) in enumerate(graphs)]
        batch = np.repeat(np.arange(len(graphs)), ___)
        return np.vstack(___), np.hstack(___), batch
        """,
    ],
    solution="""
        def batch_graphs(graphs):
            sizes = [len(x) for x, _ in graphs]
            first = np.cumsum([0, *sizes])
            edges = [e + first[k] for k, (_, e) in enumerate(graphs)]
            batch = np.repeat(np.arange(len(graphs)), sizes)
            return np.vstack([x for x, _ in graphs]), np.hstack(edges), batch
        """,
    cases=[
        Case("one graph stays as it is", "batch_graphs", ([TRIANGLE],), hint=2),
        Case("the same pair twice", "batch_graphs", ([PAIR, PAIR],), expected=TWICE, hint=2),
        Case("a triangle, then a pair", "batch_graphs", ([TRIANGLE, PAIR],), hint=2),
        Case("a node without edges in between", join_paths, ([2, 1, 3, 2],), hint=3),
    ],
    wrong={
        "not raised": Wrong(
            {"edges = [e + first[k] for k, (_, e) in enumerate(graphs)]": "edges = [e for _, e in graphs]"},
            "The edges of all graphs point at the first nodes. Raise each graph's numbers by all nodes before it.",
        ),
        "raised by the previous one only": Wrong(
            {"first = np.cumsum([0, *sizes])": "first = [0, *sizes]"},
            "You raise by the size of the graph before. Raise by the sizes of all graphs before: a cumulative sum.",
        ),
        "raised by edges": Wrong(
            {"first = np.cumsum([0, *sizes])": "first = np.cumsum([0, *(e.shape[1] for _, e in graphs)])"},
            "You raise by the number of edges. Node numbers are raised by the number of nodes.",
        ),
        "raised by its own size too": Wrong(
            {"first = np.cumsum([0, *sizes])": "first = np.cumsum(sizes)"},
            "Already the first graph is raised. It begins at row 0: put a 0 before the cumulative sum.",
        ),
        "as if all were equal": Wrong(
            {
                "edges = [e + first[k] for k, (_, e) in enumerate(graphs)]": (
                    "edges = [e + k * len(x) for k, (x, e) in enumerate(graphs)]"
                )
            },
            "You raise by k times the graph's own size, which is right only if all sizes are equal. Add up the sizes "
            "of the graphs before.",
        ),
        "in place": Wrong(
            """
            def batch_graphs(graphs):
                xs, edges, batch, before = [], [], [], 0
                for k, (x, e) in enumerate(graphs):
                    e += before
                    xs.append(x)
                    edges.append(e)
                    batch += [k] * len(x)
                    before += len(x)
                return np.vstack(xs), np.hstack(edges), np.array(batch)
            """,
            "e += ... writes into the graph that came: one that occurs twice is raised twice, and is spoilt for later "
            "use. Make a new array: e + before.",
        ),
        "batch of edges": Wrong(
            {
                "batch = np.repeat(np.arange(len(graphs)), sizes)": (
                    "batch = np.repeat(np.arange(len(graphs)), [e.shape[1] for _, e in graphs])"
                )
            },
            "batch has a number for each edge. It needs one for each node.",
        ),
        "no batch": Wrong(
            {"batch = np.repeat(np.arange(len(graphs)), sizes)": "batch = np.arange(sum(sizes))"},
            "batch numbers the nodes. All nodes of one graph share the graph's number.",
        ),
    },
    also_right=[
        """
        def batch_graphs(graphs):
            xs, edges, batch, before = [], [], [], 0
            for k, (x, e) in enumerate(graphs):
                xs.append(x)
                edges.append(e + before)
                batch += [k] * len(x)
                before += len(x)
            return np.concatenate(xs), np.concatenate(edges, axis=1), np.array(batch)
        """,
        """
        def batch_graphs(graphs):
            x = np.vstack([x for x, _ in graphs])
            batch = np.concatenate([np.full(len(x), k) for k, (x, _) in enumerate(graphs)])
            edges = [np.searchsorted(batch, k) + e for k, (_, e) in enumerate(graphs)]
            return x, np.hstack(edges), batch
        """,
    ],
)
