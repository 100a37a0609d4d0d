"""Small exercises on which the mechanism is tried."""

import numpy as np

from nnlab.exercises import Case, Exercise, Wrong

X = np.array([1.0, -3.0, 5.0])


def last_with_first(objects, x):
    return objects.double(x)[-1], objects.half(x)[0]


TWO = Exercise(
    id="99.1",
    title="double and half",
    stub='''
        def double(x, times=2):
            """Return times x."""
            ...  # your code


        def half(x):
            """Return x / 2."""
            ...  # your code
        ''',
    hints=["Nudge?", "2 · x", "return ___ * x"],
    solution="""
        def double(x, times=2):
            return times * x


        def half(x):
            return x / 2
        """,
    cases=[
        Case("every number is doubled", "double", (X,), expected=[2.0, -6.0, 10.0], hint=2),
        Case("times says how often", "double", (X, 3)),
        Case("half of every number", "half", (np.array([[1.0, 2.0], [3.0, 8.0]]),)),
        Case("both together", last_with_first, (X,)),
    ],
    wrong={
        "square": Wrong("def double(x, times=2): return x**2", "You squared."),
        "always twice": Wrong("def double(x, times=2): return 2 * x", "You ignored times."),
        "in place": Wrong(
            """
            def double(x, times=2):
                x *= times
                return x
            """,
            "You changed the caller's array.",
        ),
        "raises": Wrong("def half(x): return x.halve()", "Arrays have no method halve."),
    },
)


CLASS = Exercise(
    id="99.2",
    title="a counter",
    stub='''
        class Counter:
            """Counts."""

            def __init__(self):
                ...  # your code

            def add(self, n):
                ...  # your code

            @property
            def total(self):
                ...  # your code
        ''',
    hints=["", "", ""],
    solution="""
        class Counter:
            def __init__(self):
                self._total = 0

            def add(self, n):
                self._total += n

            @property
            def total(self):
                return self._total
        """,
    cases=[Case("it adds", lambda objects, steps: count(objects.Counter(), steps), ([1, 2, 3],), expected=6)],
)


def count(counter, steps):
    for n in steps:
        counter.add(n)
    return counter.total


def double(x, times=2):
    return times * x


def half(x):
    return x / 2
