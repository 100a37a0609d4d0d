"""Exercise 26.3: the loss of distillation."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

STUDENT, TEACHER = np.array([[0.0, 0.0]]), np.array([[np.log(9.0), 0.0]])  # 1/2, 1/2 and, at temperature 1, 0.9, 0.1
BY_HAND = 0.9 * np.log(1.8) + 0.1 * np.log(0.2)
RNG = np.random.default_rng(2)
S, T, LABELS = 2 * RNG.normal(size=(6, 4)), 4 * RNG.normal(size=(6, 4)), np.array([0, 3, 1, 1, 2, 0])
SURE = np.array([[1000.0, 0.0, -1000.0]])

EXERCISE = Exercise(
    id="26.3",
    title="the loss of distillation",
    stub='''
        def distillation(student, teacher, labels, temperature, share):
            """Return the mean over rows of share * T^2 * KL(p || q) + (1 - share) * CE, where p and q are
            the softmax of the teacher's and of the student's logits, both divided by T. CE is the usual
            cross-entropy of the student with the labels, at temperature 1.
            student, teacher: logits (N, C); labels: (N,)"""
            ...  # your code
        ''',
    hints=[
        "KL(p || q) is the sum of p (log p - log q). Who is p, the one whose answers are right here? And which of the "
        "two terms knows the temperature?",
        """
        log softmax(z) = z - max z - log sum exp(z - max z)
        soft = T^2 sum_k p_k (log p_k - log q_k),   log p = log softmax(teacher / T),  log q = log softmax(student / T)
        hard = -log softmax(student) at the label
        loss = mean over rows of share * soft + (1 - share) * hard
        """,
        """
        def log_softmax(z):
            z = z - z.max(axis=1, keepdims=True)
            return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

        log_p, log_q = log_softmax(___ / temperature), log_softmax(___ / temperature)
        soft = temperature**2 * (np.exp(log_p) * (___)).sum(axis=1)
        hard = -log_softmax(___)[np.arange(len(labels)), labels]
        return (share * soft + (1 - share) * hard).mean()
        """,
    ],
    solution="""
        def distillation(student, teacher, labels, temperature, share):
            def log_softmax(z):
                z = z - z.max(axis=1, keepdims=True)
                return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

            log_p, log_q = log_softmax(teacher / temperature), log_softmax(student / temperature)
            soft = temperature**2 * (np.exp(log_p) * (log_p - log_q)).sum(axis=1)
            hard = -log_softmax(student)[np.arange(len(labels)), labels]
            return (share * soft + (1 - share) * hard).mean()
        """,
    cases=[
        Case(
            "temperature 1, by hand: 0.9 log 1.8 + 0.1 log 0.2",
            "distillation",
            (STUDENT, TEACHER, np.array([0]), 1.0, 1.0),
            expected=BY_HAND,
            hint=2,
        ),
        Case("labels alone", "distillation", (S, T, LABELS, 4.0, 0.0), hint=2),
        Case("temperature 4, the teacher alone", "distillation", (S, T, LABELS, 4.0, 1.0), hint=2),
        Case("both, temperature 2", "distillation", (S, T, LABELS, 2.0, 0.7), hint=3),
        Case("logits of 1,000", "distillation", (-SURE / 500, SURE, np.array([0]), 1.0, 1.0), hint=3),
    ],
    wrong={
        "no square": Wrong(
            {
                "soft = temperature**2 * (np.exp(log_p) * (log_p - log_q)).sum(axis=1)": "soft = (np.exp(log_p) * "
                "(log_p - log_q)).sum(axis=1)"
            },
            "T^2 is missing. Without it, the teacher's gradient shrinks as 1 / T^2, and the labels take over.",
        ),
        "T instead of its square": Wrong(
            {
                "soft = temperature**2 * (np.exp(log_p) * (log_p - log_q)).sum(axis=1)": "soft = temperature * ("
                "np.exp(log_p) * (log_p - log_q)).sum(axis=1)"
            },
            "You multiply by T. It has to be T^2: one T from z / T, one from p - q, which shrinks too.",
        ),
        "the other way round": Wrong(
            {
                "soft = temperature**2 * (np.exp(log_p) * (log_p - log_q)).sum(axis=1)": "soft = temperature**2 * ("
                "np.exp(log_q) * (log_q - log_p)).sum(axis=1)"
            },
            "That is KL(q || p), weighted by the student's own probabilities. The teacher's p comes first.",
        ),
        "cross-entropy": Wrong(
            {
                "soft = temperature**2 * (np.exp(log_p) * (log_p - log_q)).sum(axis=1)": "soft = -temperature**2 * ("
                "np.exp(log_p) * log_q).sum(axis=1)"
            },
            "That is the cross-entropy of p and q. Its gradient is the same, but KL also takes off the teacher's own "
            "entropy, so that 0 is perfect.",
        ),
        "teacher at 1": Wrong(
            {
                "log_p, log_q = log_softmax(teacher / temperature), log_softmax(student / temperature)": "log_p, log_q "
                "= log_softmax(teacher), log_softmax(student / temperature)"
            },
            "Only the student is softened. Divide the teacher's logits by the temperature as well.",
        ),
        "labels at T": Wrong(
            {
                "hard = -log_softmax(student)[np.arange(len(labels)), labels]": "hard = -log_q[np.arange(len("
                "labels)), labels]"
            },
            "The labels' cross-entropy is at temperature 1: it should use the student's logits as they are.",
        ),
        "shares swapped": Wrong(
            {"return (share * soft + (1 - share) * hard).mean()": "return ((1 - share) * soft + share * hard).mean()"},
            "`share` belongs to the teacher's term, the rest to the labels.",
        ),
        "mean over classes": Wrong(
            {
                "soft = temperature**2 * (np.exp(log_p) * (log_p - log_q)).sum(axis=1)": "soft = temperature**2 * ("
                "np.exp(log_p) * (log_p - log_q)).mean(axis=1)"
            },
            'KL is a sum over classes, not a mean: PyTorch\'s kl_div has reduction="batchmean" for it.',
        ),
        "overflow": Wrong(
            {"z = z - z.max(axis=1, keepdims=True)": ""},
            "exp(1000) is infinite. Take off each row's maximum first: softmax stays the same.",
        ),
    },
    also_right=[
        """
        def distillation(student, teacher, labels, temperature, share):
            def log_probabilities(z):
                return z - np.logaddexp.reduce(z, axis=1)[:, None]

            total = 0.0
            for s, t, label in zip(student, teacher, labels):
                p = log_probabilities(t[None] / temperature)[0]
                q = log_probabilities(s[None] / temperature)[0]
                total += share * temperature**2 * np.sum(np.exp(p) * (p - q))
                total -= (1 - share) * log_probabilities(s[None])[0, label]
            return total / len(student)
        """,
        {
            "return (share * soft + (1 - share) * hard).mean()": "return share * np.mean(soft) + hard.mean() - share "
            "* hard.mean()"
        },
    ],
)
