"""Exercise 20.2: successive halving."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


def _curves(n: int, epochs: int, seed: int) -> np.ndarray:
    """Falling curves (n, epochs) that cross: what is best early need not be best late."""
    rng = np.random.default_rng(seed)
    end, start, speed = rng.uniform(0.3, 1.5, n), rng.uniform(2, 3, n), rng.uniform(0.1, 1.0, n)
    e = np.arange(1, epochs + 1)
    return np.round(end[:, None] + (start - end)[:, None] * np.exp(-speed[:, None] * e), 4)


def _result(objects: Any, curves: np.ndarray, factor: int) -> list[int]:
    return [int(x) for x in objects.halving(curves, factor)]


# the best late, row 3, is the worst early
CROSSING = np.array([[5.0, 4.0, 4.0, 4.0], [6.0, 5.0, 5.0, 5.0], [7.0, 6.0, 6.0, 6.0], [8.0, 7.0, 2.0, 1.0]])

EXERCISE = Exercise(
    id="20.2",
    title="successive halving",
    stub='''
        def halving(curves, factor):
            """Return (winner, spent): train all rows for 1 epoch, keep the best len // factor of them, go on
            until factor epochs, keep again, until factor**2 ..., until one row is left. winner: its row
            number; spent: epochs trained in all (a row that goes on is not trained again from the start).
            curves: (N, E), the loss of row n after epoch e is curves[n, e - 1]; N is a power of factor, and E
            is large enough."""
            ...  # your code
        ''',
    hints=[
        "What do you know of a row when it has been trained for e epochs? And how many rows pay for the epochs "
        "between e and factor * e?",
        """
        left = all rows;  epochs = 1;  spent = N
        while more than one is left:
            left = the len(left) // factor rows with the lowest loss after `epochs` epochs
            if more than one is left:  spent += len(left) * (factor * epochs - epochs);  epochs *= factor
        """,
        """
        left, epochs, spent = np.arange(len(curves)), 1, len(curves)
        while len(left) > 1:
            order = np.argsort(curves[left, ___])
            left = left[order[: ___]]
            if len(left) > 1:
                spent += len(left) * ___
                epochs *= factor
        return left[0], spent
        """,
    ],
    solution="""
        def halving(curves, factor):
            left, epochs, spent = np.arange(len(curves)), 1, len(curves)
            while len(left) > 1:
                order = np.argsort(curves[left, epochs - 1])
                left = left[order[: len(left) // factor]]
                if len(left) > 1:
                    spent += len(left) * (factor * epochs - epochs)
                    epochs *= factor
            return left[0], spent
        """,
    cases=[
        Case(
            "two rows: decided after one epoch each",
            _result,
            (np.array([[3.0, 1.0], [2.0, 2.0]]), 2),
            expected=[1, 2],
            hint=2,
        ),
        Case(
            "a late starter is cut early, although it would have ended best",
            _result,
            (CROSSING, 2),
            expected=[0, 6],
            hint=2,
        ),
        Case("27 rows, factor 3: 27 + 9 * 2 + 3 * 6 epochs", _result, (_curves(27, 9, 0), 3), hint=3),
        Case("16 rows, factor 2", _result, (_curves(16, 8, 1), 2), hint=3),
        Case("16 rows, factor 4", _result, (_curves(16, 4, 2), 4), hint=3),
        Case("one row: it wins after one epoch", _result, (np.array([[2.0, 1.0]]), 2), expected=[0, 1], hint=2),
    ],
    wrong={
        "looks at the end": Wrong(
            {"order = np.argsort(curves[left, epochs - 1])": "order = np.argsort(curves[left, -1])"},
            "You choose by the loss at the end, which nobody knows yet. After `epochs` epochs it is "
            "curves[left, epochs - 1].",
        ),
        "an epoch too late": Wrong(
            {
                "order = np.argsort(curves[left, epochs - 1])": "order = np.argsort(curves[left, min(epochs, "
                "curves.shape[1] - 1)])"
            },
            "Column 0 is the loss after epoch 1: after `epochs` epochs it is column epochs - 1.",
        ),
        "keeps the worst": Wrong(
            {"order = np.argsort(curves[left, epochs - 1])": "order = np.argsort(-curves[left, epochs - 1])"},
            "Those are the highest losses. Keep the lowest.",
        ),
        "row numbers of what is left": Wrong(
            {"left = left[order[: len(left) // factor]]": "left = order[: len(left) // factor]"},
            "argsort gives places in `left`, not row numbers: look them up, left[order[...]].",
        ),
        "from the start again": Wrong(
            {"spent += len(left) * (factor * epochs - epochs)": "spent += len(left) * factor * epochs"},
            "You pay for every row from its first epoch again. A row that goes on has `epochs` epochs behind it.",
        ),
        "always halves": Wrong(
            {"left = left[order[: len(left) // factor]]": "left = left[order[: len(left) // 2]]"},
            "You keep one half whatever the factor is. Keep len(left) // factor.",
        ),
        "pays for all rows": Wrong(
            {
                "left, epochs, spent = np.arange(len(curves)), 1, len(curves)": "left, epochs, spent = "
                "np.arange(len(curves)), 1, len(curves)\nall_rows = len(curves)",
                "spent += len(left) * (factor * epochs - epochs)": "spent += all_rows * (factor * epochs - epochs)",
            },
            "Rows that were cut cost nothing any more: only len(left) of them are trained on.",
        ),
        "the winner goes on": Wrong(
            """
            def halving(curves, factor):
                left, epochs, spent = np.arange(len(curves)), 1, len(curves)
                while len(left) > 1:
                    order = np.argsort(curves[left, epochs - 1])
                    left = left[order[: len(left) // factor]]
                    spent += len(left) * (factor * epochs - epochs)
                    epochs *= factor
                return left[0], spent
            """,
            "When one row is left, it is decided: train no further, or count those epochs at another place.",
        ),
    },
    also_right=[
        """
        def halving(curves, factor):
            left, e, spent = list(range(len(curves))), 1, len(curves)
            while True:
                left = sorted(left, key=lambda n: curves[n, e - 1])[: max(1, len(left) // factor)]
                if len(left) == 1:
                    return left[0], spent
                spent += len(left) * (factor - 1) * e
                e *= factor
        """,
    ],
)
