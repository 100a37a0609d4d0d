"""Exercise 15.2: top-k accuracy."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

P = np.array([[0.5, 0.3, 0.1, 0.1], [0.2, 0.4, 0.3, 0.1], [0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.15, 0.05]])
Y = np.array([0, 2, 0, 3])  # ranks 1, 2, 4 and 4
RNG = np.random.default_rng(1)
LOGITS, LABELS = RNG.normal(size=(40, 9)), RNG.integers(0, 9, 40)

EXERCISE = Exercise(
    id="15.2",
    title="top-k accuracy",
    stub='''
        def top_k_accuracy(labels, scores, k):
            """Return the share of rows whose true class is among the k greatest scores.
            labels: (N,) class numbers; scores: (N, C), probabilities or logits; k: from 1 to C"""
            ...  # your code
        ''',
    hints=[
        "For k = 1 this is accuracy. For k = 2, which two columns of a row do you look at, and what do you ask of "
        "them?",
        """
        best_i = the k columns with the greatest scores of row i
        top-k accuracy = mean over i of  [ y_i in best_i ]
        """,
        """
        best = np.argsort(scores, axis=___)[:, ___]         # (N, k) columns
        return np.mean(np.any(best == labels[___], axis=1))
        """,
    ],
    solution="""
        def top_k_accuracy(labels, scores, k):
            best = np.argsort(scores, axis=1)[:, -k:]
            return np.mean(np.any(best == labels[:, None], axis=1))
        """,
    cases=[
        Case("k = 1 is accuracy: 1 of 4", "top_k_accuracy", (Y, P, 1), expected=0.25, hint=2),
        Case("k = 2: one row more", "top_k_accuracy", (Y, P, 2), expected=0.5, hint=2),
        Case("k = 3", "top_k_accuracy", (Y, P, 3), expected=0.5, hint=2),
        Case("k = C: all of them", "top_k_accuracy", (Y, P, 4), expected=1.0, hint=3),
        Case("logits, of which some are negative", "top_k_accuracy", (LABELS, LOGITS, 3), hint=3),
    ],
    wrong={
        "the least": Wrong(
            {
                "best = np.argsort(scores, axis=1)[:, -k:]": "best = np.argsort(scores, axis=1)[:, :k]",
            },
            "You look at the k smallest scores. argsort rises: the greatest are its last columns.",
        ),
        "always 1": Wrong(
            "def top_k_accuracy(labels, scores, k): return np.mean(np.argmax(scores, axis=1) == labels)",
            "That is accuracy, k = 1, whatever k is.",
        ),
        "exactly place k": Wrong(
            """
            def top_k_accuracy(labels, scores, k):
                return np.mean(np.argsort(scores, axis=1)[:, -k] == labels)
            """,
            "You look at place k only. Places 1 to k count, so the share never falls as k grows.",
        ),
        "divided by k": Wrong(
            {
                "return np.mean(np.any(best == labels[:, None], axis=1))": "return np.mean(best == labels[:, None])",
            },
            "Your mean runs over all k places of each row, so it is divided by k. A row counts once: use any first.",
        ),
        "count": Wrong(
            {
                "return np.mean(np.any(best == labels[:, None], axis=1))": "return np.sum(best == labels[:, None])",
            },
            "That is how many rows, not their share: divide by N.",
        ),
        "probability above 1 / k": Wrong(
            """
            def top_k_accuracy(labels, scores, k):
                return np.mean(scores[np.arange(len(labels)), labels] >= 1 / k)
            """,
            "A score above 1 / k is not what is asked: the rank of the true class decides, not its score.",
        ),
        "columns": Wrong(
            {"best = np.argsort(scores, axis=1)[:, -k:]": "best = np.argsort(scores, axis=0)[:, -k:]"},
            "You sort each class over the rows. Sort each row: axis=1.",
        ),
    },
    also_right=[
        """
        def top_k_accuracy(labels, scores, k):
            own = scores[np.arange(len(labels)), labels][:, None]
            return np.mean((scores > own).sum(axis=1) < k)
        """,
        """
        def top_k_accuracy(labels, scores, k):
            hits = [y in np.argsort(-s)[:k] for y, s in zip(labels, scores)]
            return sum(hits) / len(hits)
        """,
    ],
)
