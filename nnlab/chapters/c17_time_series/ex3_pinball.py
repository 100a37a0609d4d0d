"""Exercise 17.3: the pinball loss."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

_RNG = np.random.default_rng(3)

EXERCISE = Exercise(
    id="17.3",
    title="the pinball loss",
    stub='''
        def pinball(y_true, y_pred, q):
            """Return the mean over all values of: q (y_true - y_pred) where the truth is greater,
            (1 - q) (y_pred - y_true) where it is not. y_true, y_pred: (N,); q: from 0 to 1"""
            ...  # your code
        ''',
    hints=[
        "With q = 0.9, which mistake should cost more: a forecast that is too low, or one that is too high?",
        """
        d = y_true - y_pred
        loss = q d        where d > 0   (too low)
               (q - 1) d  where d <= 0  (too high; q - 1 is negative, so this is positive)
        = max(q d, (q - 1) d)
        """,
        """
        d = y_true - y_pred
        return np.maximum(___ * d, ___ * d).mean()
        """,
    ],
    solution="""
        def pinball(y_true, y_pred, q):
            d = y_true - y_pred
            return np.maximum(q * d, (q - 1) * d).mean()
        """,
    cases=[
        Case("10 too low, q = 0.9", "pinball", (np.array([110.0]), np.array([100.0]), 0.9), expected=9.0, hint=2),
        Case("10 too high, q = 0.9", "pinball", (np.array([90.0]), np.array([100.0]), 0.9), expected=1.0, hint=2),
        Case(
            "q = 0.5 is half the MAE",
            "pinball",
            (np.array([1.0, 2.0, 6.0]), np.array([2.0, 2.0, 2.0]), 0.5),
            expected=5 / 6,
            hint=2,
        ),
        Case("fifty values, q = 0.2", "pinball", (_RNG.normal(size=50), _RNG.normal(size=50), 0.2), hint=3),
    ],
    wrong={
        "turned round": Wrong(
            {"return np.maximum(q * d, (q - 1) * d).mean()": "return np.maximum((1 - q) * d, -q * d).mean()"},
            "The two sides are swapped. For a high quantile such as 0.9, a forecast that is too low costs q = 0.9 for "
            "each unit, one that is too high only 0.1.",
        ),
        "MAE": Wrong(
            "def pinball(y_true, y_pred, q): return np.abs(y_true - y_pred).mean()",
            "That is the MAE: both sides cost the same. q decides how much each side costs.",
        ),
        "sum": Wrong(
            {"return np.maximum(q * d, (q - 1) * d).mean()": "return np.maximum(q * d, (q - 1) * d).sum()"},
            "You return the sum. The loss is the mean over all values.",
        ),
        "negative side": Wrong(
            {"return np.maximum(q * d, (q - 1) * d).mean()": "return np.where(d > 0, q * d, (1 - q) * d).mean()"},
            "Where the forecast is too high, your loss is negative: d is negative there, so it needs the factor q - 1.",
        ),
        "one side": Wrong(
            {"return np.maximum(q * d, (q - 1) * d).mean()": "return np.maximum(q * d, 0).mean()"},
            "A forecast that is too high costs you nothing, so infinity would be the best one. It costs 1 - q a unit.",
        ),
    },
    also_right=[
        """
        def pinball(y_true, y_pred, q):
            low = y_true > y_pred
            return np.mean(np.where(low, q * (y_true - y_pred), (1 - q) * (y_pred - y_true)))
        """,
        """
        def pinball(y_true, y_pred, q):
            d = y_true - y_pred
            return np.mean(np.abs(d) / 2 + (q - 0.5) * d)
        """,
    ],
)
