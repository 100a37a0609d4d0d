"""Exercise 20.1: a learning rate on a log scale."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


def _draws(objects: Any, low: float, high: float, n: int = 4000, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.array([float(objects.log_uniform(low, high, rng)) for _ in range(n)])


def _inside(objects: Any, low: float, high: float) -> bool:
    x = _draws(objects, low, high)
    return bool((x >= low * (1 - 1e-9)).all() and (x <= high * (1 + 1e-9)).all())


def _share(objects: Any, low: float, high: float, start: float, end: float) -> float:
    """The share of draws between start and end."""
    x = _draws(objects, low, high)
    return float(np.mean((x >= start) & (x < end)))


def _same_seed_same_draws(objects: Any) -> bool:
    first, second, other = (_draws(objects, 0.001, 0.1, 5, seed) for seed in (3, 3, 4))
    return bool(np.array_equal(first, second) and not np.array_equal(first, other) and len(set(first)) == 5)


EXERCISE = Exercise(
    id="20.1",
    title="a learning rate on a log scale",
    stub='''
        def log_uniform(low, high, rng):
            """Return one random number from low to high such that every factor is equally likely:
            between 0.001 and 0.01 as often as between 0.01 and 0.1. rng: a numpy Generator"""
            ...  # your code
        ''',
    hints=[
        "You can draw evenly between two numbers. Which function of the rate should be even, so that a step from 0.001 "
        "to 0.01 is as long as one from 0.01 to 0.1?",
        """
        log(x) is uniform between log(low) and log(high)
        x = exp(log(x));  any base will do, as long as it is the same twice
        """,
        """
        u = rng.uniform(np.log(low), ___)
        return np.exp(___)
        """,
    ],
    solution="""
        def log_uniform(low, high, rng):
            u = rng.uniform(np.log(low), np.log(high))
            return np.exp(u)
        """,
    cases=[
        Case("every draw lies between low and high", _inside, (0.0001, 1.0), expected=True, hint=2),
        Case(
            "0.0001 to 1: a quarter of the draws for each factor of ten, here from 0.0001 to 0.001",
            _share,
            (0.0001, 1.0, 0.0001, 0.001),
            expected=0.25,
            atol=0.03,
            hint=2,
        ),
        Case("and a quarter from 0.1 to 1", _share, (0.0001, 1.0, 0.1, 1.0), expected=0.25, atol=0.03, hint=2),
        Case("8 to 128: a quarter from 8 to 16", _share, (8.0, 128.0, 8.0, 16.0), expected=0.25, atol=0.03, hint=3),
        Case("the same seed gives the same draws", _same_seed_same_draws, (), expected=True, hint=3),
    ],
    wrong={
        "uniform": Wrong(
            "def log_uniform(low, high, rng): return rng.uniform(low, high)",
            "That is uniform in x: 9 of 10 draws land in the last factor of ten. Draw between the logarithms of low "
            "and high. Taking a logarithm after drawing, and exp of it, changes nothing.",
        ),
        "not back from the logarithm": Wrong(
            {"return np.exp(u)": "return u"},
            "You return the logarithm of the number. Take exp of it.",
        ),
        "two bases": Wrong(
            {"return np.exp(u)": "return 10**u"},
            "Logarithm and power have different bases: np.log belongs to np.exp, np.log10 to 10 ** u.",
        ),
        "only whole powers of ten": Wrong(
            """
            def log_uniform(low, high, rng):
                return 10.0 ** rng.integers(np.log10(low), np.log10(high) + 1)
            """,
            "You draw whole powers of ten only, and nothing in between. The exponent may be any number.",
        ),
        "normal": Wrong(
            """
            def log_uniform(low, high, rng):
                middle, width = (np.log(low) + np.log(high)) / 2, np.log(high / low)
                return np.exp(rng.normal(middle, width / 4))
            """,
            "A bell in log(x) prefers the middle and leaves the range. Uniform was asked for.",
        ),
        "a generator of its own": Wrong(
            {
                "u = rng.uniform(np.log(low), np.log(high))": "u = np.random.default_rng().uniform(np.log(low), "
                "np.log(high))"
            },
            "The same seed gives different draws: you made a new generator. Draw from the one you are given.",
        ),
    },
    also_right=[
        "def log_uniform(low, high, rng): return low * (high / low) ** rng.random()",
        "def log_uniform(low, high, rng): return 10 ** rng.uniform(np.log10(low), np.log10(high))",
    ],
)
