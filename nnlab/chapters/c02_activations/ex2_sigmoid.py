"""Exercise 02.2: a stable sigmoid."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="02.2",
    title="a stable sigmoid",
    stub='''
        def sigmoid(x):
            """Return 1 / (1 + exp(-x)) for every x, shaped like x. Give the right number, however far out,
            and no warning. Tiny values count as well, such as sigmoid(-700) = exp(-700)."""
            ...  # your code
        ''',
    hints=[
        "exp overflows for large numbers, and exp(-x) meets them where x is very negative. Which exp can "
        "never overflow, whatever x is?",
        """
        With e = exp(-|x|), which is never more than 1:
        sigmoid(x) = 1 / (1 + e)   if x >= 0
        sigmoid(x) = e / (1 + e)   if x < 0
        Both are the same number, the second with top and bottom multiplied by exp(x).
        x = -1000: exp(-x) overflows, but e = exp(-1000) is just 0, and 0 / (1 + 0) = 0.
        """,
        """
        e = np.exp(-np.abs(___))
        top = np.where(x >= 0, ___, ___)
        return top / (1 + e)
        """,
    ],
    solution="""
        def sigmoid(x):
            e = np.exp(-np.abs(x))
            return np.where(x >= 0, 1.0, e) / (1.0 + e)
        """,
    cases=[
        Case(
            "0 gives one half, log 3 gives three quarters, -log 3 one quarter",
            "sigmoid",
            (np.array([0.0, np.log(3.0), -np.log(3.0)]),),
            expected=[0.5, 0.75, 0.25],
            hint=2,
        ),
        Case("1000 gives 1, with no warning", "sigmoid", (np.array([1000.0]),), expected=[1.0], fail_on_overflow=True),
        Case(
            "-1000 gives 0, with no warning", "sigmoid", (np.array([-1000.0]),), expected=[0.0], fail_on_overflow=True
        ),
        Case(
            "tiny values are kept, for -700 it is exp(-700)",
            "sigmoid",
            (np.array([-700.0, -100.0, -40.0]),),
            expected=[9.859676543759770e-305, 3.720075976020836e-44, 4.248354255291589e-18],
            hint=2,
            rtol=1e-12,
            atol=0,
        ),
        Case(
            "right to twelve digits, in a table",
            "sigmoid",
            (np.array([[-30.0, -5.0, -0.1], [0.1, 5.0, 30.0]]),),
            hint=2,
            rtol=1e-12,
            atol=0,
        ),
    ],
    wrong={
        "naive": Wrong(
            "def sigmoid(x): return 1 / (1 + np.exp(-x))",
            "The formula is right on paper. But for x = -1000 it needs exp(1000), which no float64 can hold. "
            "Write it so that exp never sees a number above 0.",
        ),
        "naive, from the right": Wrong(
            "def sigmoid(x): return np.exp(x) / (1 + np.exp(x))",
            "This form is good for negative x. For x = 1000 it needs exp(1000), which no float64 can hold.",
        ),
        "both branches": Wrong(
            "def sigmoid(x): return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))",
            "A good idea, but np.where chooses only after both sides were computed for every x, so one of "
            "them overflows. Take exp(-|x|) once and use it in both.",
        ),
        "clipped": Wrong(
            "def sigmoid(x): return 1 / (1 + np.exp(-np.clip(x, -30, 30)))",
            "Clipping x stops the overflow and flattens the tail: everything left of -30 gives the same "
            "value, and its logarithm is then wrong too.",
        ),
        "clipped far out": Wrong(
            "def sigmoid(x): return 1 / (1 + np.exp(-np.clip(x, -500, 500)))",
            "Clipping x stops the overflow and flattens the tail: everything left of -500 gives the same "
            "value. No clipping is needed if exp never sees a number above 0.",
        ),
        "tanh": Wrong(
            "def sigmoid(x): return 0.5 * (1 + np.tanh(x / 2))",
            "The tanh form is right on paper and never overflows. But for x = -40 tanh is so close to -1 "
            "that 1 + tanh loses every digit. Division keeps them: e / (1 + e) with e = exp(-|x|).",
        ),
        "one minus": Wrong(
            """
            def sigmoid(x):
                right = 1 / (1 + np.exp(-np.abs(x)))
                return np.where(x >= 0, right, 1 - right)
            """,
            "The symmetry is right on paper. But where sigmoid is tiny, 1 - right subtracts two numbers that "
            "are nearly equal, and every digit is lost. Use e / (1 + e) on the left.",
        ),
    },
    also_right=[
        "def sigmoid(x): return np.exp(-np.logaddexp(0, -x))",
        """
        def sigmoid(x):
            out, right = np.empty_like(x), x >= 0
            out[right] = 1 / (1 + np.exp(-x[right]))
            e = np.exp(x[~right])
            out[~right] = e / (1 + e)
            return out
        """,
        """
        def sigmoid(x):
            import torch
            return torch.sigmoid(torch.tensor(x))
        """,
    ],
)
