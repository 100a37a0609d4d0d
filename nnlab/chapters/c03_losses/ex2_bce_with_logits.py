"""Exercise 03.2: binary cross-entropy of logits."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
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
            fail_on_overflow=True,
        ),
        Case(
            "sure and right costs next to nothing, but not nothing",
            "bce_with_logits",
            (np.array([-40.0]), np.array([0.0])),
            expected=4.248354e-18,
            hint=3,
            atol=1e-24,
            fail_on_overflow=True,
        ),
        Case(
            "the same for a target of 1",
            "bce_with_logits",
            (np.array([40.0]), np.array([1.0])),
            expected=4.248354e-18,
            hint=3,
            atol=1e-24,
            fail_on_overflow=True,
        ),
    ],
    wrong={
        "naive": Wrong(
            """
            def bce_with_logits(z, t):
                p = 1 / (1 + np.exp(-z))
                return np.mean(-t * np.log(p) - (1 - t) * np.log(1 - p))
            """,
            "For ordinary logits that is right. For large ones the sigmoid rounds to 0 or 1, and the logarithm "
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
    also_right=[
        "def bce_with_logits(z, t): return np.mean(t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z))",
        "def bce_with_logits(z, t): return np.where(t == 1, np.logaddexp(0, -z), np.logaddexp(0, z)).mean()",
    ],
)
