"""Exercise 23.2: forward noising in one step."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

RNG = np.random.default_rng(0)
X, NOISE = RNG.uniform(-1, 1, (3, 2, 2)), RNG.normal(size=(3, 2, 2))
ALPHAS = np.array([0.9, 0.8, 0.5, 0.25])
T = np.array([1, 4, 2])
LINE = "share = np.cumprod(alphas)[t - 1][:, None, None]"

EXERCISE = Exercise(
    id="23.2",
    title="forward noising in one step",
    stub='''
        def noise_to(x, t, alphas, noise):
            """Return the pictures x after t steps of noising, without taking the steps one by one.
            Step s makes x_s = sqrt(alphas[s - 1]) x_(s - 1) + sqrt(1 - alphas[s - 1]) fresh noise.
            x, noise: (N, H, W); t: (N,) whole numbers from 1, one for each picture; alphas: (T,)"""
            ...  # your code
        ''',
    hints=[
        "After two steps the picture was multiplied by sqrt(alpha_1) and by sqrt(alpha_2). All that was added is "
        "Gaussian; what is its variance, if picture and noise with variance 1 keep the variance at 1?",
        """
        alpha_bar_t = alpha_1 alpha_2 ... alpha_t
        x_t = sqrt(alpha_bar_t) x + sqrt(1 - alpha_bar_t) noise
        """,
        """
        share = np.cumprod(alphas)[___][:, None, None]     # one number for each picture, with axes for its pixels
        return np.sqrt(share) * x + np.sqrt(___) * noise
        """,
    ],
    solution=f"""
        def noise_to(x, t, alphas, noise):
            {LINE}
            return np.sqrt(share) * x + np.sqrt(1 - share) * noise
        """,
    cases=[
        Case(
            "one step",
            "noise_to",
            (X[:1], np.array([1]), ALPHAS, NOISE[:1]),
            np.sqrt(0.9) * X[:1] + np.sqrt(0.1) * NOISE[:1],
            hint=2,
        ),
        Case(
            "two steps",
            "noise_to",
            (X[:1], np.array([2]), ALPHAS, NOISE[:1]),
            np.sqrt(0.72) * X[:1] + np.sqrt(0.28) * NOISE[:1],
            hint=2,
        ),
        Case("each picture has its own t", "noise_to", (X, T, ALPHAS, NOISE), hint=3),
        Case("the last of the steps", "noise_to", (X, np.array([4, 4, 4]), ALPHAS, NOISE), hint=3),
    ],
    wrong={
        "one step only": Wrong(
            {LINE: "share = alphas[t - 1][:, None, None]"},
            "You use alpha_t, which belongs to one step. After t steps the product of all t alphas is left.",
        ),
        "sum": Wrong(
            {LINE: "share = 1 - np.cumsum(1 - alphas)[t - 1][:, None, None]"},
            "You add up what each step takes away. Each step multiplies what is left: use the product, np.cumprod.",
        ),
        "one too far": Wrong(
            {LINE: "share = np.append(np.cumprod(alphas), 0)[t][:, None, None]"},
            "One step too many: after t = 1 steps only alphas[0] has acted, the entry t - 1 of the product.",
        ),
        "no roots": Wrong(
            {"return np.sqrt(share) * x + np.sqrt(1 - share) * noise": "return share * x + (1 - share) * noise"},
            "alpha_bar is a share of the variance. Pictures and noise are multiplied by its square root.",
        ),
        "noise without root": Wrong(
            {
                "return np.sqrt(share) * x + np.sqrt(1 - share) * noise": "return np.sqrt(share) * x + (1 - share) "
                "* noise"
            },
            "The noise is multiplied by the root of 1 - alpha_bar: then the variances add up to 1.",
        ),
        "rest of the root": Wrong(
            {
                "return np.sqrt(share) * x + np.sqrt(1 - share) * noise": "return np.sqrt(share) * x + (1 - "
                "np.sqrt(share)) * noise"
            },
            "1 - sqrt(alpha_bar) lets the variance shrink. The noise is multiplied by sqrt(1 - alpha_bar).",
        ),
        "added to all": Wrong(
            {"return np.sqrt(share) * x + np.sqrt(1 - share) * noise": "return x + np.sqrt(1 - share) * noise"},
            "The picture has to fade while the noise grows: multiply x by sqrt(alpha_bar).",
        ),
    },
    also_right=[
        """
        def noise_to(x, t, alphas, noise):
            out = np.empty_like(x)
            for i in range(len(x)):
                share = np.prod(alphas[: t[i]])
                out[i] = share**0.5 * x[i] + (1 - share) ** 0.5 * noise[i]
            return out
        """,
        """
        def noise_to(x, t, alphas, noise):
            kept = np.exp(np.cumsum(np.log(alphas)) / 2)[t - 1].reshape(-1, 1, 1)
            return kept * x + np.sqrt(1 - kept**2) * noise
        """,
    ],
)
