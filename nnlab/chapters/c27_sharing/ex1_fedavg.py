"""Exercise 27.1: federated averaging."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

TWO = [{"w": np.array([1.0, 3.0])}, {"w": np.array([5.0, 7.0])}]


def _several(objects: Any, sizes: list[int]) -> dict[str, np.ndarray]:
    """Clients with two arrays each."""
    rng = np.random.default_rng(0)
    shapes = {"w": (2,), "b": (1,)}
    states = [{name: rng.integers(-9, 9, shape).astype(float) for name, shape in shapes.items()} for _ in sizes]
    return dict(objects.fedavg(states, sizes))


EXERCISE = Exercise(
    id="27.1",
    title="federated averaging",
    stub='''
        def fedavg(states, sizes):
            """Return the server's new parameters: a dict with the names of the clients' dicts, each array
            the clients' average, a client with twice the examples counting twice.
            states: K dicts of arrays by name; sizes: K numbers of examples"""
            ...  # your code
        ''',
    hints=[
        "One client has 900 digits, another one 100. Which shares of the average should they get, and what do the "
        "shares add up to?",
        """
        w = sum over k of  (n_k / n) w_k,   n = sum over k of n_k
        the same for every name
        """,
        """
        shares = np.array(sizes) / ___
        return {name: sum(p * state[name] for p, state in zip(___, states)) for name in states[0]}
        """,
    ],
    solution="""
        def fedavg(states, sizes):
            shares = np.array(sizes) / sum(sizes)
            return {name: sum(p * s[name] for p, s in zip(shares, states)) for name in states[0]}
        """,
    cases=[
        Case(
            "two clients of one size: the middle",
            "fedavg",
            (TWO, [10, 10]),
            expected={"w": np.array([3.0, 5.0])},
            hint=2,
        ),
        Case(
            "three times the examples count three times",
            "fedavg",
            (TWO, [30, 10]),
            expected={"w": np.array([2.0, 4.0])},
            hint=2,
        ),
        Case("a client without examples has no say", "fedavg", (TWO, [0, 5]), expected=TWO[1], hint=2),
        Case("three clients with two arrays each", _several, ([7, 1, 12],), hint=3),
        Case("one client alone", _several, ([3],), hint=3),
    ],
    wrong={
        "plain mean": Wrong(
            {"shares = np.array(sizes) / sum(sizes)": "shares = np.ones(len(sizes)) / len(sizes)"},
            "Every client counts the same here, whatever it has. Weight each by its number of examples.",
        ),
        "sum": Wrong(
            {"shares = np.array(sizes) / sum(sizes)": "shares = np.array(sizes)"},
            "That is a weighted sum: it grows with the number of examples. Divide by all of them together.",
        ),
        "divided by the clients": Wrong(
            {"shares = np.array(sizes) / sum(sizes)": "shares = np.array(sizes) / len(sizes)"},
            "You divide by the number of clients. The shares have to add up to 1: divide by the sum of the sizes.",
        ),
        "the other way round": Wrong(
            {
                "shares = np.array(sizes) / sum(sizes)": "shares = 1 / np.maximum(np.array(sizes), 1e-9)\n"
                "shares = shares / shares.sum()"
            },
            "Your shares fall as a client's examples grow. It is the other way round.",
        ),
        "first name only": Wrong(
            """
            def fedavg(states, sizes):
                shares = np.array(sizes) / sum(sizes)
                name = next(iter(states[0]))
                return {name: sum(p * s[name] for p, s in zip(shares, states))}
            """,
            "Only the first array is averaged. Go through all names of a state.",
        ),
        "largest client": Wrong(
            "def fedavg(states, sizes): return states[int(np.argmax(sizes))]",
            "You return the largest client's parameters. The server averages all of them.",
        ),
        "writes into the first": Wrong(
            """
            def fedavg(states, sizes):
                average = states[0]
                for name in average:
                    average[name] = sum(n * s[name] for n, s in zip(sizes, states)) / sum(sizes)
                return average
            """,
            "The average is right, but you wrote it into the first client's dict. Make a new one.",
        ),
    },
    also_right=[
        """
        def fedavg(states, sizes):
            average = {}
            for name in states[0]:
                stacked = np.stack([state[name] for state in states])
                average[name] = np.average(stacked, axis=0, weights=sizes)
            return average
        """,
        """
        def fedavg(states, sizes):
            total = {name: np.zeros_like(value) for name, value in states[0].items()}
            for state, n in zip(states, sizes):
                for name in total:
                    total[name] = total[name] + n * state[name]
            return {name: value / sum(sizes) for name, value in total.items()}
        """,
    ],
)
