"""Chapter 03, losses: Huber, a stable binary cross-entropy of logits, cross-entropy of integer labels."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISES = [
    Exercise(
        id="03.1",
        title="Huber loss",
        stub='''
            def huber_loss(prediction, target, delta=1.0):
                """Return the mean Huber loss, one number. prediction, target: (N,); e = prediction - target costs
                e²/2 where |e| is at most delta, and delta (|e| - delta/2) elsewhere."""
                ...  # your code
            ''',
        hints=[
            "Some errors are small and some are large. How would you compute both formulas, and then pick for every "
            "error the one that counts?",
            """
            e = prediction - target
            cost of one error = e²/2                 where |e| <= delta
                              = delta (|e| - delta/2) elsewhere
            The loss is the mean of these costs.
            """,
            """
            e = np.abs(prediction - target)
            cost = np.where(e <= ___, ___, ___)
            return np.mean(___)
            """,
        ],
        solution="""
            def huber_loss(prediction, target, delta=1.0):
                e = np.abs(prediction - target)
                cost = np.where(e <= delta, e**2 / 2, delta * (e - delta / 2))
                return np.mean(cost)
            """,
        cases=[
            Case(
                "small errors cost half their square",
                "huber_loss",
                (np.array([1.0, 2.0]), np.array([1.5, 1.5])),
                expected=0.125,
                hint=2,
            ),
            Case(
                "large errors cost as much as their size, less one half",
                "huber_loss",
                (np.array([10.0, -4.0]), np.array([0.0, 0.0])),
                expected=6.5,
                hint=2,
            ),
            Case(
                "another delta, small and large together",
                "huber_loss",
                (np.array([0.0, 0.0, 0.0]), np.array([1.0, -3.0, 6.0]), 2.0),
                expected=(0.5 + 4.0 + 10.0) / 3,
                hint=3,
            ),
            Case("no error costs nothing", "huber_loss", (np.array([3.0]), np.array([3.0])), expected=0.0),
        ],
        wrong={
            "no half": Wrong(
                """
                def huber_loss(prediction, target, delta=1.0):
                    e = np.abs(prediction - target)
                    return np.mean(np.where(e <= delta, e**2, delta * (e - delta / 2)))
                """,
                "Small errors cost e²/2, and you took e². Without the half the two pieces do not meet at delta.",
            ),
            "sum": Wrong(
                """
                def huber_loss(prediction, target, delta=1.0):
                    e = np.abs(prediction - target)
                    return np.sum(np.where(e <= delta, e**2 / 2, delta * (e - delta / 2)))
                """,
                "You added the costs up. The mean is asked for, so that a larger batch does not cost more.",
            ),
            "no size": Wrong(
                """
                def huber_loss(prediction, target, delta=1.0):
                    e = prediction - target
                    return np.mean(np.where(e <= delta, e**2 / 2, delta * (e - delta / 2)))
                """,
                "You compared e with delta, not |e|. A large negative error then counts as a small one.",
            ),
            "jump": Wrong(
                """
                def huber_loss(prediction, target, delta=1.0):
                    e = np.abs(prediction - target)
                    return np.mean(np.where(e <= delta, e**2 / 2, delta * e))
                """,
                "Large errors cost delta (|e| - delta/2), and you left out the part - delta/2. The curve then jumps "
                "at delta.",
            ),
            "fixed delta": Wrong(
                """
                def huber_loss(prediction, target, delta=1.0):
                    e = np.abs(prediction - target)
                    return np.mean(np.where(e <= 1, e**2 / 2, e - 0.5))
                """,
                "That is right for delta = 1 only. Use the delta that is handed in.",
            ),
        },
    ),
    Exercise(
        id="03.2",
        title="binary cross-entropy of logits",
        stub='''
            def bce_with_logits(z, t):
                """Return the mean binary cross-entropy of logits z for targets t, one number. z, t: (N,)
                It is right for logits of any size: no overflow, no log(0), and no lost digits: a sure and
                right answer costs a little, not 0."""
                ...  # your code
            ''',
        hints=[
            "For a logit of 1000 the sigmoid is exactly 1 in a computer. What does log(1 - 1) do to your loss?",
            """
            Put the sigmoid into the logarithm and simplify:
            cost = max(z, 0) - z t + log(1 + exp(-|z|))
            The exponent is never above 0, and the logarithm never sees 0.
            z = 1000, t = 0: the sigmoid gives log(1 - 1), but this form 1000 - 0 + log(1 + 0) = 1000.
            """,
            """
            cost = np.maximum(___, 0) - ___ + np.log1p(np.exp(-___))
            return np.mean(cost)
            """,
        ],
        solution="""
            def bce_with_logits(z, t):
                cost = np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))
                return np.mean(cost)
            """,
        cases=[
            Case(
                "a logit of 0 is a shrug, and costs log 2",
                "bce_with_logits",
                (np.array([0.0, 0.0]), np.array([0.0, 1.0])),
                expected=0.6931472,
                hint=2,
            ),
            Case(
                "ordinary logits",
                "bce_with_logits",
                (np.array([2.0, -1.0, 0.5]), np.array([1.0, 0.0, 0.0])),
                expected=0.4714224,
                hint=2,
            ),
            Case(
                "sure and wrong costs as much as the logit's size",
                "bce_with_logits",
                (np.array([1000.0, -1000.0]), np.array([0.0, 1.0])),
                expected=1000.0,
                hint=2,
                quiet=True,
            ),
            Case(
                "sure and right costs next to nothing, but not nothing",
                "bce_with_logits",
                (np.array([-40.0]), np.array([0.0])),
                expected=4.248354e-18,
                hint=3,
                atol=1e-24,
                quiet=True,
            ),
            Case(
                "the same for a target of 1",
                "bce_with_logits",
                (np.array([40.0]), np.array([1.0])),
                expected=4.248354e-18,
                hint=3,
                atol=1e-24,
                quiet=True,
            ),
        ],
        wrong={
            "naive": Wrong(
                """
                def bce_with_logits(z, t):
                    p = 1 / (1 + np.exp(-z))
                    return np.mean(-t * np.log(p) - (1 - t) * np.log(1 - p))
                """,
                "For ordinary logits that is right. For sure ones the sigmoid rounds to 0 or 1, and the logarithm "
                "breaks. Simplify sigmoid and logarithm together before you compute.",
            ),
            "clipped": Wrong(
                """
                def bce_with_logits(z, t):
                    p = np.clip(1 / (1 + np.exp(-np.clip(z, -500, 500))), 1e-12, 1 - 1e-12)
                    return np.mean(-t * np.log(p) - (1 - t) * np.log(1 - p))
                """,
                "You cut the probability off, so a wildly wrong answer costs no more than a wrong one, and gets no "
                "gradient. Simplify sigmoid and logarithm together instead.",
            ),
            "probabilities": Wrong(
                """
                def bce_with_logits(z, t):
                    return np.mean(-t * np.log(np.abs(z) + 1e-300) - (1 - t) * np.log(np.abs(1 - z) + 1e-300))
                """,
                "You used the logits as if they were probabilities. The sigmoid has to be applied to them first.",
            ),
            "only positives": Wrong(
                """
                def bce_with_logits(z, t):
                    return np.mean(t * (np.maximum(z, 0) - z + np.log1p(np.exp(-np.abs(z)))))
                """,
                "Targets of 0 cost nothing in your version. They cost -log(1 - p).",
            ),
            "log loses digits": Wrong(
                """
                def bce_with_logits(z, t):
                    return np.mean(np.maximum(z, 0) - z * t + np.log(1 + np.exp(-np.abs(z))))
                """,
                "Nearly. 1 + exp(-40) rounds to 1, so the logarithm gives 0. np.log1p(x) computes log(1 + x) and keeps "
                "the small part.",
            ),
            "cancelled": Wrong(
                """
                def bce_with_logits(z, t):
                    return np.mean(np.logaddexp(0, z) - z * t)
                """,
                "Nearly. log(1 + exp(40)) rounds to 40, and z - z·t cancels it: the small part is lost. Use the form "
                "max(z, 0) - z t + log1p(exp(-|z|)), where it is added last.",
            ),
        },
    ),
    Exercise(
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
                quiet=True,
            ),
            Case(
                "one row far below another",
                "cross_entropy",
                (np.array([[1000.0, 1001.0], [-1000.0, -1000.0]]), np.array([1, 0])),
                expected=0.5032044,
                hint=2,
                quiet=True,
            ),
            Case(
                "a logit of three thousand, and the other one was right",
                "cross_entropy",
                (np.array([[3000.0, 0.0]]), np.array([1])),
                expected=3000.0,
                hint=2,
                quiet=True,
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
    ),
]
