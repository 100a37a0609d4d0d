"""Chapter 00: two first tasks, to learn how an exercise answers."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISES = [
    Exercise(
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
    ),
    Exercise(
        id="00.2",
        title="weighted sum",
        stub='''
            def weighted_sum(x, w):
                """Return the sum of every input times its weight, one number. x, w: (n,)"""
                ...  # your code
            ''',
        hints=[
            "Two numbers in, two weights: x = [3, 5] and w = [2, 0]. How much does each input add to the sum?",
            """
            weighted sum = x_1 w_1 + x_2 w_2 + ... + x_n w_n
            For x = [3, 5] and w = [2, 0] that is 3·2 + 5·0 = 6.
            """,
            """
            products = x * ___            # (n,): every input times its weight
            return np.sum(___)
            """,
        ],
        solution="""
            def weighted_sum(x, w):
                return np.sum(x * w)
            """,
        cases=[
            Case(
                "every input counts as much as its weight says",
                "weighted_sum",
                (np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 2.0])),
                expected=4.5,
                hint=2,
            ),
            Case("one input and one weight", "weighted_sum", (np.array([3.0]), np.array([-2.0])), expected=-6.0),
            Case(
                "weights of zero make the sum zero", "weighted_sum", (np.array([1.0, 5.0]), np.zeros(2)), expected=0.0
            ),
            Case("ten inputs", "weighted_sum", (np.arange(10.0), np.linspace(-1, 1, 10)), hint=2),
        ],
        wrong={
            "no sum": Wrong(
                """
                def weighted_sum(x, w):
                    return x * w
                """,
                "The products are right. Now add them up, so that one number is left.",
            ),
            "mean": Wrong(
                """
                def weighted_sum(x, w):
                    return np.mean(x * w)
                """,
                "You divided the sum by the number of inputs. A weighted sum is not divided by anything.",
            ),
            "weighted average": Wrong(
                """
                def weighted_sum(x, w):
                    return np.sum(x * w) / np.sum(w)
                """,
                "You divided by the sum of the weights, which makes a weighted average. The weights of a neuron "
                "need not add up to 1, so leave the sum as it is.",
            ),
            "product of sums": Wrong(
                """
                def weighted_sum(x, w):
                    return np.sum(x) * np.sum(w)
                """,
                "You added first and multiplied afterwards, so every input met every weight. Each input meets "
                "its own weight only: multiply first, then add.",
            ),
            "added": Wrong(
                """
                def weighted_sum(x, w):
                    return np.sum(x + w)
                """,
                "You added the weights to the inputs. A weight says how much its input counts: multiply them.",
            ),
        },
    ),
]
