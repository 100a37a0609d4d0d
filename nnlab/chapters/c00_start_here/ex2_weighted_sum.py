"""Exercise 00.2: weighted sum."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="00.2",
    title="weighted sum",
    stub='''
        def weighted_sum(x, w):
            """Return the sum of every input times its weight, one number. x, w: (n,)"""
            ...  # your code
        ''',
    hints=[
        "Two numbers in, two weights: x = [3, 5] and w = [2, 0]. How much does each input add to the sum?",
        """
        weighted sum = x_1 w_1 + x_2 w_2 + ... + x_n w_n
        For x = [3, 5] and w = [2, 0] that is 3·2 + 5·0 = 6.
        """,
        """
        products = x * ___            # (n,): every input times its weight
        return np.sum(___)
        """,
    ],
    solution="""
        def weighted_sum(x, w):
            return np.sum(x * w)
        """,
    cases=[
        Case(
            "every input counts as much as its weight says",
            "weighted_sum",
            (np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 2.0])),
            expected=4.5,
            hint=2,
        ),
        Case("one input and one weight", "weighted_sum", (np.array([3.0]), np.array([-2.0])), expected=-6.0),
        Case("weights of zero make the sum zero", "weighted_sum", (np.array([1.0, 5.0]), np.zeros(2)), expected=0.0),
        Case("ten inputs", "weighted_sum", (np.arange(10.0), np.linspace(-1, 1, 10)), hint=2),
    ],
    wrong={
        "no sum": Wrong(
            """
            def weighted_sum(x, w):
                return x * w
            """,
            "The products are right. Now add them up, so that one number is left.",
        ),
        "mean": Wrong(
            """
            def weighted_sum(x, w):
                return np.mean(x * w)
            """,
            "You divided the sum by the number of inputs. A weighted sum is not divided by anything.",
        ),
        "weighted average": Wrong(
            """
            def weighted_sum(x, w):
                return np.sum(x * w) / np.sum(w)
            """,
            "You divided by the sum of the weights, which makes a weighted average. The weights of a neuron "
            "need not add up to 1, so leave the sum as it is.",
        ),
        "product of sums": Wrong(
            """
            def weighted_sum(x, w):
                return np.sum(x) * np.sum(w)
            """,
            "You added first and multiplied afterwards, so every input met every weight. Each input meets "
            "its own weight only: multiply first, then add.",
        ),
        "added": Wrong(
            """
            def weighted_sum(x, w):
                return np.sum(x + w)
            """,
            "You added the weights to the inputs. A weight says how much its input counts: multiply them.",
        ),
    },
    also_right=[
        "def weighted_sum(x, w): return x @ w",
        "def weighted_sum(x, w): return np.dot(w, x)",
        "def weighted_sum(x, w): return sum(a * b for a, b in zip(x, w))",
    ],
)
