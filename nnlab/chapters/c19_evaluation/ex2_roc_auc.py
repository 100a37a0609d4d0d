"""Exercise 19.2: the area under ROC by ranks."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

_rng = np.random.default_rng(5)
_MANY = _rng.integers(2, size=40)

EXERCISE = Exercise(
    id="19.2",
    title="the area under ROC by ranks",
    stub='''
        def roc_auc(y_true, y_score):
            """Return the probability that a positive row scores above a negative one; a tie counts 1/2.
            y_true: (N,), 0 or 1, both there; y_score: (N,). One way: the ranks of the scores."""
            ...  # your code
        ''',
    hints=[
        "A positive row with rank r (1 for the lowest score) is above r - 1 others. How many of these are positive "
        "themselves, over all positive rows together?",
        """
        rank of a score = scores below it + (scores equal to it, itself included, + 1) / 2
        R = sum of the ranks of the positive rows;   P positives, N negatives
        area = (R - P (P + 1) / 2) / (P N)
        """,
        """
        below = (y_score[:, None] > y_score).sum(axis=1)
        equal = (y_score[:, None] == y_score).sum(axis=1)
        ranks = below + (equal + 1) / ___
        p = np.sum(y_true == 1)
        return (ranks[y_true == 1].sum() - ___) / (p * ___)
        """,
    ],
    solution="""
        def roc_auc(y_true, y_score):
            below = (y_score[:, None] > y_score).sum(axis=1)
            equal = (y_score[:, None] == y_score).sum(axis=1)
            ranks = below + (equal + 1) / 2
            p = np.sum(y_true == 1)
            n = len(y_true) - p
            return (ranks[y_true == 1].sum() - p * (p + 1) / 2) / (p * n)
        """,
    cases=[
        Case(
            "all positives above all negatives",
            "roc_auc",
            (np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9])),
            expected=1.0,
            hint=2,
        ),
        Case(
            "one pair of six is the wrong way round",
            "roc_auc",
            (np.array([0, 0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4, 0.9])),
            expected=5 / 6,
            hint=2,
        ),
        Case(
            "rows in any order, scores of any size",
            "roc_auc",
            (np.array([1, 0, 1, 0, 0]), np.array([-3.0, 20.0, 500.0, -40.0, 3.0])),
            expected=4 / 6,
            hint=2,
        ),
        Case("all scores equal: 1/2", "roc_auc", (np.array([0, 1, 0, 1, 1]), np.full(5, 0.7)), expected=0.5, hint=3),
        Case(
            "a tie between a positive and a negative counts one half",
            "roc_auc",
            (np.array([1, 0, 0, 1]), np.array([0.5, 0.5, 0.1, 0.9])),
            expected=3.5 / 4,
            hint=3,
        ),
        Case("forty rows with many ties", "roc_auc", (_MANY, _rng.integers(6, size=40) + 1.0 * _MANY), hint=3),
    ],
    wrong={
        "ties by place": Wrong(
            """
            def roc_auc(y_true, y_score):
                ranks = np.argsort(np.argsort(y_score, kind="stable"), kind="stable") + 1
                p = np.sum(y_true == 1)
                return (ranks[y_true == 1].sum() - p * (p + 1) / 2) / (p * (len(y_true) - p))
            """,
            "Equal scores got different ranks, by where they stand in the array. They share the mean of their ranks.",
        ),
        "ties count nothing": Wrong(
            """
            def roc_auc(y_true, y_score):
                return np.mean(y_score[y_true == 1][:, None] > y_score[y_true == 0])
            """,
            "Ties count nothing here, so scores that are all equal would get 0. A tie counts one half.",
        ),
        "ties count fully": Wrong(
            """
            def roc_auc(y_true, y_score):
                return np.mean(y_score[y_true == 1][:, None] >= y_score[y_true == 0])
            """,
            "Ties count as if the positive were above: scores that are all equal would get 1. A tie counts one half.",
        ),
        "upside down": Wrong(
            {"below = (y_score[:, None] > y_score).sum(axis=1)": "below = (y_score[:, None] < y_score).sum(axis=1)"},
            "You ranked from the greatest score down, so a perfect model gets 0. Rank 1 is the lowest score.",
        ),
        "positives among themselves": Wrong(
            {
                "return (ranks[y_true == 1].sum() - p * (p + 1) / 2) / (p * n)": "return ranks[y_true == 1].sum() "
                "/ (p * n)"
            },
            "The ranks also count positives that are above positives. Take those away: p (p + 1) / 2.",
        ),
        "ranks from zero": Wrong(
            {"ranks = below + (equal + 1) / 2": "ranks = below + (equal - 1) / 2"},
            "Your ranks begin with 0, and p (p + 1) / 2 belongs to ranks that begin with 1.",
        ),
        "divided by all pairs": Wrong(
            {
                "return (ranks[y_true == 1].sum() - p * (p + 1) / 2) / (p * n)": "return (ranks[y_true == 1].sum() "
                "- p * (p + 1) / 2) / (len(y_true) * (len(y_true) - 1) / 2)"
            },
            "You divided by the number of all pairs. Only pairs of a positive and a negative count: p n.",
        ),
        "accuracy at one half": Wrong(
            "def roc_auc(y_true, y_score): return np.mean((y_score > 0.5) == y_true)",
            "That is accuracy at the threshold 0.5. The area uses the order of the scores only, and no threshold.",
        ),
    },
    also_right=[
        """
        def roc_auc(y_true, y_score):
            a, b = y_score[y_true == 1][:, None], y_score[y_true == 0]
            return np.mean((a > b) + 0.5 * (a == b))
        """,
        """
        def roc_auc(y_true, y_score):
            total = 0
            for a in y_score[y_true == 1]:
                for b in y_score[y_true == 0]:
                    total += 1 if a > b else 0.5 if a == b else 0
            return total / (sum(y_true == 1) * sum(y_true == 0))
        """,
        """
        def roc_auc(y_true, y_score):
            values, place, counts = np.unique(y_score, return_inverse=True, return_counts=True)
            ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
            p = y_true.sum()
            return (ranks @ y_true - p * (p + 1) / 2) / p / (len(y_true) - p)
        """,
        """
        from nnlab.scratch.metrics import roc_curve
        def roc_auc(y_true, y_score):
            x, y, _ = roc_curve(y_true, y_score)
            return np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2)
        """,
    ],
)
