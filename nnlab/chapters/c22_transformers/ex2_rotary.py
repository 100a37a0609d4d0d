"""Exercise 22.2: rotary positions."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 6))
EAST = np.tile([1.0, 0.0], (3, 1))  # a pair that points east, at positions 0, 1 and 2
QUARTERS = np.array([[1.0, 0.0], [np.cos(1), np.sin(1)], [np.cos(2), np.sin(2)]])
SLOW = np.ones((2, 4))


def same_distance(objects: Any, q: Any, k: Any) -> Any:
    """Scores of a query at 1 and a key at 0, then at 4 and 3, and of a query at 4 and a key at 0."""
    turned_q, turned_k = objects.rotary(np.tile(q, (5, 1))), objects.rotary(np.tile(k, (5, 1)))
    return [round(float(turned_q[i] @ turned_k[j]), 9) for i, j in ((1, 0), (4, 3), (4, 0))]


EXERCISE = Exercise(
    id="22.2",
    title="rotary positions",
    stub='''
        def rotary(x):
            """Return x, (T, d), with each pair (x[t, 2i], x[t, 2i+1]) of position t turned by the
            angle t / 10000**(2i/d). d is even"""
            ...  # your code
        ''',
    hints=[
        "A pair is an arrow in the plane. How does a turn by an angle change its two numbers? And how many angles are "
        "there: one for each position and each ...?",
        """
        a = t / 10000^(2i/d)                (T, d/2) angles
        u' = u cos a - v sin a
        v' = u sin a + v cos a              u = x[:, 2i], v = x[:, 2i+1]
        """,
        """
        i = np.arange(x.shape[1] // 2)
        a = np.arange(len(x))[:, None] / 10000 ** (___)
        u, v = x[:, 0::2], x[:, ___]
        y = np.empty(x.shape)
        y[:, 0::2] = u * np.cos(a) - ___
        y[:, 1::2] = ___
        return y
        """,
    ],
    solution="""
        def rotary(x):
            i = np.arange(x.shape[1] // 2)
            a = np.arange(len(x))[:, None] / 10000 ** (2 * i / x.shape[1])
            u, v = x[:, 0::2], x[:, 1::2]
            y = np.empty(x.shape)
            y[:, 0::2] = u * np.cos(a) - v * np.sin(a)
            y[:, 1::2] = u * np.sin(a) + v * np.cos(a)
            return y
        """,
    cases=[
        Case("d = 2: position t is turned by t", "rotary", (EAST,), expected=QUARTERS, hint=2),
        Case("d = 4: the second pair turns 100 times as slowly", "rotary", (SLOW,), hint=2),
        Case("d = 6", "rotary", (X,), hint=3),
        Case("scores at equal distance are equal", same_distance, (X[0], X[1]), hint=2),
    ],
    wrong={
        "halves": Wrong(
            {
                "u, v = x[:, 0::2], x[:, 1::2]": "u, v = np.split(x, 2, axis=1)",
                "y[:, 0::2] = u * np.cos(a) - v * np.sin(a)": "y[:, : len(i)] = u * np.cos(a) - v * np.sin(a)",
                "y[:, 1::2] = u * np.sin(a) + v * np.cos(a)": "y[:, len(i) :] = u * np.sin(a) + v * np.cos(a)",
            },
            "You pair the first half with the second half. Some models do, and it works as well, but here neighbours "
            "are pairs: columns 0 and 1, 2 and 3. Weights trained with one layout are useless with the other.",
        ),
        "backwards": Wrong(
            {
                "y[:, 0::2] = u * np.cos(a) - v * np.sin(a)": "y[:, 0::2] = u * np.cos(a) + v * np.sin(a)",
                "y[:, 1::2] = u * np.sin(a) + v * np.cos(a)": "y[:, 1::2] = -u * np.sin(a) + v * np.cos(a)",
            },
            "You turn the other way round. The minus belongs to the first of the two: u cos a - v sin a.",
        ),
        "no turn": Wrong(
            {"y[:, 1::2] = u * np.sin(a) + v * np.cos(a)": "y[:, 1::2] = u * np.sin(a) - v * np.cos(a)"},
            "That is a reflection: at position 0 the second number changes its sign. It is u sin a + v cos a.",
        ),
        "overwritten": Wrong(
            """
            def rotary(x):
                i = np.arange(x.shape[1] // 2)
                a = np.arange(len(x))[:, None] / 10000 ** (2 * i / x.shape[1])
                y = x.astype(float)
                y[:, 0::2] = y[:, 0::2] * np.cos(a) - y[:, 1::2] * np.sin(a)
                y[:, 1::2] = y[:, 0::2] * np.sin(a) + y[:, 1::2] * np.cos(a)
                return y
            """,
            "You compute the second number of each pair from the new first one. Keep the old pair until both are done.",
        ),
        "one speed": Wrong(
            {
                "a = np.arange(len(x))[:, None] / 10000 ** (2 * i / x.shape[1])": (
                    "a = np.arange(len(x))[:, None] + 0 * i"
                )
            },
            "All pairs turn at one speed. Pair i turns by t / 10000^(2i/d): the later a pair, the more slowly.",
        ),
        "without the 2": Wrong(
            {
                "a = np.arange(len(x))[:, None] / 10000 ** (2 * i / x.shape[1])": (
                    "a = np.arange(len(x))[:, None] / 10000 ** (i / x.shape[1])"
                )
            },
            "The exponent is 2i/d, with i the number of the pair. Yours is i/d, so the slow pairs turn too fast.",
        ),
        "from 1": Wrong(
            {
                "a = np.arange(len(x))[:, None] / 10000 ** (2 * i / x.shape[1])": (
                    "a = np.arange(1, len(x) + 1)[:, None] / 10000 ** (2 * i / x.shape[1])"
                )
            },
            "You count positions from 1. They begin at 0, so the first row is not turned.",
        ),
        "multiplied": Wrong(
            {
                "a = np.arange(len(x))[:, None] / 10000 ** (2 * i / x.shape[1])": (
                    "a = np.arange(len(x))[:, None] * 10000 ** (2 * i / x.shape[1])"
                )
            },
            "You multiply by 10000^(2i/d), so later pairs turn faster. Divide: they turn more slowly.",
        ),
        "degrees": Wrong(
            {
                "a = np.arange(len(x))[:, None] / 10000 ** (2 * i / x.shape[1])": (
                    "a = np.radians(np.arange(len(x))[:, None] / 10000 ** (2 * i / x.shape[1]))"
                )
            },
            "The angles are radians already: np.cos takes them as they are.",
        ),
        "added": Wrong(
            """
            def rotary(x):
                i = np.arange(x.shape[1] // 2)
                a = np.arange(len(x))[:, None] / 10000 ** (2 * i / x.shape[1])
                return x + np.stack([np.sin(a), np.cos(a)], axis=-1).reshape(x.shape)
            """,
            "You add waves, which are sinusoidal positions. Rotary positions turn each pair: its length stays.",
        ),
    },
    also_right=[
        """
        def rotary(x):
            T, d = x.shape
            z = x[:, 0::2] + 1j * x[:, 1::2]
            z = z * np.exp(1j * np.outer(np.arange(T), 10000 ** (-np.arange(0, d, 2) / d)))
            return np.stack([z.real, z.imag], axis=-1).reshape(T, d)
        """,
        """
        def rotary(x):
            y = np.zeros(x.shape)
            for t in range(x.shape[0]):
                for j in range(0, x.shape[1], 2):
                    a = t / 10000 ** (j / x.shape[1])
                    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
                    y[t, j : j + 2] = turn @ x[t, j : j + 2]
            return y
        """,
    ],
)
