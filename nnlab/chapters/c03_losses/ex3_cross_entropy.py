"""Exercise 03.3: cross-entropy of integer labels."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="03.3",
    title="cross-entropy of integer labels",
    stub='''
        def cross_entropy(logits, labels):
            """Return the mean cross-entropy, one number. logits: (N, C); labels: (N,), whole numbers below C
            A row costs log(sum of exp(logits)) minus the logit of its label. Right for logits of any size."""
            ...  # your code
        ''',
    hints=[
        "Only differences of logits count. Which number can you subtract from a row so that exp cannot overflow?",
        """
        shifted = logits - (greatest logit of the row)
        cost of a row = log(sum_j exp(shifted_j)) - shifted_label
        The loss is the mean over the rows.
        """,
        """
        shifted = logits - logits.max(axis=___, keepdims=___)
        log_sum = np.log(np.exp(shifted).sum(axis=___))        # (N,)
        picked = shifted[np.arange(len(labels)), ___]          # (N,): each row's own label
        return np.mean(___ - ___)
        """,
    ],
    solution="""
        def cross_entropy(logits, labels):
            shifted = logits - logits.max(axis=1, keepdims=True)
            log_sum = np.log(np.exp(shifted).sum(axis=1))
            picked = shifted[np.arange(len(labels)), labels]
            return np.mean(log_sum - picked)
        """,
    cases=[
        Case(
            "equal logits: a guess among three costs log 3",
            "cross_entropy",
            (np.zeros((2, 3)), np.array([0, 2])),
            expected=1.0986123,
            hint=2,
        ),
        Case(
            "every row picks its own label",
            "cross_entropy",
            (np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 2.0], [1.0, 3.0, -1.0]]), np.array([0, 0, 1])),
            expected=0.9860479,
            hint=3,
        ),
        Case(
            "logits of a thousand",
            "cross_entropy",
            (np.array([[1000.0, 0.0], [0.0, 1000.0]]), np.array([0, 0])),
            expected=500.0,
            hint=2,
            fail_on_overflow=True,
        ),
        Case(
            "one row far below another",
            "cross_entropy",
            (np.array([[1000.0, 1001.0], [-1000.0, -1000.0]]), np.array([1, 0])),
            expected=0.5032044,
            hint=2,
            fail_on_overflow=True,
        ),
        Case(
            "a logit of three thousand, and the other one was right",
            "cross_entropy",
            (np.array([[3000.0, 0.0]]), np.array([1])),
            expected=3000.0,
            hint=2,
            fail_on_overflow=True,
        ),
    ],
    wrong={
        "no shift": Wrong(
            """
            def cross_entropy(logits, labels):
                log_sum = np.log(np.exp(logits).sum(axis=1))
                return np.mean(log_sum - logits[np.arange(len(labels)), labels])
            """,
            "exp of 1000 overflows. Subtract the greatest logit of each row first: it cancels.",
        ),
        "probability": Wrong(
            """
            def cross_entropy(logits, labels):
                e = np.exp(logits - logits.max(axis=1, keepdims=True))
                p = e / e.sum(axis=1, keepdims=True)
                return np.mean(p[np.arange(len(labels)), labels])
            """,
            "You returned the mean probability of the labels. The loss is minus its logarithm, row by row.",
        ),
        "sign": Wrong(
            """
            def cross_entropy(logits, labels):
                shifted = logits - logits.max(axis=1, keepdims=True)
                log_sum = np.log(np.exp(shifted).sum(axis=1))
                return np.mean(shifted[np.arange(len(labels)), labels] - log_sum)
            """,
            "The sign is flipped: that is the mean logarithm of the probabilities. The loss is minus that.",
        ),
        "one maximum": Wrong(
            """
            def cross_entropy(logits, labels):
                shifted = logits - logits.max()
                log_sum = np.log(np.exp(shifted).sum(axis=1))
                return np.mean(log_sum - shifted[np.arange(len(labels)), labels])
            """,
            "You subtracted the greatest logit of the whole batch. In a row far below it every exp becomes 0. "
            "Take each row's own greatest.",
        ),
        "mean subtracted": Wrong(
            """
            def cross_entropy(logits, labels):
                shifted = logits - logits.mean(axis=1, keepdims=True)
                log_sum = np.log(np.exp(shifted).sum(axis=1))
                return np.mean(log_sum - shifted[np.arange(len(labels)), labels])
            """,
            "You subtracted each row's mean. A logit far above it still overflows: 3000 - 1500 = 1500. Subtract "
            "the row's greatest logit, and no exponent is above 0.",
        ),
        "logarithm of the softmax": Wrong(
            """
            def cross_entropy(logits, labels):
                e = np.exp(logits - logits.max(axis=1, keepdims=True))
                p = e / e.sum(axis=1, keepdims=True)
                return np.mean(-np.log(p[np.arange(len(labels)), labels]))
            """,
            "On paper that is right. But the softmax of a logit far below the greatest is exactly 0 here, and "
            "log(0) is infinite. Simplify the logarithm of the softmax first: log_sum - picked.",
        ),
        "logarithm kept from zero": Wrong(
            """
            def cross_entropy(logits, labels):
                e = np.exp(logits - logits.max(axis=1, keepdims=True))
                p = e / e.sum(axis=1, keepdims=True)
                return np.mean(-np.log(p[np.arange(len(labels)), labels] + 1e-12))
            """,
            "You kept log away from 0 with 1e-12. No row can then cost more than 27.6, and a wildly wrong one gets "
            "no gradient. Simplify the logarithm of the softmax first: log_sum - picked.",
        ),
        "all labels of all rows": Wrong(
            """
            def cross_entropy(logits, labels):
                shifted = logits - logits.max(axis=1, keepdims=True)
                log_sum = np.log(np.exp(shifted).sum(axis=1))
                return np.mean(log_sum[:, None] - shifted[:, labels])
            """,
            "shifted[:, labels] takes every label from every row. Pick one number a row: "
            "shifted[np.arange(len(labels)), labels].",
        ),
        "sum": Wrong(
            """
            def cross_entropy(logits, labels):
                shifted = logits - logits.max(axis=1, keepdims=True)
                log_sum = np.log(np.exp(shifted).sum(axis=1))
                return np.sum(log_sum - shifted[np.arange(len(labels)), labels])
            """,
            "You added the rows up. The mean is asked for, so that a larger batch does not cost more.",
        ),
    },
    also_right=[
        """
        def cross_entropy(logits, labels):
            log_sum = np.logaddexp.reduce(logits, axis=1)
            return np.mean(log_sum - np.take_along_axis(logits, labels[:, None], axis=1)[:, 0])
        """,
    ],
)
