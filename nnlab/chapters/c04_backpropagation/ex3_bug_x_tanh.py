"""Exercise 04.3: find the bug: x · tanh(x)."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="04.3",
    title="find the bug: x · tanh(x)",
    stub='''
        def product_backward(x, dy):
            """For y = x * tanh(x): given dy = dL/dy, return dL/dx. Something is wrong: fix it."""
            t = np.tanh(x)
            dx = dy * t  # your code: from here
            dt = dy * x
            dx = dt * (1 - t**2)
            return dx
        ''',
    hints=[
        "x goes into y along two paths. How many of them does the answer remember?",
        """
        Gradients of a value that is used several times add up:
        dL/dx = (along the first path) + (along the second path)
        """,
        """
        dx = dy * t
        dt = dy * x
        dx = ___ + dt * (1 - t**2)
        return dx
        """,
    ],
    solution="""
        def product_backward(x, dy):
            t = np.tanh(x)
            dx = dy * t
            dt = dy * x
            dx = dx + dt * (1 - t**2)
            return dx
        """,
    cases=[
        Case("at 1", "product_backward", (np.array([1.0]), np.array([1.0])), expected=[1.1815685], hint=2),
        Case("several at once", "product_backward", (np.array([-2.0, 0.5, 3.0]), np.array([1.0, -1.0, 2.0])), hint=2),
    ],
    wrong={
        "only the first path": Wrong(
            "def product_backward(x, dy): return dy * np.tanh(x)",
            "Now only the path through the factor x is left. The path through tanh counts, too: add both.",
        ),
        "multiplied": Wrong(
            """
            def product_backward(x, dy):
                t = np.tanh(x)
                return dy * t * dy * x * (1 - t**2)
            """,
            "You multiplied the two paths. Slopes along one path multiply; different paths add.",
        ),
        "averaged": Wrong(
            """
            def product_backward(x, dy):
                t = np.tanh(x)
                return (dy * t + dy * x * (1 - t**2)) / 2
            """,
            "You took the mean of the two paths. They add up.",
        ),
    },
)
