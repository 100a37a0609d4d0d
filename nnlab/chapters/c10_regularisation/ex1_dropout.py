"""Exercise 10.1: inverted dropout."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


def _dropped(objects: Any, shape: tuple[int, ...], p: float, seed: int = 0) -> np.ndarray:
    """Dropout of a table of threes, in training."""
    return np.asarray(objects.dropout(np.full(shape, 3.0), p, True, np.random.default_rng(seed)))


def _values(objects: Any, x: np.ndarray, p: float) -> np.ndarray:
    return np.unique(np.asarray(objects.dropout(x, p, True, np.random.default_rng(0))).round(5))


def _share_of_zeros(objects: Any, p: float) -> float:
    return float((_dropped(objects, (100, 200), p) == 0).mean())


def _mean(objects: Any, p: float) -> float:
    return float(_dropped(objects, (100, 200), p).mean())


def _different_rows(objects: Any, p: float) -> int:
    return len(np.unique(_dropped(objects, (20, 50), p), axis=0))


def _different_columns(objects: Any, p: float) -> int:
    return len(np.unique(_dropped(objects, (50, 20), p), axis=1).T)


def _same_again(objects: Any, p: float) -> bool:
    rng, x = np.random.default_rng(0), np.full((20, 50), 3.0)
    first, second = (np.asarray(objects.dropout(x, p, True, rng)) for _ in range(2))
    return bool(np.array_equal(first, second))


def _same_for_one_seed(objects: Any, p: float) -> bool:
    return bool(np.array_equal(_dropped(objects, (20, 50), p, seed=1), _dropped(objects, (20, 50), p, seed=1)))


def _counts_of_zeros(objects: Any, p: float) -> bool:
    """Whether the number of zeros differs from call to call, as it does if each entry is drawn independently."""
    return len({int((_dropped(objects, (20, 50), p, seed) == 0).sum()) for seed in range(10)}) > 1


EXERCISE = Exercise(
    id="10.1",
    title="inverted dropout",
    stub='''
        def dropout(x, p, training, rng):
            """In training set each entry of x to 0 with probability p, and divide the others by 1 - p.
            In evaluation return x as it is. x: any shape; 0 <= p < 1; rng: a numpy Generator"""
            ...  # your code
        ''',
    hints=[
        "rng.random(x.shape) gives a number from 0 to 1 for each entry. How often is such a number below p?",
        """
        keep = 1 where the random number is at least p, else 0
        training:    y = x · keep / (1 - p)      on average p·0 + (1 - p)·x / (1 - p) = x
        evaluation:  y = x
        """,
        """
        if not training:
            return ___
        keep = rng.random(___) >= p
        return x * keep / ___
        """,
    ],
    solution="""
        def dropout(x, p, training, rng):
            if not training:
                return x
            keep = rng.random(x.shape) >= p
            return x * keep / (1 - p)
        """,
    cases=[
        Case(
            "in evaluation nothing changes",
            "dropout",
            (np.array([[1.0, -2.0], [3.0, 4.0]]), 0.5, False, np.random.default_rng(0)),
            expected=[[1.0, -2.0], [3.0, 4.0]],
            hint=2,
        ),
        Case(
            "p = 0.8 of threes: what stays is 3 / 0.2",
            _values,
            (np.full((20, 10), 3.0), 0.8),
            expected=[0.0, 15.0],
            hint=2,
        ),
        Case("the share of zeros is p", _share_of_zeros, (0.8,), expected=0.8, atol=0.03, hint=1),
        Case("the mean of threes stays 3", _mean, (0.3,), expected=3.0, atol=0.1, hint=2),
        Case("p = 0 drops nothing", _values, (np.full((20, 10), 3.0), 0.0), expected=[3.0], hint=3),
        Case("the number of zeros differs from call to call", _counts_of_zeros, (0.5,), expected=True, hint=1),
        Case("each row has its own mask", _different_rows, (0.5,), expected=20, hint=3),
        Case("each column has its own mask", _different_columns, (0.5,), expected=20, hint=3),
        Case("a second call draws a new mask", _same_again, (0.5,), expected=False, hint=3),
        Case("the same seed gives the same mask", _same_for_one_seed, (0.5,), expected=True, hint=3),
    ],
    wrong={
        "not scaled": Wrong(
            """
            def dropout(x, p, training, rng):
                return x * (rng.random(x.shape) >= p) if training else x
            """,
            "What stays is not enlarged, so in training the next layer gets less than in evaluation. Divide by 1 - p.",
        ),
        "scaled by p": Wrong(
            """
            def dropout(x, p, training, rng):
                return x * (rng.random(x.shape) >= p) / max(p, 1e-9) if training else x
            """,
            "You divided by p, the share that is dropped. A share of 1 - p stays, so divide by 1 - p.",
        ),
        "multiplied": Wrong(
            """
            def dropout(x, p, training, rng):
                return x * (rng.random(x.shape) >= p) * (1 - p) if training else x
            """,
            "You multiplied by 1 - p. That makes what stays smaller still; divide.",
        ),
        "keeps p": Wrong(
            """
            def dropout(x, p, training, rng):
                return x * (rng.random(x.shape) < p) / (1 - p) if training else x
            """,
            "You keep a share p and drop the rest. p is the probability of being dropped.",
        ),
        "keeps p, mean right": Wrong(
            """
            def dropout(x, p, training, rng):
                return x * (rng.random(x.shape) < p) / max(p, 1e-9) if training else x
            """,
            "You took p for the probability of staying. It is the probability of being dropped, so 1 - p stay.",
        ),
        "drops in evaluation": Wrong(
            "def dropout(x, p, training, rng): return x * (rng.random(x.shape) >= p) / (1 - p)",
            "You drop in evaluation, too. There the answer must not depend on chance: return x.",
        ),
        "scaled in evaluation": Wrong(
            """
            def dropout(x, p, training, rng):
                return x * (rng.random(x.shape) >= p) if training else x * (1 - p)
            """,
            "That is the older form: drop in training, make all smaller in evaluation. Inverted dropout scales in "
            "training, so that evaluation has nothing to do.",
        ),
        "one mask for all rows": Wrong(
            """
            def dropout(x, p, training, rng):
                return x * (rng.random(x.shape[1:]) >= p) / (1 - p) if training else x
            """,
            "All rows share one mask. Draw as many numbers as x has entries: rng.random(x.shape).",
        ),
        "one number a row": Wrong(
            """
            def dropout(x, p, training, rng):
                return x * (rng.random((len(x), 1)) >= p) / (1 - p) if training else x
            """,
            "Each row is kept or dropped as a whole. Draw a number for every entry: rng.random(x.shape).",
        ),
        "same mask each time": Wrong(
            """
            def dropout(x, p, training, rng):
                keep = np.random.default_rng(0).random(x.shape) >= p
                return x * keep / (1 - p) if training else x
            """,
            "Each call draws the same mask, so the same units are always missing. Draw from the rng that was passed "
            "in.",
        ),
        "another generator": Wrong(
            """
            def dropout(x, p, training, rng):
                return x * (np.random.random(x.shape) >= p) / (1 - p) if training else x
            """,
            "You draw from a different generator than the rng that was passed in, so no run can be repeated. Draw "
            "from rng.",
        ),
        "exactly a share": Wrong(
            """
            def dropout(x, p, training, rng):
                keep = rng.permutation(x.size).reshape(x.shape) >= round(p * x.size)
                return x * keep / (1 - p) if training else x
            """,
            "You drop the same number of entries each time. Each entry is drawn on its own: it is dropped with "
            "probability p, whatever happens to the others.",
        ),
    },
    also_right=[
        """
        def dropout(x, p, training, rng):
            return np.where(rng.uniform(size=x.shape) < p, 0.0, x / (1 - p)) if training else x.copy()
        """,
        """
        def dropout(x, p, training, rng):
            if training:
                return x * rng.binomial(1, 1 - p, x.shape) / (1 - p)
            return x
        """,
        """
        def dropout(x, p, training, rng):
            out = np.array(x)
            if training and p > 0:
                for place in np.ndindex(x.shape):
                    out[place] = 0 if rng.random() < p else x[place] / (1 - p)
            return out
        """,
        """
        import torch
        def dropout(x, p, training, rng):
            torch.manual_seed(int(rng.integers(2**31)))
            return torch.nn.functional.dropout(torch.tensor(x), p, training)
        """,
        """
        from nnlab import scratch
        def dropout(x, p, training, rng): return scratch.Dropout(p, rng=rng).train(training).forward(x)
        """,
    ],
)
