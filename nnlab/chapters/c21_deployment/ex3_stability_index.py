"""Exercise 21.3: a drift statistic."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

REFERENCE = np.random.default_rng(0).normal(size=200)
LIKE = np.random.default_rng(1).normal(size=50)
EDGES = np.array([-1.0, 0.0, 1.0])

EXERCISE = Exercise(
    id="21.3",
    title="a drift statistic",
    stub='''
        def stability(reference, now, edges):
            """Return the population stability index of two samples. edges: rising; they cut the line into
            len(edges) + 1 bins, the outer ones without end. Add 0.5 to each count"""
            ...  # your code
        ''',
    hints=[
        "How many bins do three edges make, and where does a value below the first one belong? What would an empty bin "
        "do to the logarithm?",
        """
        bin of v = number of edges below v;  counts c and d of the two samples
        p = (c + 0.5) / sum of (c + 0.5),   q = (d + 0.5) / sum of (d + 0.5)
        index = sum of (q - p) log(q / p)
        """,
        """
        shares = []
        for values in (reference, now):
            counts = np.bincount(np.searchsorted(edges, values), minlength=___) + ___
            shares.append(counts / ___)
        p, q = shares
        return np.sum((q - p) * np.log(___))
        """,
    ],
    solution="""
        def stability(reference, now, edges):
            shares = []
            for values in (reference, now):
                counts = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
                counts = counts + 0.5
                shares.append(counts / counts.sum())
            p, q = shares
            return np.sum((q - p) * np.log(q / p))
        """,
    cases=[
        Case("the same sample twice", "stability", (REFERENCE, REFERENCE, EDGES), expected=0.0, hint=2),
        Case("two samples of one distribution", "stability", (REFERENCE, LIKE, EDGES), hint=3),
        Case("a sample that has moved", "stability", (REFERENCE, LIKE + 1, EDGES), hint=3),
        Case(
            "and one with other values only", "stability", (REFERENCE, LIKE + 9, EDGES), hint=2, fail_on_overflow=True
        ),
        Case("the two swapped", "stability", (LIKE + 1, REFERENCE, EDGES), hint=3),
        Case("one edge, two bins", "stability", (REFERENCE, LIKE, np.array([0.5])), hint=2),
    ],
    wrong={
        "counts instead of shares": Wrong(
            {"shares.append(counts / counts.sum())": "shares.append(counts)"},
            "You compare counts. A window of 50 and a reference of 200 then differ always: divide each by its sum.",
        ),
        "no smoothing": Wrong(
            {"counts = counts + 0.5": "counts = counts + 0.0"},
            "An empty bin has a share of 0, and the index becomes infinite. Add 0.5 to each count first.",
        ),
        "smoothing the shares": Wrong(
            {
                "counts = counts + 0.5": "",
                "shares.append(counts / counts.sum())": "shares.append(counts / counts.sum() + 0.5)",
            },
            "You add 0.5 to the shares. It belongs to the counts, before they are divided by their sum.",
        ),
        "one direction": Wrong(
            {"return np.sum((q - p) * np.log(q / p))": "return np.sum(q * np.log(q / p))"},
            "That is the Kullback-Leibler divergence of one direction. The index is the sum of both directions, "
            "(q - p) log(q / p).",
        ),
        "the mean over the bins": Wrong(
            {"return np.sum((q - p) * np.log(q / p))": "return np.mean((q - p) * np.log(q / p))"},
            "Sum over the bins; the mean makes the index depend on how many there are.",
        ),
        "the outer bins are lost": Wrong(
            {
                "counts = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)": "counts = "
                "np.histogram(values, np.array([edges[0] - 1e-9, *edges]))[0]",
            },
            "Values outside of the edges are not counted. Drift happens just there: the outer bins have no end.",
        ),
        "base 10": Wrong(
            {"return np.sum((q - p) * np.log(q / p))": "return np.sum((q - p) * np.log10(q / p))"},
            "Take the natural logarithm: the usual bounds 0.1 and 0.2 are meant in nats.",
        ),
        "absolute differences": Wrong(
            {"return np.sum((q - p) * np.log(q / p))": "return np.sum(np.abs(q - p))"},
            "That is the sum of the absolute differences. The index weights each by log(q / p).",
        ),
    },
    also_right=[
        """
        def stability(reference, now, edges):
            bins = np.concatenate([[-np.inf], edges, [np.inf]])
            c, d = (np.histogram(v, bins)[0] + 0.5 for v in (reference, now))
            p, q = c / c.sum(), d / d.sum()
            return float(((q - p) * (np.log(q) - np.log(p))).sum())
        """,
        """
        from nnlab.scratch.metrics import population_stability
        def stability(reference, now, edges):
            c, d = (np.bincount(np.digitize(v, edges), minlength=len(edges) + 1) for v in (reference, now))
            return population_stability(c, d)
        """,
    ],
)
