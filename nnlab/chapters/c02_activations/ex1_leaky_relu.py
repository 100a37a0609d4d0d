"""Exercise 02.1: leaky ReLU and its derivative."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="02.1",
    title="leaky ReLU and its derivative",
    stub='''
        def leaky_relu(x, negative_slope=0.01):
            """Return x where x > 0, and negative_slope times x elsewhere, shaped like x."""
            ...  # your code


        def leaky_relu_grad(x, negative_slope=0.01):
            """Return the derivative of leaky_relu at every x, shaped like x; at x = 0 it is negative_slope."""
            ...  # your code
        ''',
    hints=[
        "The curve is made of two straight lines. What is the slope of each, and where do they meet?",
        """
        leaky_relu(x)      = x  if x > 0,   negative_slope · x  otherwise
        leaky_relu_grad(x) = 1  if x > 0,   negative_slope      otherwise
        A derivative is a slope. On a straight line it is the same everywhere, so x is not in it.
        """,
        """
        def leaky_relu(x, negative_slope=0.01):
            return np.where(x > 0, ___, ___)

        def leaky_relu_grad(x, negative_slope=0.01):
            return np.where(x > 0, ___, ___)
        """,
    ],
    solution="""
        def leaky_relu(x, negative_slope=0.01):
            return np.where(x > 0, x, negative_slope * x)


        def leaky_relu_grad(x, negative_slope=0.01):
            return np.where(x > 0, 1.0, negative_slope)
        """,
    cases=[
        Case(
            "positive numbers stay, negative ones are scaled",
            "leaky_relu",
            (np.array([-2.0, -0.5, 0.0, 3.0]), 0.1),
            expected=[-0.2, -0.05, 0.0, 3.0],
            hint=2,
        ),
        Case(
            "the slope is 0.01 if none is given",
            "leaky_relu",
            (np.array([-100.0, 100.0]),),
            expected=[-1.0, 100.0],
        ),
        Case(
            "a slope greater than 1 works too",
            "leaky_relu",
            (np.array([-3.0, 2.0]), 2.0),
            expected=[-6.0, 2.0],
            hint=2,
        ),
        Case("tables work too", "leaky_relu", (np.array([[-1.0, 2.0], [4.0, -8.0]]), 0.25), hint=3),
        Case(
            "the derivative is 1 on the right and the slope on the left",
            "leaky_relu_grad",
            (np.array([-4.0, -0.5, 0.5, 4.0]), 0.1),
            expected=[0.1, 0.1, 1.0, 1.0],
            hint=2,
        ),
        Case(
            "at 0 the derivative is the slope, as in PyTorch",
            "leaky_relu_grad",
            (np.array([0.0]), 0.2),
            expected=[0.2],
        ),
        Case(
            "the derivative's slope is 0.01 if none is given",
            "leaky_relu_grad",
            (np.array([[-7.0, 7.0]]),),
            expected=[[0.01, 1.0]],
        ),
    ],
    wrong={
        "slope on the wrong side": Wrong(
            "def leaky_relu(x, negative_slope=0.01): return np.where(x > 0, negative_slope * x, x)",
            "The two sides are swapped: positive numbers stay as they are, negative ones are scaled.",
        ),
        "plain relu": Wrong(
            "def leaky_relu(x, negative_slope=0.01): return np.maximum(0, x)",
            "That is ReLU, which makes negative numbers 0. The leak is missing: negative_slope · x.",
        ),
        "absolute value": Wrong(
            "def leaky_relu(x, negative_slope=0.01): return np.where(x > 0, x, negative_slope * np.abs(x))",
            "Negative numbers came out positive. The left line goes down on its way to the left, so keep "
            "the sign of x.",
        ),
        "slope in place of x": Wrong(
            "def leaky_relu(x, negative_slope=0.01): return np.where(x > 0, x, negative_slope)",
            "For negative numbers you returned the slope itself. Multiply it by x.",
        ),
        "fixed slope": Wrong(
            "def leaky_relu(x, negative_slope=0.01): return np.where(x > 0, x, 0.01 * x)",
            "Your slope is always 0.01. Use the one that is handed in, negative_slope.",
        ),
        "maximum": Wrong(
            "def leaky_relu(x, negative_slope=0.01): return np.maximum(negative_slope * x, x)",
            "The greater of the two lines is the right one only while the slope is below 1. With a slope of "
            "2 the other line is greater. Let the sign of x choose.",
        ),
        "in place": Wrong(
            """
            def leaky_relu(x, negative_slope=0.01):
                x[x < 0] *= negative_slope
                return x
            """,
            "x[x < 0] *= ... changes the caller's array. The derivative needs the old x later, so make a "
            "new array, with np.where or x.copy().",
        ),
        "derivative times x": Wrong(
            "def leaky_relu_grad(x, negative_slope=0.01): return np.where(x > 0, x, negative_slope * x)",
            "You returned the function again. Its derivative has no x in it: 1 on the right and the slope on the left.",
        ),
        "derivative of relu": Wrong(
            "def leaky_relu_grad(x, negative_slope=0.01): return np.where(x > 0, 1.0, 0.0)",
            "That is the derivative of ReLU. On the left the line of leaky ReLU still climbs, by negative_slope.",
        ),
        "derivative at zero": Wrong(
            "def leaky_relu_grad(x, negative_slope=0.01): return np.where(x >= 0, 1.0, negative_slope)",
            "At x = 0 you chose the right line. Both are defensible, and PyTorch takes the left: use x > 0.",
        ),
    },
    also_right=[
        """
        def leaky_relu(x, negative_slope=0.01):
            out = x.copy()
            out[x < 0] *= negative_slope
            return out
        def leaky_relu_grad(x, negative_slope=0.01):
            return (x > 0) + negative_slope * (x <= 0)
        """,
        """
        def leaky_relu(x, negative_slope=0.01):
            return np.maximum(x, 0) + negative_slope * np.minimum(x, 0)
        def leaky_relu_grad(x, negative_slope=0.01):
            grad = np.ones_like(x)
            grad[x <= 0] = negative_slope
            return grad
        """,
    ],
)
