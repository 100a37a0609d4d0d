"""Exercise 22.1: masked scaled attention."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

RNG = np.random.default_rng(0)
Q, K, V = RNG.normal(size=(4, 8)), RNG.normal(size=(4, 8)), RNG.normal(size=(4, 3))
HAND_Q, HAND_K = np.zeros((3, 4)), np.ones((3, 4))  # all scores are 0: plain means
HAND_V = np.array([[6.0], [2.0], [1.0]])
FAR = 3000 * Q  # large scores, which overflow a softmax that is not shifted

EXERCISE = Exercise(
    id="22.1",
    title="masked scaled attention",
    stub='''
        def attention(q, k, v):
            """Return the output (T, D) of attention in which position i sees positions 0 to i only.
            q, k: (T, d); v: (T, D). Scores are divided by the square root of d"""
            ...  # your code
        ''',
    hints=[
        "There is one score for each pair of positions: which product of q and k gives a (T, T) table? And what must a "
        "forbidden score be, so that its weight is exactly 0 after the softmax?",
        """
        S = q kᵀ / √d                          (T, T), row i asks, column j is asked
        S_ij = -∞ where j > i                  before the softmax
        A_ij = e^(S_ij) / Σ_j e^(S_ij)         each row sums to 1
        y = A v
        """,
        """
        scores = q @ ___ / np.sqrt(___)
        scores[np.triu(np.ones(scores.shape, bool), ___)] = -np.inf
        weights = np.exp(scores - scores.max(axis=___, keepdims=True))
        weights /= weights.sum(axis=___, keepdims=True)
        return weights @ ___
        """,
    ],
    solution="""
        def attention(q, k, v):
            scores = q @ k.T / np.sqrt(q.shape[1])
            scores[np.triu(np.ones(scores.shape, bool), 1)] = -np.inf
            weights = np.exp(scores - scores.max(axis=1, keepdims=True))
            weights /= weights.sum(axis=1, keepdims=True)
            return weights @ v
        """,
    cases=[
        Case(
            "all scores equal: the mean of what may be seen",
            "attention",
            (HAND_Q, HAND_K, HAND_V),
            expected=[[6.0], [4.0], [3.0]],
            hint=2,
        ),
        Case("one position sees itself", "attention", (Q[:1], K[:1], V[:1]), hint=2),
        Case("four positions", "attention", (Q, K, V), hint=3),
        Case("large scores", "attention", (FAR, K, V), hint=3, fail_on_overflow=True),
    ],
    wrong={
        "no mask": Wrong(
            {"scores[np.triu(np.ones(scores.shape, bool), 1)] = -np.inf": ""},
            "Every position sees every other one, the future too. Hide j > i: set those scores to -np.inf before the "
            "softmax.",
        ),
        "hides itself": Wrong(
            {
                "scores[np.triu(np.ones(scores.shape, bool), 1)] = -np.inf": (
                    "scores[np.triu(np.ones(scores.shape, bool), 0)] = -1e30"
                )
            },
            "A position cannot see itself in your code, and the first one sees nothing. Only j > i is hidden: "
            "np.triu(..., 1) begins above the diagonal.",
        ),
        "hides the past": Wrong(
            {
                "scores[np.triu(np.ones(scores.shape, bool), 1)] = -np.inf": (
                    "scores[np.tril(np.ones(scores.shape, bool), -1)] = -np.inf"
                )
            },
            "You hide the past and show the future. Row i is the position that asks: hide the columns j > i, above the "
            "diagonal.",
        ),
        "zeros": Wrong(
            {"scores[np.triu(np.ones(scores.shape, bool), 1)] = -np.inf": "scores = np.tril(scores)"},
            "You set hidden scores to 0, and e⁰ is 1: they still get weight. Set them to -np.inf.",
        ),
        "masked after": Wrong(
            """
            def attention(q, k, v):
                scores = q @ k.T / np.sqrt(q.shape[1])
                weights = np.exp(scores - scores.max(axis=1, keepdims=True))
                weights /= weights.sum(axis=1, keepdims=True)
                return np.tril(weights) @ v
            """,
            "You set weights to 0 after the softmax, so the rows no longer sum to 1. Hide before the softmax.",
        ),
        "not scaled": Wrong(
            {"scores = q @ k.T / np.sqrt(q.shape[1])": "scores = q @ k.T"},
            "The scores are not divided by √d, so that they grow with the size of the vectors.",
        ),
        "keys ask": Wrong(
            {"scores = q @ k.T / np.sqrt(q.shape[1])": "scores = k @ q.T / np.sqrt(q.shape[1])"},
            "Your keys ask and your queries answer. Row i of the scores belongs to the query of position i: q kᵀ.",
        ),
        "root of the positions": Wrong(
            {"scores = q @ k.T / np.sqrt(q.shape[1])": "scores = q @ k.T / np.sqrt(len(q))"},
            "You divide by the root of the number of positions. d is the length of one query, q.shape[1].",
        ),
        "root of the values": Wrong(
            {"scores = q @ k.T / np.sqrt(q.shape[1])": "scores = q @ k.T / np.sqrt(v.shape[1])"},
            "You divide by the root of the values' length. d is the length of one query, q.shape[1].",
        ),
        "only the weights": Wrong(
            {"return weights @ v": "return weights"},
            "You return the weights. The output is the mean of the values that they weigh: weights @ v.",
        ),
        "divided by d": Wrong(
            {"scores = q @ k.T / np.sqrt(q.shape[1])": "scores = q @ k.T / q.shape[1]"},
            "You divide by d. A sum of d products has standard deviation √d: divide by the square root.",
        ),
        "softmax of columns": Wrong(
            {
                "weights = np.exp(scores - scores.max(axis=1, keepdims=True))": (
                    "weights = np.exp(scores - scores.max(axis=0, keepdims=True))"
                ),
                "weights /= weights.sum(axis=1, keepdims=True)": "weights /= weights.sum(axis=0, keepdims=True)",
            },
            "Your columns sum to 1. Row i holds the weights of the position that asks: the softmax runs along axis 1.",
        ),
        "overflow": Wrong(
            {
                "weights = np.exp(scores - scores.max(axis=1, keepdims=True))": "weights = np.exp(scores)",
            },
            "e^x overflows for large scores. Subtract each row's maximum first; the weights stay the same.",
        ),
    },
    also_right=[
        """
        def attention(q, k, v):
            y = []
            for i in range(len(q)):
                s = k[: i + 1] @ q[i] / q.shape[1] ** 0.5
                w = np.exp(s - s.max())
                y.append(w @ v[: i + 1] / w.sum())
            return np.array(y)
        """,
        """
        def attention(q, k, v):
            seen = np.tril(np.ones((len(q), len(k))))
            scores = np.where(seen > 0, np.einsum("id,jd->ij", q, k) / q.shape[1] ** 0.5, -1e30)
            weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
            return np.einsum("ij,jd->id", weights / weights.sum(axis=-1, keepdims=True), v)
        """,
    ],
)
