"""Exercise 15.3: mixup."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

X = np.arange(12.0).reshape(3, 2, 2)
Y = np.array([0, 2, 1])
OTHER = np.array([1, 2, 0])
RNG = np.random.default_rng(2)
PICTURES, LABELS, ORDER = RNG.normal(size=(5, 3, 4, 4)), np.array([4, 4, 0, 1, 2]), np.array([1, 0, 4, 3, 2])

EXERCISE = Exercise(
    id="15.3",
    title="mixup",
    stub='''
        def mixup(x, labels, classes, share, other):
            """Mix each row i with row other[i]: `share` of row i, the rest of the other one. Return the
            mixed x, and the targets, (N, classes) probabilities, mixed in the same way.
            x: (N, ...); labels: (N,) class numbers; share: from 0 to 1; other: (N,) row numbers"""
            ...  # your code
        ''',
    hints=[
        "A picture that is 70% cat and 30% dog: what should the network answer? And how do you write the answer cat "
        "as probabilities?",
        """
        x'_i = share x_i + (1 - share) x_other[i]
        y'_i = share onehot(label_i) + (1 - share) onehot(label_other[i])
        onehot(k): 1 at place k, 0 elsewhere, the row k of np.eye(classes)
        """,
        """
        y = np.eye(classes)[___]
        return share * x + (1 - share) * x[___], share * y + (1 - share) * ___
        """,
    ],
    solution="""
        def mixup(x, labels, classes, share, other):
            y = np.eye(classes)[labels]
            return share * x + (1 - share) * x[other], share * y + (1 - share) * y[other]
        """,
    cases=[
        Case("share = 1 changes no picture, and targets are 0 and 1", "mixup", (X, Y, 3, 1.0, OTHER), hint=2),
        Case(
            "share = 0.75",
            "mixup",
            (X, Y, 3, 0.75, OTHER),
            expected=(0.75 * X + 0.25 * X[OTHER], np.array([[0.75, 0, 0.25], [0, 0.25, 0.75], [0.25, 0.75, 0]])),
            hint=2,
        ),
        Case("two rows of one class: the target stays certain", "mixup", (PICTURES, LABELS, 5, 0.6, ORDER), hint=3),
        Case("a class that no row has", "mixup", (X, Y, 4, 0.5, OTHER), hint=3),
    ],
    wrong={
        "targets are left": Wrong(
            {
                "return share * x + (1 - share) * x[other], share * y + (1 - share) * y[other]": "return share * x + "
                "(1 - share) * x[other], y"
            },
            "The pictures are mixed and the targets are not. A picture that is a quarter dog has a target that is a "
            "quarter dog.",
        ),
        "pictures are left": Wrong(
            {
                "return share * x + (1 - share) * x[other], share * y + (1 - share) * y[other]": "return x, share "
                "* y + (1 - share) * y[other]"
            },
            "The targets are mixed and the pictures are not.",
        ),
        "the other way round": Wrong(
            {
                "return share * x + (1 - share) * x[other], share * y + (1 - share) * y[other]": "return (1 - share) "
                "* x + share * x[other], (1 - share) * y + share * y[other]"
            },
            "It is the other way round: row i keeps `share`, and the other row gives the rest.",
        ),
        "targets the other way round": Wrong(
            {
                "return share * x + (1 - share) * x[other], share * y + (1 - share) * y[other]": "return share * x + "
                "(1 - share) * x[other], (1 - share) * y + share * y[other]"
            },
            "Pictures and targets disagree: the row that gives most of the picture gives most of the target.",
        ),
        "labels are mixed": Wrong(
            """
            def mixup(x, labels, classes, share, other):
                return share * x + (1 - share) * x[other], share * labels + (1 - share) * labels[other]
            """,
            "You mix the class numbers: halfway between class 0 and class 2 is not class 1. Mix one-hot rows.",
        ),
        "same for all": Wrong(
            {
                "return share * x + (1 - share) * x[other], share * y + (1 - share) * y[other]": "return share * x + "
                "(1 - share) * x.mean(axis=0), share * y + (1 - share) * y.mean(axis=0)"
            },
            "You mix in the batch's mean. Each row is mixed with one other row, x[other].",
        ),
        "sum": Wrong(
            {
                "return share * x + (1 - share) * x[other], share * y + (1 - share) * y[other]": "return x + (1 - "
                "share) * x[other], y + (1 - share) * y[other]"
            },
            "The shares should add up to 1: row i is multiplied by `share`, too.",
        ),
    },
    also_right=[
        """
        def mixup(x, labels, classes, share, other):
            y = np.zeros((len(labels), classes))
            np.add.at(y, (np.arange(len(labels)), labels), share)
            np.add.at(y, (np.arange(len(labels)), labels[other]), 1 - share)
            return x[other] + share * (x - x[other]), y
        """,
        """
        def mixup(x, labels, classes, share, other):
            y = (labels[:, None] == np.arange(classes)).astype(float)
            mixed = [share * a + (1 - share) * a[other] for a in (x, y)]
            return tuple(mixed)
        """,
    ],
)
