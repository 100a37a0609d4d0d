"""Exercise 04.5: find the bug: a sigmoid layer."""

import numpy as np

from nnlab.chapters.c04_backpropagation._two_layers import DY, W1, W2, X
from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="04.5",
    title="find the bug: a sigmoid layer",
    stub='''
        def sigmoid_backward(x, W1, W2, dy):
            """For h = sigmoid(x @ W1.T), y = h @ W2.T, given dy = dL/dy: return dL/dW1 and dL/dW2.
            The signs are right and training works, only slowly. Something is wrong: fix it."""
            h = 1 / (1 + np.exp(-x @ W1.T))
            dh = dy @ W2
            s = 1 / (1 + np.exp(-h))  # your code: from here
            dz = dh * s * (1 - s)
            return dz.T @ x, dy.T @ h
        ''',
    hints=[
        "Check the result against finite differences: which of the two gradients is wrong? Then look at the lines "
        "that only this one needs.",
        """
        h = σ(z), so dh/dz = h (1 - h).
        h is the output already. How often was the sigmoid applied here?
        """,
        """
        dh = dy @ W2
        dz = dh * ___ * (1 - ___)
        return dz.T @ x, dy.T @ h
        """,
    ],
    solution="""
        def sigmoid_backward(x, W1, W2, dy):
            h = 1 / (1 + np.exp(-x @ W1.T))
            dh = dy @ W2
            dz = dh * h * (1 - h)
            return dz.T @ x, dy.T @ h
        """,
    cases=[
        Case(
            "one neuron, at the middle of the sigmoid",
            "sigmoid_backward",
            (np.array([[2.0]]), np.array([[0.0]]), np.array([[2.0]]), np.array([[1.0]])),
            expected=([[1.0]], [[0.5]]),
        ),
        Case("four rows", "sigmoid_backward", (X, W1, W2, DY), hint=2),
        Case("a saturated layer", "sigmoid_backward", (20 * X, W1, W2, DY), hint=2),
    ],
    wrong={
        "no slope": Wrong(
            """
            def sigmoid_backward(x, W1, W2, dy):
                h = 1 / (1 + np.exp(-x @ W1.T))
                return (dy @ W2).T @ x, dy.T @ h
            """,
            "Now the slope is missing altogether. It is h (1 - h).",
        ),
        "the output in place of the slope": Wrong(
            """
            def sigmoid_backward(x, W1, W2, dy):
                h = 1 / (1 + np.exp(-x @ W1.T))
                return ((dy @ W2) * h).T @ x, dy.T @ h
            """,
            "You multiplied by h, the output. The slope is h (1 - h).",
        ),
        "the slope of tanh": Wrong(
            """
            def sigmoid_backward(x, W1, W2, dy):
                h = 1 / (1 + np.exp(-x @ W1.T))
                return ((dy @ W2) * (1 - h**2)).T @ x, dy.T @ h
            """,
            "1 - h² is the slope of tanh. The sigmoid's is h (1 - h).",
        ),
    },
)
