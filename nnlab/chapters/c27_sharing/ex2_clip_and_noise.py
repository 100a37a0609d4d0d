"""Exercise 27.2: clip and noise."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

RNG = np.random.default_rng(1)
UPDATES = np.array([[3.0, 4.0], [0.3, -0.4], [0.0, 0.0]])  # lengths 5, 0.5, 0
MANY = RNG.normal(size=(8, 6)) * np.linspace(0.1, 3, 8)[:, None]


def _quiet(objects: Any, updates: np.ndarray, limit: float) -> np.ndarray:
    """Without noise: a matter of clipping and averaging."""
    return np.asarray(objects.private_mean(updates, limit, 0.0, np.random.default_rng(0)))


def _loudness(objects: Any, clients: int, limit: float, noise: float) -> float:
    """The standard deviation of what comes out if nobody sends anything."""
    return float(np.std(objects.private_mean(np.zeros((clients, 20_000)), limit, noise, np.random.default_rng(3))))


def _differs(objects: Any) -> list[bool]:
    """Whether entries have noise of their own, and another generator gives another noise."""
    first, second = (objects.private_mean(np.zeros((2, 500)), 1.0, 1.0, np.random.default_rng(s)) for s in (0, 1))
    return [len(np.unique(first)) > 400, not np.array_equal(first, second)]


def _same_seed_same_noise(objects: Any) -> bool:
    first, second = (objects.private_mean(np.zeros((2, 500)), 1.0, 1.0, np.random.default_rng(5)) for _ in range(2))
    return bool(np.array_equal(first, second))


EXERCISE = Exercise(
    id="27.2",
    title="clip and noise",
    stub='''
        def private_mean(updates, limit, noise, rng):
            """Return the mean update, (D,): each client's row is shortened to the length `limit` if it is
            longer, and the sum of the rows gets Gaussian noise with standard deviation noise * limit in each
            entry before it is divided by the number of clients. updates: (K, D); rng: a numpy Generator"""
            ...  # your code
        ''',
    hints=[
        "One row may be very long. By which factor do you multiply it so that its length becomes `limit`, and what "
        "is the factor for a row that is short enough? What of a row of zeros?",
        """
        factor_k = min(1, limit / |u_k|)
        mean = (sum over k of factor_k u_k  +  N(0, (noise limit)^2)) / K
        """,
        """
        lengths = np.linalg.norm(updates, axis=___, keepdims=True)
        clipped = updates * np.minimum(1, limit / np.maximum(lengths, 1e-12))
        return (clipped.sum(axis=0) + rng.normal(0, ___, updates.shape[1])) / ___
        """,
    ],
    solution="""
        def private_mean(updates, limit, noise, rng):
            lengths = np.linalg.norm(updates, axis=1, keepdims=True)
            clipped = updates * np.minimum(1, limit / np.maximum(lengths, 1e-12))
            total = clipped.sum(axis=0) + rng.normal(0, noise * limit, updates.shape[1])
            return total / len(updates)
        """,
    cases=[
        Case(
            "no noise, limit 1: the long row is shortened, the short ones stay",
            _quiet,
            (UPDATES, 1.0),
            expected=np.array([0.3, 0.4 / 3]),
            hint=2,
        ),
        Case("no noise, a wide limit: the plain mean", _quiet, (UPDATES, 100.0), expected=UPDATES.mean(axis=0), hint=2),
        Case("no noise, eight clients", _quiet, (MANY, 1.5), hint=2),
        Case(
            "noise 2, limit 1, ten clients: a standard deviation of 0.2",
            _loudness,
            (10, 1.0, 2.0),
            expected=0.2,
            rtol=0.05,
            hint=3,
        ),
        Case(
            "noise 1, limit 3, one client: a standard deviation of 3",
            _loudness,
            (1, 3.0, 1.0),
            expected=3.0,
            rtol=0.05,
            hint=3,
        ),
        Case("each entry has noise of its own", _differs, (), expected=[True, True], hint=3),
        Case("the same seed gives the same noise", _same_seed_same_noise, (), expected=True, hint=3),
    ],
    wrong={
        "the global generator": Wrong(
            {
                "total = clipped.sum(axis=0) + rng.normal(0, noise * limit, updates.shape[1])": "total = clipped.sum("
                "axis=0) + np.random.normal(0, noise * limit, updates.shape[1])"
            },
            "You draw from NumPy's global generator, so the result cannot be repeated. Draw from rng.",
        ),
        "noise for each client": Wrong(
            {
                "total = clipped.sum(axis=0) + rng.normal(0, noise * limit, updates.shape[1])": "total = (clipped + "
                "rng.normal(0, noise * limit, updates.shape)).sum(axis=0)"
            },
            "Every client gets noise of its own, and the sum of K is sqrt(K) times as loud. The sum gets it once.",
        ),
        "entries clipped": Wrong(
            {
                "clipped = updates * np.minimum(1, limit / np.maximum(lengths, 1e-12))": "clipped = np.clip(updates, "
                "-limit, limit)"
            },
            "You clip every entry. A row of D entries can then still be sqrt(D) limit long, and its direction changes. "
            "Multiply the whole row by one factor.",
        ),
        "all made as long": Wrong(
            {
                "clipped = updates * np.minimum(1, limit / np.maximum(lengths, 1e-12))": "clipped = updates * (limit "
                "/ np.maximum(lengths, 1e-12))"
            },
            "You lengthen short rows, too. A row that is short enough stays as it is: the factor is at most 1.",
        ),
        "mean clipped": Wrong(
            """
            def private_mean(updates, limit, noise, rng):
                mean = updates.mean(axis=0)
                mean = mean * min(1, limit / max(np.linalg.norm(mean), 1e-12))
                return mean + rng.normal(0, noise * limit, updates.shape[1]) / len(updates)
            """,
            "You clip the mean. Then one client can still move it without a bound, and no noise hides that. Clip each "
            "row before you add them.",
        ),
        "not clipped": Wrong(
            {"clipped = updates * np.minimum(1, limit / np.maximum(lengths, 1e-12))": "clipped = updates"},
            "Nothing is clipped: a row of length 5 goes into the sum as it is.",
        ),
        "noise after the mean": Wrong(
            {
                "total = clipped.sum(axis=0) + rng.normal(0, noise * limit, updates.shape[1])": "total = "
                "clipped.sum(axis=0) + len(updates) * rng.normal(0, noise * limit, updates.shape[1])"
            },
            "Your noise is K times too loud: it joins the sum, and is divided by K with it. One client changes the "
            "mean by limit / K only.",
        ),
        "noise without limit": Wrong(
            {
                "total = clipped.sum(axis=0) + rng.normal(0, noise * limit, updates.shape[1])": "total = "
                "clipped.sum(axis=0) + rng.normal(0, noise, updates.shape[1])"
            },
            "The noise does not know the limit. Its standard deviation is noise * limit: what one client can change "
            "decides how loud it must be.",
        ),
        "no noise": Wrong(
            {
                "total = clipped.sum(axis=0) + rng.normal(0, noise * limit, updates.shape[1])": "total = "
                "clipped.sum(axis=0)"
            },
            "There is no noise in it yet.",
        ),
        "variance": Wrong(
            {
                "total = clipped.sum(axis=0) + rng.normal(0, noise * limit, updates.shape[1])": "total = "
                "clipped.sum(axis=0) + rng.normal(0, (noise * limit) ** 2, updates.shape[1])"
            },
            "You gave rng.normal the variance. It takes the standard deviation.",
        ),
        "one noise for all entries": Wrong(
            {
                "total = clipped.sum(axis=0) + rng.normal(0, noise * limit, updates.shape[1])": "total = "
                "clipped.sum(axis=0) + rng.normal(0, noise * limit)"
            },
            "All entries get the same random number. Draw one for each: size D.",
        ),
        "columns": Wrong(
            {
                "lengths = np.linalg.norm(updates, axis=1, keepdims=True)": "lengths = np.linalg.norm(updates, axis=0, "
                "keepdims=True)"
            },
            "You take the length of each column. A client is a row: axis=1.",
        ),
    },
    also_right=[
        """
        def private_mean(updates, limit, noise, rng):
            total = np.zeros(updates.shape[1])
            for u in updates:
                length = np.sqrt(np.sum(u**2))
                total += u if length <= limit else u * limit / length
            return (total + noise * limit * rng.standard_normal(len(total))) / len(updates)
        """,
        """
        def private_mean(updates, limit, noise, rng):
            shorter = updates / np.maximum(1, np.linalg.norm(updates, axis=1) / limit)[:, None]
            return np.mean(shorter, axis=0) + rng.normal(0, noise * limit / len(updates), updates.shape[1])
        """,
    ],
)
