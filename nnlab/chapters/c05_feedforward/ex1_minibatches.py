"""Exercise 05.1: mini-batches."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


def _batches(objects: Any, n: int, size: int, seed: int = 0) -> list[np.ndarray]:
    return [np.asarray(rows) for rows in objects.minibatches(n, size, np.random.default_rng(seed))]


def _sizes(objects: Any, n: int, size: int) -> list[int]:
    return [len(rows) for rows in _batches(objects, n, size)]


def _seen(objects: Any, n: int, size: int) -> np.ndarray:
    return np.sort(np.concatenate(_batches(objects, n, size)))


def _in_order(objects: Any, n: int, size: int) -> bool:
    return bool((np.diff(np.concatenate(_batches(objects, n, size))) > 0).all())


def _runs(objects: Any, n: int, size: int) -> int:
    return sum(bool((np.diff(rows) == 1).all()) for rows in _batches(objects, n, size))


def _neighbours(objects: Any, n: int, size: int) -> int:
    return sum(int(np.ptp(rows)) == len(rows) - 1 for rows in _batches(objects, n, size))


def _same_for_one_seed(objects: Any, n: int, size: int) -> bool:
    first, second = (np.concatenate(_batches(objects, n, size, seed=1)) for _ in range(2))
    return bool(np.array_equal(first, second))


def _same_for_two_seeds(objects: Any, n: int, size: int) -> bool:
    first, second = (np.concatenate(_batches(objects, n, size, seed)) for seed in (1, 2))
    return bool(np.array_equal(first, second))


EXERCISE = Exercise(
    id="05.1",
    title="mini-batches",
    stub='''
        def minibatches(n, batch_size, rng):
            """Yield arrays of row numbers: every number from 0 to n - 1 once, in random order,
            batch_size at a time; the last array may be shorter. rng: a numpy Generator"""
            ...  # your code
        ''',
    hints=[
        "Imagine a shuffled pack of n cards. How do you deal it out, batch_size cards at a time?",
        """
        order = rng.permutation(n)                     all row numbers, shuffled
        first batch: order[0 : batch_size], then order[batch_size : 2·batch_size], and so on
        """,
        """
        order = rng.permutation(___)
        for start in range(0, n, ___):
            yield order[start : ___]
        """,
    ],
    solution="""
        def minibatches(n, batch_size, rng):
            order = rng.permutation(n)
            for start in range(0, n, batch_size):
                yield order[start : start + batch_size]
        """,
    cases=[
        Case("ten rows, three at a time", _sizes, (10, 3), expected=[3, 3, 3, 1], hint=3),
        Case("every row once", _seen, (10, 3), expected=np.arange(10), hint=2),
        Case("a batch larger than the data", _sizes, (4, 100), expected=[4], hint=3),
        Case("a hundred rows do not come in order", _in_order, (100, 10), expected=False, hint=2),
        Case("no batch is a run such as 20, 21, ..., 29", _runs, (100, 10), expected=0, hint=2),
        Case("no batch is ten neighbours such as 20 to 29 in any order", _neighbours, (100, 10), expected=0, hint=2),
        Case("the generator decides the order", _same_for_two_seeds, (100, 10), expected=False, hint=2),
        Case("the same seed gives the same order", _same_for_one_seed, (100, 10), expected=True, hint=2),
    ],
    wrong={
        "no shuffle": Wrong(
            """
            def minibatches(n, batch_size, rng):
                for start in range(0, n, batch_size):
                    yield np.arange(n)[start : start + batch_size]
            """,
            "The rows come in their own order. If they are sorted by class, each batch holds one class only.",
        ),
        "last one dropped": Wrong(
            """
            def minibatches(n, batch_size, rng):
                order = rng.permutation(n)
                for i in range(n // batch_size):
                    yield order[i * batch_size : (i + 1) * batch_size]
            """,
            "The rows that do not fill a whole batch are lost. Let the last batch be shorter.",
        ),
        "with replacement": Wrong(
            """
            def minibatches(n, batch_size, rng):
                for start in range(0, n, batch_size):
                    yield rng.integers(n, size=min(batch_size, n - start))
            """,
            "You drew rows at random, so some come twice and others never. Shuffle once, then deal out.",
        ),
        "its own seed": Wrong(
            {"order = rng.permutation(n)": "order = np.random.default_rng(0).permutation(n)"},
            "The order is the same each time, since you made a generator of your own. Use rng.",
        ),
        "not from rng": Wrong(
            {"order = rng.permutation(n)": "order = np.random.default_rng().permutation(n)"},
            "The order is random, but not from rng, so nobody can repeat your run. Use rng.permutation in place of "
            "np.random.",
        ),
        "blocks shuffled": Wrong(
            """
            def minibatches(n, batch_size, rng):
                for start in rng.permutation(np.arange(0, n, batch_size)):
                    yield np.arange(start, min(start + batch_size, n))
            """,
            "Each batch is a run of neighbours: you shuffled the batches, not the rows. Data sorted by class then "
            "gives batches of one class. Shuffle all n rows first, then cut.",
        ),
        "shuffled inside the blocks": Wrong(
            """
            def minibatches(n, batch_size, rng):
                for start in range(0, n, batch_size):
                    yield rng.permutation(np.arange(start, min(start + batch_size, n)))
            """,
            "Each batch still holds rows that are neighbours in the data, only in a different order. Shuffle all n "
            "rows first, then cut.",
        ),
        "one row at a time": Wrong(
            """
            def minibatches(n, batch_size, rng):
                for row in rng.permutation(n):
                    yield np.array([row])
            """,
            "You yield single rows. batch_size of them belong together.",
        ),
    },
    also_right=[
        """
        def minibatches(n, batch_size, rng):
            rows = list(range(n))
            rng.shuffle(rows)
            while rows:
                yield [rows.pop() for _ in range(min(batch_size, len(rows)))]
        """,
        """
        def minibatches(n, batch_size, rng):
            order = np.argsort(rng.random(n))
            return np.split(order, range(batch_size, n, batch_size))
        """,
    ],
)
