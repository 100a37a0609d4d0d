"""Exercise 22.3: top-p."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

P = np.array([0.05, 0.4, 0.1, 0.3, 0.15])
RNG = np.random.default_rng(0)
LONG = np.exp(2 * RNG.normal(size=27))
LONG /= LONG.sum()

EXERCISE = Exercise(
    id="22.3",
    title="top-p",
    stub='''
        def top_p(p, share):
            """Return p, (V,), with all but the fewest most probable entries that together hold at
            least `share` set to 0, divided by what is left. 0 < share <= 1"""
            ...  # your code
        ''',
    hints=[
        "Go through the entries from the most probable down and add them up. When do you stop: before or after the one "
        "with which the sum reaches the share?",
        """
        sort p from great to small: p_1 >= p_2 >= ...
        keep p_1 ... p_n with the smallest n for which p_1 + ... + p_n >= share
        so p_n is kept where  p_1 + ... + p_(n-1) < share
        """,
        """
        order = np.argsort(___)
        before = np.cumsum(p[order]) - ___      # what stands in front of each
        kept = order[before < ___]
        q = np.zeros(p.shape)
        q[kept] = p[kept]
        return q / ___
        """,
    ],
    solution="""
        def top_p(p, share):
            order = np.argsort(-p)
            before = np.cumsum(p[order]) - p[order]
            kept = order[before < share]
            q = np.zeros(p.shape)
            q[kept] = p[kept]
            return q / q.sum()
        """,
    cases=[
        Case("0.4 and 0.3 hold 0.6", "top_p", (P, 0.6), expected=np.array([0, 4, 0, 3, 0]) / 7, hint=2),
        Case("one is enough", "top_p", (P, 0.2), expected=[0, 1.0, 0, 0, 0], hint=2),
        Case("nearly everything", "top_p", (P, 0.93), hint=2),
        Case("a share of 1 keeps all", "top_p", (P, 1.0), expected=P, hint=3),
        Case("27 letters", "top_p", (LONG, 0.9), hint=3),
    ],
    wrong={
        "one too few": Wrong(
            {"kept = order[before < share]": "kept = order[before + p[order] <= share]"},
            "You leave out the entry with which the sum passes the share, so that less than the share is kept, perhaps "
            "nothing at all. Keep an entry while the sum before it is still too small.",
        ),
        "one too many": Wrong(
            {"kept = order[before < share]": "kept = order[: np.sum(before < share) + 1]"},
            "You keep one entry more than needed.",
        ),
        "not divided": Wrong(
            {"return q / q.sum()": "return q"},
            "The entries that are left no longer sum to 1. Divide by their sum.",
        ),
        "the least": Wrong(
            {"order = np.argsort(-p)": "order = np.argsort(p)"},
            "You keep the least probable entries. Sort from great to small.",
        ),
        "unsorted": Wrong(
            {"order = np.argsort(-p)": "order = np.arange(len(p))"},
            "You add up the entries in the order they stand in. Sort them by probability first.",
        ),
        "each by itself": Wrong(
            """
            def top_p(p, share):
                q = np.where(p >= share, p, 0)
                with np.errstate(invalid="ignore"):
                    return q / q.sum()
            """,
            "You keep entries that hold the share each by itself, often none. Together they should hold it.",
        ),
        "threshold": Wrong(
            """
            def top_p(p, share):
                q = np.where(p >= (1 - share) * p.max(), p, 0)
                return q / q.sum()
            """,
            "That compares each entry with the greatest one (min-p). Here the sum of what is kept counts.",
        ),
        "in sorted order": Wrong(
            """
            def top_p(p, share):
                ranked = np.sort(p)[::-1]
                ranked = np.where(np.cumsum(ranked) - ranked < share, ranked, 0)
                return ranked / ranked.sum()
            """,
            "You return the probabilities sorted, so that nobody knows which entry is whose. Put each one back.",
        ),
    },
    also_right=[
        """
        def top_p(p, share):
            q, total = [0.0] * len(p), 0.0
            for i in sorted(range(len(p)), key=lambda i: -p[i]):
                if total >= share:
                    break
                q[i] = p[i]
                total += p[i]
            return np.array(q) / total
        """,
        """
        def top_p(p, share):
            ranked = np.sort(p)[::-1]
            n = min(int(np.searchsorted(np.cumsum(ranked), share - 1e-12)), len(p) - 1) + 1
            q = np.where(p >= ranked[n - 1], p, 0.0)
            return q / q.sum()
        """,
    ],
)
