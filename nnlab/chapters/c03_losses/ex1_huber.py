"""Exercise 03.1: Huber loss."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="03.1",
    title="Huber loss",
    stub='''
        def huber_loss(prediction, target, delta=1.0):
            """Return the mean Huber loss, one number. prediction, target: (N,); e = prediction - target costs
            e²/2 where |e| is at most delta, and delta (|e| - delta/2) elsewhere."""
            ...  # your code
        ''',
    hints=[
        "Some errors are small and some are large. How would you compute both formulas, and then pick for every "
        "error the one that counts?",
        """
        e = prediction - target
        cost of one error = e²/2                 where |e| <= delta
                          = delta (|e| - delta/2) elsewhere
        The loss is the mean of these costs.
        """,
        """
        e = np.abs(prediction - target)
        cost = np.where(e <= ___, ___, ___)
        return np.mean(___)
        """,
    ],
    solution="""
        def huber_loss(prediction, target, delta=1.0):
            e = np.abs(prediction - target)
            cost = np.where(e <= delta, e**2 / 2, delta * (e - delta / 2))
            return np.mean(cost)
        """,
    cases=[
        Case(
            "small errors cost half their square",
            "huber_loss",
            (np.array([1.0, 2.0]), np.array([1.5, 1.5])),
            expected=0.125,
            hint=2,
        ),
        Case(
            "large errors cost as much as their size, less one half",
            "huber_loss",
            (np.array([10.0, -4.0]), np.array([0.0, 0.0])),
            expected=6.5,
            hint=2,
        ),
        Case(
            "a different delta, small and large together",
            "huber_loss",
            (np.array([0.0, 0.0, 0.0]), np.array([1.0, -3.0, 6.0]), 2.0),
            expected=(0.5 + 4.0 + 10.0) / 3,
            hint=3,
        ),
        Case("no error costs nothing", "huber_loss", (np.array([3.0]), np.array([3.0])), expected=0.0),
    ],
    wrong={
        "no half": Wrong(
            """
            def huber_loss(prediction, target, delta=1.0):
                e = np.abs(prediction - target)
                return np.mean(np.where(e <= delta, e**2, delta * (e - delta / 2)))
            """,
            "Small errors cost e²/2, and you took e². Without the half the two pieces do not meet at delta.",
        ),
        "sum": Wrong(
            """
            def huber_loss(prediction, target, delta=1.0):
                e = np.abs(prediction - target)
                return np.sum(np.where(e <= delta, e**2 / 2, delta * (e - delta / 2)))
            """,
            "You added the costs up. The mean is asked for, so that a larger batch does not cost more.",
        ),
        "no size": Wrong(
            """
            def huber_loss(prediction, target, delta=1.0):
                e = prediction - target
                return np.mean(np.where(e <= delta, e**2 / 2, delta * (e - delta / 2)))
            """,
            "You compared e with delta, not |e|. A large negative error then counts as a small one.",
        ),
        "jump": Wrong(
            """
            def huber_loss(prediction, target, delta=1.0):
                e = np.abs(prediction - target)
                return np.mean(np.where(e <= delta, e**2 / 2, delta * e))
            """,
            "Large errors cost delta (|e| - delta/2), and you left out the part - delta/2. The curve then jumps "
            "at delta.",
        ),
        "fixed delta": Wrong(
            """
            def huber_loss(prediction, target, delta=1.0):
                e = np.abs(prediction - target)
                return np.mean(np.where(e <= 1, e**2 / 2, e - 0.5))
            """,
            "That is right for delta = 1 only. Use the delta that is handed in.",
        ),
    },
)
