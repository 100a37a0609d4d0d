"""Exercise 01.3: a step of the perceptron."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="01.3",
    title="a step of the perceptron",
    stub='''
        def perceptron_step(w, b, x, y, lr=1.0):
            """Return the new (w, b) after the learning rule has seen one point x with the label y, -1 or +1.
            The point is right if y (w·x + b) > 0; then nothing changes. w, x: (n,); b, lr: numbers"""
            ...  # your code
        ''',
    hints=[
        "When the point is on the right side, what should change? And when it is on the wrong side, in which "
        "direction should w turn to get closer to agreeing with y?",
        """
        If y (w·x + b) > 0:   nothing changes
        otherwise:            w ← w + lr · y · x    and    b ← b + lr · y
        """,
        """
        if y * (np.dot(w, x) + ___) > 0:
            return w, b
        return w + lr * ___ * x, b + lr * ___
        """,
    ],
    solution="""
        def perceptron_step(w, b, x, y, lr=1.0):
            if y * (np.dot(w, x) + b) > 0:
                return w, b
            return w + lr * y * x, b + lr * y
        """,
    cases=[
        Case(
            "a point of class +1 on the wrong side pulls w and b towards it",
            "perceptron_step",
            (np.array([1.0, -2.0]), 0.5, np.array([1.0, 2.0]), 1),
            expected=(np.array([2.0, 0.0]), 1.5),
            hint=2,
        ),
        Case(
            "a point of class -1 on the wrong side pushes them away",
            "perceptron_step",
            (np.array([2.0, 0.0]), 1.5, np.array([3.0, 1.0]), -1),
            expected=(np.array([-1.0, -1.0]), 0.5),
            hint=2,
        ),
        Case(
            "a point on the right side changes nothing",
            "perceptron_step",
            (np.array([2.0, 1.0]), -1.0, np.array([1.0, 1.0]), 1),
            expected=(np.array([2.0, 1.0]), -1.0),
            hint=2,
        ),
        Case(
            "a point that is right by a little changes nothing either",
            "perceptron_step",
            (np.array([-0.5, -1.0]), 1.0, np.array([1.0, 1.0]), -1),
            expected=(np.array([-0.5, -1.0]), 1.0),
            hint=2,
        ),
        Case(
            "the bias helps to decide what is right",
            "perceptron_step",
            (np.array([1.0, 1.0]), -5.0, np.array([1.0, 2.0]), 1),
            expected=(np.array([2.0, 3.0]), -4.0),
            hint=2,
        ),
        Case(
            "a point on the line itself, where w·x + b is 0, counts as wrong",
            "perceptron_step",
            (np.array([0.0, 0.0]), 0.0, np.array([1.0, 2.0]), -1),
            expected=(np.array([-1.0, -2.0]), -1.0),
            hint=2,
        ),
        Case(
            "lr says how far to go",
            "perceptron_step",
            (np.array([0.0, 1.0]), 0.0, np.array([2.0, -4.0]), 1, 0.25),
            expected=(np.array([0.5, 0.0]), 0.25),
            hint=2,
        ),
    ],
    wrong={
        "always": Wrong(
            """
            def perceptron_step(w, b, x, y, lr=1.0):
                return w + lr * y * x, b + lr * y
            """,
            "You moved w and b although the point was right. The perceptron learns from mistakes only.",
        ),
        "margin": Wrong(
            {"if y * (np.dot(w, x) + b) > 0:": "if y * (np.dot(w, x) + b) >= 1:"},
            "You demand a margin: here y (w·x + b) is 0.5, and that is right already. Compare with 0, not with 1.",
        ),
        "wrong direction": Wrong(
            {"return w + lr * y * x, b + lr * y": "return w - lr * y * x, b - lr * y"},
            "You moved away from the point's label. For y = +1 the sum w·x + b has to grow: add lr·y·x.",
        ),
        "bias not learned": Wrong(
            {"return w + lr * y * x, b + lr * y": "return w + lr * y * x, b"},
            "w is right, but b stayed as it was. The bias learns too: it is the weight of an input that is always 1.",
        ),
        "label ignored": Wrong(
            {"return w + lr * y * x, b + lr * y": "return w + lr * x, b + lr"},
            "You moved towards the point although its label is -1. Multiply by y, which reverses the direction.",
        ),
        "bias left out of the score": Wrong(
            {"if y * (np.dot(w, x) + b) > 0:": "if y * np.dot(w, x) > 0:"},
            "You judged the point by w·x only. With its bias the neuron computes w·x + b, and that is negative here.",
        ),
        "zero is right": Wrong(
            {"if y * (np.dot(w, x) + b) > 0:": "if y * (np.dot(w, x) + b) >= 0:"},
            "You let a score of 0 pass as right. A perceptron that starts with zeros would then never learn.",
        ),
        "lr ignored": Wrong(
            {"return w + lr * y * x, b + lr * y": "return w + y * x, b + y"},
            "The direction is right, the length is not: multiply the step by lr.",
        ),
        "in place": Wrong(
            """
            def perceptron_step(w, b, x, y, lr=1.0):
                if y * (np.dot(w, x) + b) <= 0:
                    w += lr * y * x
                    b += lr * y
                return w, b
            """,
            "w += ... changes the caller's array, so the old weights are lost to everyone who still holds "
            "them. Write w = w + ... to make a new one.",
        ),
    },
    also_right=[
        """
        def perceptron_step(w, b, x, y, lr=1.0):
            wrong = y * (w @ x + b) <= 0
            return w + lr * wrong * y * x, b + lr * wrong * y
        """,
        """
        def perceptron_step(w, b, x, y, lr=1.0):
            w = w.copy()
            if np.sign(w @ x + b) != y:
                w += lr * y * x
                b += lr * y
            return [w, b]
        """,
    ],
)
