"""Exercise 25.1: integrated gradients, and the gap in their sum."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.exercises.exercise import Case, Exercise, Wrong

Array = NDArray[Any]
X, ZERO = np.array([1.0, -2.0, 3.0]), np.zeros(3)
OTHER = np.array([0.5, 1.0, -1.0])
W = np.array([2.0, 1.0, -0.5])


def square(x: Array) -> float:
    return float((x**2).sum())


def square_gradient(x: Array) -> Array:
    return 2 * x


def linear(x: Array) -> float:
    return float(W @ x)


def linear_gradient(x: Array) -> Array:
    return W + 0 * x


def bent(x: Array) -> float:
    """A product and a relu: gradients that change along the path."""
    return float(x[0] * x[1] * x[2] + max(0.0, x[0] - 0.6))


def bent_gradient(x: Array) -> Array:
    return np.array([x[1] * x[2] + (x[0] > 0.6), x[0] * x[2], x[0] * x[1]])


EXERCISE = Exercise(
    id="25.1",
    title="integrated gradients, and the gap in their sum",
    stub='''
        def integrated(f, gradient, x, baseline, steps):
            """Return the integrated gradients, shaped like x, and their gap: their sum minus the rise of f
            from the baseline to x. f(x): a number; gradient(x): like x. Use the middles of `steps` pieces."""
            ...  # your code
        ''',
    hints=[
        "Walk straight from the baseline to x. At each stop you ask for one gradient. Where are the middles of four "
        "equal pieces of the way from 0 to 1?",
        """
        a_k = (k + 1/2) / steps,   k = 0 ... steps - 1
        IG  = (x - baseline) * mean over k of gradient(baseline + a_k (x - baseline))
        gap = sum(IG) - (f(x) - f(baseline))
        """,
        """
        middles = (np.arange(steps) + 0.5) / ___
        mean = np.mean([gradient(baseline + a * ___) for a in middles], axis=0)
        parts = ___ * mean
        return parts, parts.sum() - ___
        """,
    ],
    solution="""
        def integrated(f, gradient, x, baseline, steps):
            middles = (np.arange(steps) + 0.5) / steps
            mean = np.mean([gradient(baseline + a * (x - baseline)) for a in middles], axis=0)
            parts = (x - baseline) * mean
            return parts, parts.sum() - (f(x) - f(baseline))
        """,
    cases=[
        Case(
            "a linear function: each weight times its input, no gap",
            "integrated",
            (linear, linear_gradient, X, ZERO, 1),
            expected=(W * X, 0.0),
            hint=2,
        ),
        Case("squares from 0: x², no gap", "integrated", (square, square_gradient, X, ZERO, 4), hint=2),
        Case("another baseline", "integrated", (square, square_gradient, X, OTHER, 4), hint=3),
        Case("a function that bends: two steps leave a gap", "integrated", (bent, bent_gradient, X, OTHER, 2), hint=3),
        Case("and a hundred a small one", "integrated", (bent, bent_gradient, X, OTHER, 100), hint=3),
        Case("the way back: the gap has a sign", "integrated", (bent, bent_gradient, OTHER, X, 2), hint=3),
    ],
    wrong={
        "gradient at x": Wrong(
            """
            def integrated(f, gradient, x, baseline, steps):
                parts = (x - baseline) * gradient(x)
                return parts, parts.sum() - (f(x) - f(baseline))
            """,
            "That is input times gradient: one gradient, at the end of the path. Average those along the way.",
        ),
        "left ends": Wrong(
            {"middles = (np.arange(steps) + 0.5) / steps": "middles = np.arange(steps) / steps"},
            "Your stops are the left ends of the pieces, so the baseline counts and x never does. Take the middles: "
            "add a half before you divide.",
        ),
        "right ends": Wrong(
            {"middles = (np.arange(steps) + 0.5) / steps": "middles = (np.arange(steps) + 1) / steps"},
            "Your stops are the right ends of the pieces. The middles need far fewer steps for the same gap.",
        ),
        "path from zero": Wrong(
            {
                "mean = np.mean([gradient(baseline + a * (x - baseline)) for a in middles], axis=0)": "mean = np.mean("
                "[gradient(a * x) for a in middles], axis=0)"
            },
            "Your path starts at zero whatever the baseline is. It goes from the baseline to x.",
        ),
        "times x": Wrong(
            {"parts = (x - baseline) * mean": "parts = x * mean"},
            "You multiply by x. Only what changed along the path is paid for: multiply by x - baseline.",
        ),
        "no product": Wrong(
            {"parts = (x - baseline) * mean": "parts = mean"},
            "That is the mean gradient: a slope. Times the way, x - baseline, it is a share of the rise.",
        ),
        "sum": Wrong(
            {
                "mean = np.mean([gradient(baseline + a * (x - baseline)) for a in middles], axis=0)": "mean = np.sum("
                "[gradient(baseline + a * (x - baseline)) for a in middles], axis=0)"
            },
            "You add the gradients up, so twice the steps give twice the shares. Take their mean.",
        ),
        "gap without the baseline": Wrong(
            {"return parts, parts.sum() - (f(x) - f(baseline))": "return parts, parts.sum() - f(x)"},
            "The shares add up to the rise of f from the baseline to x: subtract f(baseline), too.",
        ),
        "gap without a sign": Wrong(
            {
                "return parts, parts.sum() - (f(x) - f(baseline))": "return parts, abs("
                "parts.sum() - (f(x) - f(baseline)))"
            },
            "The gap has a sign: below zero, the shares fall short of the rise.",
        ),
        "gap's sign": Wrong(
            {"return parts, parts.sum() - (f(x) - f(baseline))": "return parts, f(x) - f(baseline) - parts.sum()"},
            "Your gap has the opposite sign: it is the sum minus the rise.",
        ),
    },
    also_right=[
        """
        def integrated(f, gradient, x, baseline, steps):
            way = x - baseline
            parts = np.zeros_like(way)
            for k in range(steps):
                parts = parts + way * gradient(baseline + way * (2 * k + 1) / (2 * steps)) / steps
            return parts, np.sum(parts) - f(x) + f(baseline)
        """,
        """
        def integrated(f, gradient, x, baseline, steps):
            edges = np.linspace(0, 1, steps + 1)
            stops = [(1 - a) * baseline + a * x for a in (edges[:-1] + edges[1:]) / 2]
            parts = sum(gradient(stop) for stop in stops) * (x - baseline) / steps
            return parts, parts.sum() - (f(x) - f(baseline))
        """,
    ],
)
