"""Exercise 02.3: softmax with an axis."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="02.3",
    title="softmax with an axis",
    stub='''
        def softmax(x, axis=-1):
            """Return exp(x) divided by its sum along axis, shaped like x, right for logits of any size."""
            ...  # your code
        ''',
    hints=[
        "If you add the same number to all logits of a row, what happens to its softmax? Which number would "
        "keep exp from overflowing?",
        """
        softmax(x)_i = exp(x_i - m) / Σ_j exp(x_j - m), with m the greatest x along the axis
        The greatest exponent is then 0. keepdims=True keeps the axis with length 1, so that m and the sum
        line up with the right numbers.
        """,
        """
        m = np.max(x, axis=___, keepdims=___)
        e = np.exp(x - ___)
        return e / np.sum(e, axis=___, keepdims=___)
        """,
    ],
    solution="""
        def softmax(x, axis=-1):
            e = np.exp(x - np.max(x, axis=axis, keepdims=True))
            return e / np.sum(e, axis=axis, keepdims=True)
        """,
    cases=[
        Case(
            "logits of log 1, log 2, log 5 give 1, 2 and 5 eighths",
            "softmax",
            (np.log([1.0, 2.0, 5.0]),),
            expected=[0.125, 0.25, 0.625],
            hint=2,
        ),
        Case(
            "every row by itself",
            "softmax",
            (np.log([[1.0, 3.0], [2.0, 8.0]]),),
            expected=[[0.25, 0.75], [0.2, 0.8]],
            hint=3,
        ),
        Case(
            "with axis=0 every column by itself",
            "softmax",
            (np.log([[1.0, 3.0, 1.0], [4.0, 1.0, 1.0]]), 0),
            expected=[[0.2, 0.75, 0.5], [0.8, 0.25, 0.5]],
            hint=3,
        ),
        Case(
            "the middle axis of three",
            "softmax",
            (np.linspace(-1, 1, 12).reshape(2, 3, 2), 1),
            hint=3,
        ),
        Case(
            "large logits do not overflow",
            "softmax",
            (np.array([1000.0, 1000.0, 0.0]),),
            expected=[0.5, 0.5, 0.0],
            hint=2,
        ),
        Case(
            "one logit far above the others takes everything",
            "softmax",
            (np.array([3000.0, 0.0, 0.0]),),
            expected=[1.0, 0.0, 0.0],
            hint=2,
        ),
        Case(
            "of two large logits the greater one still wins, by just as much",
            "softmax",
            (np.array([1000.0, 999.0]),),
            expected=[0.7310586, 0.2689414],
            hint=2,
        ),
        Case(
            "rows whose logits lie far apart do not disturb each other",
            "softmax",
            (np.array([[-1000.0, -1000.0], [1000.0, 1000.0]]),),
            expected=[[0.5, 0.5], [0.5, 0.5]],
            hint=3,
        ),
    ],
    wrong={
        "no exp": Wrong(
            "def softmax(x, axis=-1): return x / np.sum(x, axis=axis, keepdims=True)",
            "You divided the logits themselves by their sum. Logits may be negative: take exp first.",
        ),
        "not divided": Wrong(
            "def softmax(x, axis=-1): return np.exp(x)",
            "The exponentials are right. Divide them by their sum, so that they add up to 1.",
        ),
        "greatest is 1": Wrong(
            """
            def softmax(x, axis=-1):
                e = np.exp(x)
                return e / np.max(e, axis=axis, keepdims=True)
            """,
            "Your greatest output is 1. Subtracting the greatest logit is a good step, but the exponentials "
            "still have to be divided by their sum, so that they add up to 1.",
        ),
        "sum over everything": Wrong(
            """
            def softmax(x, axis=-1):
                e = np.exp(x - np.max(x, axis=axis, keepdims=True))
                return e / np.sum(e)
            """,
            "You divided by the sum of the whole table. Every row should add up to 1 by itself: use axis.",
        ),
        "everything over everything": Wrong(
            """
            def softmax(x, axis=-1):
                e = np.exp(x - np.max(x))
                return e / np.sum(e)
            """,
            "The whole table adds up to 1. Every row should do that by itself: use axis, for the greatest "
            "logit and for the sum.",
        ),
        "no keepdims": Wrong(
            """
            def softmax(x, axis=-1):
                e = np.exp(x - np.max(x, axis=axis, keepdims=True))
                return e / np.sum(e, axis=axis)
            """,
            "The sums lost their axis, so NumPy set the sum of row 1 above column 1. With keepdims=True in "
            "np.sum each sum stays in its row.",
        ),
        "axis ignored": Wrong(
            """
            def softmax(x, axis=-1):
                e = np.exp(x - np.max(x, axis=-1, keepdims=True))
                return e / np.sum(e, axis=-1, keepdims=True)
            """,
            "You always work along the last axis. Hand the axis on: axis=axis.",
        ),
        "axis always 1": Wrong(
            """
            def softmax(x, axis=-1):
                e = np.exp(x - np.max(x, axis=1, keepdims=True))
                return e / np.sum(e, axis=1, keepdims=True)
            """,
            "You always work along axis 1, and a single row has only axis 0. Hand the axis on: axis=axis.",
        ),
        "overflow": Wrong(
            """
            def softmax(x, axis=-1):
                e = np.exp(x)
                return e / np.sum(e, axis=axis, keepdims=True)
            """,
            "exp(1000) is infinite for the computer, and infinite divided by infinite is NaN. Subtract the "
            "greatest logit first: the result stays the same, and exp stays small.",
        ),
        "mean subtracted": Wrong(
            """
            def softmax(x, axis=-1):
                e = np.exp(x - np.mean(x, axis=axis, keepdims=True))
                return e / np.sum(e, axis=axis, keepdims=True)
            """,
            "You subtracted the mean. A logit far above the mean still overflows: 3000 - 1000 = 2000. Subtract the "
            "greatest logit, and no exponent is above 0.",
        ),
        "clipped": Wrong(
            """
            def softmax(x, axis=-1):
                e = np.exp(np.clip(x, -700, 700))
                return e / np.sum(e, axis=axis, keepdims=True)
            """,
            "Clipping stops the overflow, but 1000 and 999 both become 700, and their difference is lost. Subtract "
            "the greatest logit instead: that keeps all differences.",
        ),
        "greatest of everything": Wrong(
            """
            def softmax(x, axis=-1):
                e = np.exp(x - np.max(x))
                return e / np.sum(e, axis=axis, keepdims=True)
            """,
            "You subtracted the greatest logit of the whole table. A row far below it becomes all zeros, and "
            "0 / 0 is NaN. Every row needs its own greatest logit: use axis and keepdims=True in np.max.",
        ),
    },
    also_right=[
        """
        def softmax(x, axis=-1):
            z = np.moveaxis(x, axis, 0)
            e = np.exp(z - z.max(0))
            return np.moveaxis(e / e.sum(0), 0, axis)
        """,
        "def softmax(x, axis=-1): return np.exp(x - np.logaddexp.reduce(x, axis=axis, keepdims=True))",
        """
        def softmax(x, axis=-1):
            import torch
            return torch.softmax(torch.tensor(x), axis)
        """,
    ],
)
