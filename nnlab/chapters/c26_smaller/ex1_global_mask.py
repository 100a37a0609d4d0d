"""Exercise 26.1: one mask for all layers."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

BY_HAND = [np.array([[3.0, -0.1], [0.2, -4.0]]), np.array([0.3, -0.4])]
RNG = np.random.default_rng(0)
LAYERS = [(scale * RNG.normal(size=shape)).round(3) for scale, shape in ((1, (2, 3)), (3, (2, 2)), (0.2, (1, 2, 2)))]

EXERCISE = Exercise(
    id="26.1",
    title="one mask for all layers",
    stub='''
        def keep_masks(weights, amount):
            """Return a mask for each array, shaped like it: False for the weights that go, True for the others.
            round(amount * number of all weights) of them go, the smallest by size, one ranking over all layers.
            weights: a list of arrays, no two sizes alike; amount: from 0 to 1"""
            ...  # your code
        ''',
    hints=[
        "Suppose one layer's weights are ten times as large as another's. If a tenth of all weights goes, which layer "
        "loses it? And does -4 count as small?",
        """
        sizes = |w| of all layers, in one long row
        k = round(amount * how many)
        the k smallest go: threshold = the size at place k of the sorted row, and a weight stays if |w| >= threshold
        """,
        """
        sizes = np.sort(np.concatenate([np.abs(w).___ for w in weights]))
        k = round(amount * len(sizes))
        threshold = sizes[k] if k < len(sizes) else np.inf
        return [___ >= threshold for w in weights]
        """,
    ],
    solution="""
        def keep_masks(weights, amount):
            sizes = np.sort(np.concatenate([np.abs(w).ravel() for w in weights]))
            k = round(amount * len(sizes))
            threshold = sizes[k] if k < len(sizes) else np.inf
            return [np.abs(w) >= threshold for w in weights]
        """,
    cases=[
        Case(
            "half of six weights, by hand",
            "keep_masks",
            (BY_HAND, 0.5),
            expected=[np.array([[True, False], [False, True]]), np.array([False, True])],
            hint=2,
        ),
        Case("three layers of different scale", "keep_masks", (LAYERS, 0.7), hint=2),
        Case("nothing goes", "keep_masks", (LAYERS, 0.0), hint=3),
        Case("everything goes", "keep_masks", (LAYERS, 1.0), hint=3),
        Case("one layer", "keep_masks", (LAYERS[:1], 0.25), hint=3),
    ],
    wrong={
        "each layer": Wrong(
            """
            def keep_masks(weights, amount):
                out = []
                for w in weights:
                    sizes = np.sort(np.abs(w).ravel())
                    k = round(amount * len(sizes))
                    out.append(np.abs(w) >= (sizes[k] if k < len(sizes) else np.inf))
                return out
            """,
            "Every layer loses the same share. With one ranking over all layers, a layer of large weights keeps more.",
        ),
        "signed": Wrong(
            {
                "sizes = np.sort(np.concatenate([np.abs(w).ravel() for w in weights]))": "sizes = np.sort("
                "np.concatenate([w.ravel() for w in weights]))",
                "return [np.abs(w) >= threshold for w in weights]": "return [w >= threshold for w in weights]",
            },
            "You rank by the weights with their signs: -4 goes first, although it is large. Rank by |w|.",
        ),
        "signed comparison": Wrong(
            {"return [np.abs(w) >= threshold for w in weights]": "return [w >= threshold for w in weights]"},
            "The threshold is right, but you compare w with it: every negative weight goes. Compare |w|.",
        ),
        "the large ones": Wrong(
            {"return [np.abs(w) >= threshold for w in weights]": "return [np.abs(w) < threshold for w in weights]"},
            "The masks are the other way round: True is for weights that stay, the large ones.",
        ),
        "share of the largest": Wrong(
            """
            def keep_masks(weights, amount):
                threshold = amount * max(np.abs(w).max() for w in weights)
                return [np.abs(w) >= threshold for w in weights]
            """,
            "You take a share of the largest weight as the threshold. Count instead: most weights are small, so that "
            "would remove far more than `amount` of them.",
        ),
        "keeps that share": Wrong(
            {"k = round(amount * len(sizes))": "k = round((1 - amount) * len(sizes))"},
            "`amount` is the share that goes; you keep that share.",
        ),
        "one less": Wrong(
            {"return [np.abs(w) >= threshold for w in weights]": "return [np.abs(w) > threshold for w in weights]"},
            "One weight too many goes: the one at place k of the sorted sizes stays, so compare with >=.",
        ),
        "pruned weights": Wrong(
            {
                "return [np.abs(w) >= threshold for w in weights]": "return [w * (np.abs(w) >= threshold) for w in "
                "weights]"
            },
            "These are the pruned weights. Return the masks, True and False.",
        ),
    },
    also_right=[
        """
        def keep_masks(weights, amount):
            flat = np.abs(np.concatenate([w.ravel() for w in weights]))
            keep = np.ones(len(flat), bool)
            keep[np.argsort(flat)[: round(amount * len(flat))]] = False
            ends = np.cumsum([w.size for w in weights])
            return [part.reshape(w.shape) for part, w in zip(np.split(keep, ends[:-1]), weights)]
        """,
        """
        def keep_masks(weights, amount):
            flat = np.concatenate([w.ravel() ** 2 for w in weights])
            left = len(flat) - round(amount * len(flat))
            least = np.sort(flat)[::-1][left - 1] if left else np.inf
            return [w**2 >= least for w in weights]
        """,
    ],
)
