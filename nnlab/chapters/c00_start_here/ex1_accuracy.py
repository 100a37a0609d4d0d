"""Exercise 00.1: accuracy."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="00.1",
    title="accuracy",
    stub='''
        def accuracy(predicted, true):
            """Return the share of labels that agree, a number from 0 to 1. predicted, true: (N,)"""
            ...  # your code
        ''',
    hints=[
        "Of the labels [1, 0, 1] and [1, 1, 1], how many pairs agree, and out of how many?",
        """
        accuracy = (number of pairs that agree) / N
        In NumPy, predicted == true gives one True or False for every pair, and True counts as 1.
        """,
        """
        agree = predicted == ___      # (N,): True where the pair agrees
        return np.mean(___)
        """,
    ],
    solution="""
        def accuracy(predicted, true):
            agree = predicted == true
            return np.mean(agree)
        """,
    cases=[
        Case(
            "three of four labels agree",
            "accuracy",
            (np.array([1, 0, 1, 1]), np.array([1, 1, 1, 1])),
            expected=0.75,
            hint=2,
        ),
        Case(
            "labels may be any whole numbers",
            "accuracy",
            (np.array([2, 0, 1, 3, 0]), np.array([2, 0, 3, 1, 0])),
            expected=0.6,
            hint=2,
        ),
        Case("no label agrees", "accuracy", (np.array([0, 1, 2]), np.array([1, 2, 0])), expected=0.0),
        Case("all labels agree", "accuracy", (np.array([4, 4]), np.array([4, 4])), expected=1.0),
    ],
    wrong={
        "counted": Wrong(
            """
            def accuracy(predicted, true):
                return np.sum(predicted == true)
            """,
            "You counted the pairs that agree. A share is that count divided by how many pairs there are.",
        ),
        "percent": Wrong(
            """
            def accuracy(predicted, true):
                return 100 * np.mean(predicted == true)
            """,
            "You returned a percentage. Here a share from 0 to 1 is asked for: leave out the factor 100.",
        ),
        "error rate": Wrong(
            """
            def accuracy(predicted, true):
                return np.mean(predicted != true)
            """,
            "You returned the share of pairs that differ, the error rate. Accuracy is the other part: those "
            "that agree.",
        ),
        "all or nothing": Wrong(
            """
            def accuracy(predicted, true):
                return np.all(predicted == true)
            """,
            "You asked whether all pairs agree. Accuracy asks how many of them do.",
        ),
        "product": Wrong(
            """
            def accuracy(predicted, true):
                return np.mean(predicted * true)
            """,
            "You multiplied the labels. A product of labels does not say whether they agree: 0 and 0 agree, "
            "and their product is 0. Compare them with == instead.",
        ),
    },
    also_right=[
        "def accuracy(predicted, true): return (predicted == true).mean()",
        "def accuracy(predicted, true): return 1 - np.count_nonzero(predicted - true) / len(true)",
        "def accuracy(predicted, true): return sum(int(p == t) for p, t in zip(predicted, true)) / len(true)",
    ],
)
