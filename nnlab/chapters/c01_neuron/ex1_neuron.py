"""Exercise 01.1: a neuron."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


def identity(z: Any) -> Any:
    return z


def relu(z: Any) -> Any:
    return np.maximum(z, 0)


EXERCISE = Exercise(
    id="01.1",
    title="a neuron",
    stub='''
        def neuron(x, w, b, activation):
            """Return activation(w·x + b), one number. x, w: (n,); b: a number; activation: a function"""
            ...  # your code
        ''',
    hints=[
        "A neuron does three things, one after the other. What becomes of x first, and what comes last?",
        """
        z = w_1 x_1 + ... + w_n x_n + b
        output = activation(z)
        The activation sees one number, the finished sum. It is a function, so you call it.
        """,
        """
        z = np.dot(___, ___) + ___    # one number
        return activation(___)
        """,
    ],
    solution="""
        def neuron(x, w, b, activation):
            z = np.dot(w, x) + b
            return activation(z)
        """,
    cases=[
        Case(
            "without an activation it is w·x + b",
            "neuron",
            (np.array([1.0, 2.0]), np.array([3.0, -1.0]), 0.5, identity),
            expected=1.5,
            hint=2,
        ),
        Case(
            "ReLU makes a negative sum zero",
            "neuron",
            (np.array([1.0, 2.0]), np.array([1.0, -2.0]), 1.0, relu),
            expected=0.0,
            hint=2,
        ),
        Case(
            "tanh bends the sum",
            "neuron",
            (np.array([0.2, -0.4, 0.1]), np.array([1.0, 0.5, -2.0]), 0.3, np.tanh),
            expected=0.0996680,
            hint=3,
        ),
    ],
    wrong={
        "no bias": Wrong(
            """
            def neuron(x, w, b, activation):
                return activation(np.dot(w, x))
            """,
            "The bias b is missing. Without it the output for x = 0 could never be moved.",
        ),
        "bias subtracted": Wrong(
            """
            def neuron(x, w, b, activation):
                return activation(np.dot(w, x) - b)
            """,
            "You subtracted b, as a threshold. Here the bias is added: w·x + b.",
        ),
        "bias for every input": Wrong(
            """
            def neuron(x, w, b, activation):
                return activation(np.sum(w * x + b))
            """,
            "You added b once for every input. A neuron has one bias: add it once, after the sum.",
        ),
        "no activation": Wrong(
            """
            def neuron(x, w, b, activation):
                return np.dot(w, x) + b
            """,
            "The sum w·x + b is right, but activation was not called with it.",
        ),
        "bias after the activation": Wrong(
            """
            def neuron(x, w, b, activation):
                return activation(np.dot(w, x)) + b
            """,
            "You added b after the activation. It belongs to the sum that the activation sees.",
        ),
        "activation of every product": Wrong(
            """
            def neuron(x, w, b, activation):
                return np.sum(activation(w * x)) + b
            """,
            "You called activation for every product. It sees one number only, the finished sum.",
        ),
    },
    also_right=[
        "def neuron(x, w, b, activation): return activation(np.sum(x * w) + b)",
        "def neuron(x, w, b, activation): return float(activation(b + sum(p * q for p, q in zip(x, w))))",
    ],
)
