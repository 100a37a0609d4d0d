"""Exercise 15.1: normalise by channel, without a leak."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

RNG = np.random.default_rng(0)
SCALE, SHIFT = np.array([1.0, 5.0, 0.2])[:, None, None], np.array([0.0, 10.0, -3.0])[:, None, None]
TRAIN, NEW = (RNG.normal(size=(n, 3, 4, 5)) * SCALE + SHIFT for n in (6, 3))
SMALL = np.array([[[[0.0, 2.0]]], [[[4.0, 6.0]]]])  # mean 3, standard deviation sqrt(5)

EXERCISE = Exercise(
    id="15.1",
    title="normalise by channel, without a leak",
    stub='''
        def normalise(train, new):
            """Return train and new, each channel with the training part's mean taken off and divided
            by the training part's standard deviation. train: (N, C, H, W); new: (M, C, H, W)"""
            ...  # your code
        ''',
    hints=[
        "A channel has one mean: over which of the four axes do you average, and which one stays? And which pictures "
        "may have a say in it?",
        """
        mean_c = mean of train over N, H and W,  std_c likewise      one number a channel
        train' = (train - mean) / std,   new' = (new - mean) / std   the same two for both
        """,
        """
        mean = train.mean(axis=___, keepdims=True)      # (1, C, 1, 1)
        std = ___
        return (train - mean) / std, (___ - mean) / std
        """,
    ],
    solution="""
        def normalise(train, new):
            mean = train.mean(axis=(0, 2, 3), keepdims=True)
            std = train.std(axis=(0, 2, 3), keepdims=True)
            return (train - mean) / std, (new - mean) / std
        """,
    cases=[
        Case(
            "one channel by hand: mean 3, standard deviation √5",
            "normalise",
            (SMALL, SMALL[:1]),
            expected=((SMALL - 3) / np.sqrt(5), (SMALL[:1] - 3) / np.sqrt(5)),
            hint=2,
        ),
        Case("three channels of different scale", "normalise", (TRAIN, NEW), hint=3),
        Case("one new picture", "normalise", (TRAIN, NEW[:1]), hint=2),
        Case("new pictures much brighter than all others stay bright", "normalise", (TRAIN, NEW + 100.0), hint=2),
    ],
    wrong={
        "each by its own": Wrong(
            {
                "return (train - mean) / std, (new - mean) / std": "other = new.mean((0, 2, 3), keepdims=True), "
                "new.std((0, 2, 3), keepdims=True)\nreturn (train - mean) / std, (new - other[0]) / other[1]"
            },
            "You normalise the new pictures by their own mean. Then a bright picture and a dark one look the same, and "
            "a single picture is always grey on average. Use the training part's numbers.",
        ),
        "both together": Wrong(
            """
            def normalise(train, new):
                both = np.concatenate([train, new])
                mean, std = both.mean((0, 2, 3), keepdims=True), both.std((0, 2, 3), keepdims=True)
                return (train - mean) / std, (new - mean) / std
            """,
            "That is the leak: the new pictures have a say in the mean. Take it from the training part only.",
        ),
        "over everything": Wrong(
            {
                "mean = train.mean(axis=(0, 2, 3), keepdims=True)": "mean = train.mean()",
                "std = train.std(axis=(0, 2, 3), keepdims=True)": "std = train.std()",
            },
            "One mean for all channels. Each channel has its own: leave axis 1 out of the average.",
        ),
        "by pixel": Wrong(
            {
                "mean = train.mean(axis=(0, 2, 3), keepdims=True)": "mean = train.mean(axis=0, keepdims=True)",
                "std = train.std(axis=(0, 2, 3), keepdims=True)": "std = train.std(axis=0, keepdims=True)",
            },
            "That is a mean for each pixel. A channel has one: average over height and width, too.",
        ),
        "by picture": Wrong(
            """
            def normalise(train, new):
                return tuple((x - x.mean((2, 3), keepdims=True)) / x.std((2, 3), keepdims=True) for x in (train, new))
            """,
            "Each picture is normalised by itself, which removes how bright it is. Average over the pictures, too.",
        ),
        "variance": Wrong(
            {"std = train.std(axis=(0, 2, 3), keepdims=True)": "std = train.var(axis=(0, 2, 3), keepdims=True)"},
            "You divide by the variance. The standard deviation is its square root.",
        ),
        "new is left out": Wrong(
            {"return (train - mean) / std, (new - mean) / std": "return (train - mean) / std, new"},
            "The new pictures come back unchanged. They go through the same two steps as the training part.",
        ),
        "mean only": Wrong(
            {"return (train - mean) / std, (new - mean) / std": "return train - mean, new - mean"},
            "The mean is 0 now, but nothing was divided by the standard deviation.",
        ),
    },
    also_right=[
        """
        def normalise(train, new):
            flat = train.transpose(1, 0, 2, 3).reshape(train.shape[1], -1)
            mean, std = flat.mean(axis=1), flat.std(axis=1)
            return tuple((x - mean[:, None, None]) / std[:, None, None] for x in (train, new))
        """,
        """
        def normalise(train, new):
            out = np.array(train, dtype=float), np.array(new, dtype=float)
            for c in range(train.shape[1]):
                for x in out:
                    x[:, c] = (x[:, c] - train[:, c].mean()) / train[:, c].std()
            return out
        """,
    ],
)
