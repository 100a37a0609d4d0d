"""Exercise 21.2: many rows, in chunks, without overflow."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

X = np.random.default_rng(0).normal(size=(7, 3))
W = np.array([[1.0, -1.0, 0.5, 0.0], [0.0, 2.0, -1.0, 0.3], [0.7, 0.2, 0.1, -2.0]])


def _scored(objects: Any, x: Any, size: int, factor: float = 1.0) -> Any:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(objects.score(lambda rows: factor * np.asarray(rows) @ W, x, size))


def _sizes(objects: Any, x: Any, size: int) -> list[int]:
    """How many rows the model got in each call."""
    seen: list[int] = []

    def model(rows: Any) -> Any:
        seen.append(len(rows))
        return np.asarray(rows) @ W

    objects.score(model, x, size)
    return seen


EXERCISE = Exercise(
    id="21.2",
    title="many rows, in chunks, without overflow",
    stub='''
        def score(model, x, size):
            """Return the softmax probabilities of all rows of x (N, d), an array (N, classes).
            Call model(rows) -> logits with `size` rows at a time, in order; the last may have fewer"""
            ...  # your code
        ''',
    hints=[
        "Where does each chunk begin? What does exp do to a logit of 800? And by what may you change all logits of a "
        "row without changing their softmax?",
        """
        chunks x[0:size], x[size:2 size], ...
        softmax(z) = exp(z - max z) / sum of exp(z - max z), for each row
        """,
        """
        parts = []
        for start in range(0, len(x), ___):
            z = model(x[start : start + ___])
            e = np.exp(z - z.max(axis=___, keepdims=True))
            parts.append(e / e.sum(axis=___, keepdims=True))
        return np.concatenate(parts)
        """,
    ],
    solution="""
        def score(model, x, size):
            parts = []
            for start in range(0, len(x), size):
                z = model(x[start : start + size])
                e = np.exp(z - z.max(axis=1, keepdims=True))
                parts.append(e / e.sum(axis=1, keepdims=True))
            return np.concatenate(parts)
        """,
    cases=[
        Case("six rows, three at a time", _scored, (X[:6], 3), hint=3),
        Case("seven rows: the last chunk has one", _scored, (X, 3), hint=2),
        Case("fewer rows than a chunk", _scored, (X[:2], 5), hint=2),
        Case("one row at a time", _scored, (X, 1), hint=2),
        Case("logits in the thousands", _scored, (X, 4, 1000.0), hint=2),
        Case("logits far below zero", _scored, (X - 50, 4, 100.0), hint=2),
        Case("the model never gets more rows than `size`", _sizes, (X, 3), expected=[3, 3, 1], hint=2),
    ],
    wrong={
        "the rest is lost": Wrong(
            {"for start in range(0, len(x), size):": "for start in range(0, len(x) // size * size or len(x), size):"},
            "The rows after the last full chunk are lost. The last chunk may be shorter.",
        ),
        "overflow": Wrong(
            {"e = np.exp(z - z.max(axis=1, keepdims=True))": "e = np.exp(z)"},
            "exp(800) is infinite, and infinity / infinity is NaN. Subtract each row's largest logit first: the "
            "softmax stays the same.",
        ),
        "one maximum for the chunk": Wrong(
            {"e = np.exp(z - z.max(axis=1, keepdims=True))": "e = np.exp(z - z.max())"},
            "You subtract the largest logit of the whole chunk. In a row whose logits are far below it every exp is 0, "
            "and 0 / 0 is NaN. Take each row's own.",
        ),
        "a sum over the chunk": Wrong(
            {
                "parts.append(e / e.sum(axis=1, keepdims=True))": "parts.append(e / e.sum())",
            },
            "The probabilities of a row should sum to 1. You divide by the sum over the whole chunk.",
        ),
        "over the rows": Wrong(
            {"parts.append(e / e.sum(axis=1, keepdims=True))": "parts.append(e / e.sum(axis=0, keepdims=True))"},
            "You normalise over the rows, axis 0. A softmax runs over the classes, axis 1.",
        ),
        "all at once": Wrong(
            {"for start in range(0, len(x), size):": "for start, size in [(0, len(x))]:"},
            "The numbers are right, but the model got all rows at once. What does not fit into memory then fails.",
        ),
        "logits": Wrong(
            {"parts.append(e / e.sum(axis=1, keepdims=True))": "parts.append(z)"},
            "Those are the logits. Probabilities were asked for.",
        ),
    },
    also_right=[
        """
        def score(model, x, size):
            z = np.concatenate([model(x[k : k + size]) for k in range(0, len(x), size)])
            log_sum = np.logaddexp.reduce(z, axis=1, keepdims=True)
            return np.exp(z - log_sum)
        """,
        """
        from nnlab.scratch.activations import softmax
        def score(model, x, size):
            return np.concatenate([softmax(model(x[k : k + size])) for k in range(0, len(x), size)])
        """,
    ],
)
