"""Exercise 19.3: a bootstrap interval."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


def _rows(right: int, wrong: int) -> np.ndarray:
    return np.repeat([1.0, 0.0], [right, wrong])


def _interval(objects: Any, right: int, wrong: int, confidence: float, seed: int = 0) -> np.ndarray:
    """The interval of the accuracy of `right` correct rows and `wrong` others."""
    rng = np.random.default_rng(seed)
    return np.asarray(objects.bootstrap_interval(_rows(right, wrong), confidence, 4000, rng), float)


def _width(objects: Any, right: int, wrong: int, confidence: float) -> float:
    low, high = _interval(objects, right, wrong, confidence)
    return float(high - low)


def _second_call_differs(objects: Any) -> bool:
    """Whether a generator that is used twice gives different draws."""
    rng, rows = np.random.default_rng(0), np.random.default_rng(1).normal(size=200)
    first, second = (np.asarray(objects.bootstrap_interval(rows, 0.9, 50, rng)) for _ in range(2))
    return not np.array_equal(first, second)


def _same_seed_same_interval(objects: Any) -> bool:
    rows = np.random.default_rng(1).normal(size=200)
    first, second = (np.asarray(objects.bootstrap_interval(rows, 0.9, 50, np.random.default_rng(3))) for _ in range(2))
    return bool(np.array_equal(first, second))


EXERCISE = Exercise(
    id="19.3",
    title="a bootstrap interval",
    stub='''
        def bootstrap_interval(values, confidence, resamples, rng):
            """Return (low, high): between them lies the middle share `confidence` of the means of `resamples`
            new samples, each of N rows drawn from values with replacement. values: (N,), such as 1 for
            each row that is correct and 0 for the others; rng: a numpy Generator"""
            ...  # your code
        ''',
    hints=[
        "You cannot measure on other test rows, but you can pretend: which rows could have come instead? How would "
        "you draw N of N rows so that it is not always the same N?",
        """
        resamples times:  rows = N row numbers from 0 to N - 1, with replacement;  mean of values[rows]
        low  = quantile of these means at (1 - confidence) / 2
        high = quantile of these means at (1 + confidence) / 2
        """,
        """
        means = []
        for _ in range(resamples):
            rows = rng.integers(len(values), size=___)
            means.append(values[rows].___)
        return tuple(np.quantile(means, [(1 - confidence) / 2, ___]))
        """,
    ],
    solution="""
        def bootstrap_interval(values, confidence, resamples, rng):
            means = []
            for _ in range(resamples):
                rows = rng.integers(len(values), size=len(values))
                means.append(values[rows].mean())
            low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
            return low, high
        """,
    cases=[
        Case("all rows equal: there is no doubt", _interval, (30, 0, 0.95), expected=[1.0, 1.0], hint=1),
        Case(
            "80 of 100 correct, 95%: from about 0.72 to 0.88",
            _interval,
            (80, 20, 0.95),
            expected=[0.72, 0.875],
            atol=0.012,
            hint=2,
        ),
        Case("half of the means: a narrower one", _width, (80, 20, 0.5), expected=0.054, atol=0.012, hint=2),
        Case("four times the rows: half as wide", _width, (320, 80, 0.95), expected=0.0784, atol=0.006, hint=3),
        Case("the second call draws other rows", _second_call_differs, (), expected=True, hint=3),
        Case("the same seed gives the same interval", _same_seed_same_interval, (), expected=True, hint=3),
    ],
    wrong={
        "without replacement": Wrong(
            {"rows = rng.integers(len(values), size=len(values))": "rows = rng.permutation(len(values))"},
            "Each draw takes every row once, so all means are equal. Draw with replacement: some rows come twice, "
            "others not at all.",
        ),
        "one tail": Wrong(
            {
                "low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])": "low, high = "
                "np.quantile(means, [1 - confidence, confidence])"
            },
            "You leave out 1 - confidence at each end, twice as much as is left to leave out. It is half of that at "
            "each end.",
        ),
        "of the rows": Wrong(
            {
                "low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])": "low, high = "
                "np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])"
            },
            "Those are quantiles of the rows, which are 0 or 1. Take them of the means of the draws.",
        ),
        "half of the rows": Wrong(
            {
                "rows = rng.integers(len(values), size=len(values))": "rows = rng.integers(len(values), "
                "size=len(values) // 2)"
            },
            "You draw half as many rows as there are. Means of fewer rows vary more, so the interval is too wide: draw "
            "N.",
        ),
        "as many rows as resamples": Wrong(
            {"rows = rng.integers(len(values), size=len(values))": "rows = rng.integers(len(values), size=resamples)"},
            "You draw `resamples` rows each time, so the interval shrinks with your patience. Draw N rows, `resamples` "
            "times.",
        ),
        "mean and standard deviation": Wrong(
            {
                "low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])": "low, high = "
                "np.mean(means), np.std(means)"
            },
            "That is the mean of the draws and their standard deviation. Wanted are the two ends of an interval.",
        ),
        "one standard deviation": Wrong(
            {
                "low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])": "low, high = "
                "np.mean(means) - np.std(means), np.mean(means) + np.std(means)"
            },
            "One standard deviation to each side holds about 68%, whatever `confidence` says. Take quantiles.",
        ),
        "least and greatest": Wrong(
            {
                "low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])": "low, high = "
                "min(means), max(means)"
            },
            "Those are the least and the greatest mean: they move apart with every further draw. Take quantiles.",
        ),
        "high before low": Wrong(
            {"return low, high": "return high, low"},
            "The two ends are right, in the wrong order. The low one comes first.",
        ),
        "a generator of its own": Wrong(
            {"means = []": "rng = np.random.default_rng(0)\nmeans = []"},
            "Every call draws the same rows, from a generator of your own. Draw from the rng that was passed in.",
        ),
        "the global generator": Wrong(
            {
                "rows = rng.integers(len(values), size=len(values))": "rows = np.random.randint(len(values), "
                "size=len(values))"
            },
            "You draw from NumPy's global generator, so the interval cannot be repeated. Draw from rng.",
        ),
    },
    also_right=[
        """
        def bootstrap_interval(values, confidence, resamples, rng):
            rows = rng.integers(len(values), size=(resamples, len(values)))
            tail = 100 * (1 - confidence) / 2
            return np.percentile(values[rows].mean(axis=1), [tail, 100 - tail])
        """,
        """
        def bootstrap_interval(values, confidence, resamples, rng):
            means = sorted(rng.choice(values, size=len(values)).mean() for _ in range(resamples))
            tail = (1 - confidence) / 2
            return means[int(tail * resamples)], means[min(int((1 - tail) * resamples), resamples - 1)]
        """,
        """
        from nnlab.scratch import metrics
        def bootstrap_interval(values, confidence, resamples, rng):
            return metrics.bootstrap_interval(np.mean, values, rng=rng, confidence=confidence, resamples=resamples)[1:]
        """,
    ],
)
