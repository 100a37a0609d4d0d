"""Exercise 26.2: symmetric quantisation, a scale for each unit."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

BY_HAND = np.array([[1.0, -3.5, 0.6], [0.07, 0.01, -0.02]])
RNG = np.random.default_rng(1)
W = RNG.normal(size=(5, 9)) * np.array([0.01, 0.1, 1.0, 5.0, 0.3])[:, None]
ZERO = np.array([[0.0, 0.0], [1.0, -2.0]])

EXERCISE = Exercise(
    id="26.2",
    title="symmetric quantisation, a scale for each unit",
    stub='''
        def symmetric(w, bits):
            """Return (q, scale): whole numbers q of `bits` bits, and one scale for each row, (out, 1), so that
            scale * q is about w. The largest |w| of a row becomes the largest q; zero is 0.
            A row of zeros has the scale 1. w: (out, in)"""
            ...  # your code
        ''',
    hints=[
        "With 4 bits, symmetric around 0, which whole numbers are there: how large is the largest? And over which axis "
        "is the largest weight of a unit found?",
        """
        most  = 2^(bits-1) - 1              127 for 8 bits, 7 for 4
        scale = max |w| of the row / most   (out, 1); 1 where that is 0
        q     = round(w / scale)
        """,
        """
        most = ___
        scale = np.abs(w).max(axis=___, keepdims=True) / most
        scale = np.where(scale > 0, scale, ___)
        return np.round(___).astype(int), scale
        """,
    ],
    solution="""
        def symmetric(w, bits):
            most = 2 ** (bits - 1) - 1
            scale = np.abs(w).max(axis=1, keepdims=True) / most
            scale = np.where(scale > 0, scale, 1.0)
            return np.round(w / scale).astype(int), scale
        """,
    cases=[
        Case(
            "4 bits by hand: from -7 to 7",
            "symmetric",
            (BY_HAND, 4),
            expected=(np.array([[2, -7, 1], [7, 1, -2]]), np.array([[0.5], [0.01]])),
            hint=2,
        ),
        Case("8 bits, rows of different size", "symmetric", (W, 8), hint=2),
        Case("2 bits: -1, 0 and 1", "symmetric", (W, 2), hint=2),
        Case("a unit that is all zeros", "symmetric", (ZERO, 8), hint=3),
    ],
    wrong={
        "one scale": Wrong(
            """
            def symmetric(w, bits):
                scale = np.full((len(w), 1), np.abs(w).max() / (2 ** (bits - 1) - 1))
                return np.round(w / scale).astype(int), scale
            """,
            "One scale for all rows: a row of small weights is rounded to nearly nothing. Each row has its maximum.",
        ),
        "by column": Wrong(
            """
            def symmetric(w, bits):
                scale = np.abs(w).max(axis=0, keepdims=True) / (2 ** (bits - 1) - 1)
                scale = np.where(scale > 0, scale, 1.0)
                return np.round(w / scale).astype(int), scale
            """,
            "That is a scale for each input. A unit is a row of w, so the maximum runs along axis 1.",
        ),
        "all patterns": Wrong(
            {"most = 2 ** (bits - 1) - 1": "most = 2 ** bits - 1"},
            "2^bits - 1 is the largest number without a sign. Half of the grid is for negative weights.",
        ),
        "one too many": Wrong(
            {"most = 2 ** (bits - 1) - 1": "most = 2 ** (bits - 1)"},
            "8 bits hold -128 to 127: 128 does not fit. The largest is 2^(bits-1) - 1.",
        ),
        "signed maximum": Wrong(
            {"scale = np.abs(w).max(axis=1, keepdims=True) / most": "scale = w.max(axis=1, keepdims=True) / most"},
            "You take the largest w, and a row may have a more negative one: it would lie outside. Take max |w|.",
        ),
        "cut off": Wrong(
            {"return np.round(w / scale).astype(int), scale": "return (w / scale).astype(int), scale"},
            "astype(int) cuts off: 1.9 becomes 1. Round first.",
        ),
        "still floats": Wrong(
            {"return np.round(w / scale).astype(int), scale": "return np.round(w / scale) * scale, scale"},
            "These are the rounded weights again. Return the whole numbers q, without the scale.",
        ),
        "zero by zero": Wrong(
            {"scale = np.where(scale > 0, scale, 1.0)": ""},
            "A row of zeros gives 0 / 0. Its scale is 1, and its q are 0.",
        ),
    },
    also_right=[
        """
        def symmetric(w, bits):
            most = 2 ** (bits - 1) - 1
            q, scale = np.zeros(w.shape, int), np.ones((len(w), 1))
            for k, row in enumerate(w):
                if row.any():
                    scale[k] = max(row.max(), -row.min()) / most
                    q[k] = np.rint(row / scale[k])
            return q, scale
        """,
        """
        def symmetric(w, bits):
            most = (1 << (bits - 1)) - 1
            scale = np.linalg.norm(w, np.inf, axis=1)[:, None] / most
            scale[scale == 0] = 1.0
            return np.clip(np.round(w / scale), -most, most).astype(np.int64), scale
        """,
    ],
)
