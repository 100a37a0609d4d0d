"""Exercise 23.1: KL of two Gaussians."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

RNG = np.random.default_rng(0)
MU, LOGVAR = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))
MU_2, LOGVAR_2 = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))
ZEROS = np.zeros((2, 3))
FORMULA = "each = (logvar2 - logvar1 + (np.exp(logvar1) + (mu1 - mu2) ** 2) / np.exp(logvar2) - 1) / 2"

EXERCISE = Exercise(
    id="23.1",
    title="KL of two Gaussians",
    stub='''
        def kl_gaussians(mu1, logvar1, mu2, logvar2):
            """Return KL(N(mu1, var1) || N(mu2, var2)) of each row in nats, an array (N,): the columns are
            independent, so their divergences add up. All four: (N, D); logvar is the log of the variance."""
            ...  # your code
        ''',
    hints=[
        "In one dimension the divergence has three parts: one that compares the variances, one for the distance of the "
        "means, and one that makes it 0 for equal Gaussians. Which of the two variances divides?",
        """
        KL = ( log var2 - log var1 + (var1 + (mu1 - mu2)^2) / var2 - 1 ) / 2      in each column
        then the sum over the columns of a row; var = exp(logvar)
        """,
        """
        each = (logvar2 - logvar1 + (np.exp(___) + (mu1 - mu2) ** 2) / np.exp(___) - 1) / 2
        return each.sum(axis=___)
        """,
    ],
    solution=f"""
        def kl_gaussians(mu1, logvar1, mu2, logvar2):
            {FORMULA}
            return each.sum(axis=1)
        """,
    cases=[
        Case("equal Gaussians have no divergence", "kl_gaussians", (MU, LOGVAR, MU, LOGVAR), np.zeros(4), hint=2),
        Case("against N(0, 1), as a VAE needs it", "kl_gaussians", (MU[:2], LOGVAR[:2], ZEROS, ZEROS), hint=2),
        Case("only the means differ", "kl_gaussians", (MU, ZEROS.repeat(2, 0), MU_2, ZEROS.repeat(2, 0)), hint=2),
        Case(
            "a second Gaussian that is twice as wide",
            "kl_gaussians",
            (np.zeros((1, 1)), np.zeros((1, 1)), np.zeros((1, 1)), np.full((1, 1), np.log(4.0))),
            np.array([np.log(2) + 1 / 8 - 1 / 2]),
            hint=2,
        ),
        Case("four random rows", "kl_gaussians", (MU, LOGVAR, MU_2, LOGVAR_2), hint=3),
    ],
    wrong={
        "the other way round": Wrong(
            """
            def kl_gaussians(mu1, logvar1, mu2, logvar2):
                each = (logvar1 - logvar2 + (np.exp(logvar2) + (mu1 - mu2) ** 2) / np.exp(logvar1) - 1) / 2
                return each.sum(axis=1)
            """,
            "That is KL(second || first). The divergence is not symmetric: the second Gaussian's variance divides.",
        ),
        "mean over columns": Wrong(
            {"return each.sum(axis=1)": "return each.mean(axis=1)"},
            "You average over the columns. Log probabilities of independent columns add up, so divergences do too.",
        ),
        "over the batch": Wrong(
            {"return each.sum(axis=1)": "return each.sum(axis=0)"},
            "You add up over the rows. Each row is a Gaussian of its own: add up over its columns, axis 1.",
        ),
        "one number": Wrong(
            {"return each.sum(axis=1)": "return each.sum()"},
            "You return one number for the whole batch. One for each row is wanted.",
        ),
        "not added up": Wrong(
            {"return each.sum(axis=1)": "return each"},
            "You return a number for each column. The columns are independent, so a row's divergences add up: axis 1.",
        ),
        "logarithm for variance": Wrong(
            """
            def kl_gaussians(mu1, logvar1, mu2, logvar2):
                with np.errstate(all="ignore"):
                    each = (logvar2 - logvar1 + (logvar1 + (mu1 - mu2) ** 2) / logvar2 - 1) / 2
                return each.sum(axis=1)
            """,
            "You take the logarithm of the variance for the variance. The variance is np.exp(logvar).",
        ),
        "standard deviation": Wrong(
            {
                FORMULA: "each = (logvar2 - logvar1 + (np.exp(logvar1 / 2) + (mu1 - mu2) ** 2) / np.exp(logvar2 / 2) "
                "- 1) / 2"
            },
            "exp(logvar / 2) is the standard deviation. The formula has variances: exp(logvar).",
        ),
        "no half": Wrong(
            {FORMULA: "each = logvar2 - logvar1 + (np.exp(logvar1) + (mu1 - mu2) ** 2) / np.exp(logvar2) - 1"},
            "Twice too large: the half in front of the bracket is missing.",
        ),
        "means not divided": Wrong(
            {FORMULA: "each = (logvar2 - logvar1 + np.exp(logvar1 - logvar2) + (mu1 - mu2) ** 2 - 1) / 2"},
            "The squared distance of the means counts in units of the second variance: divide it, too.",
        ),
        "second forgotten": Wrong(
            {FORMULA: "each = (mu1**2 + np.exp(logvar1) - 1 - logvar1) / 2"},
            "That is the divergence from N(0, 1), whatever the second Gaussian is.",
        ),
    },
    also_right=[
        """
        def kl_gaussians(mu1, logvar1, mu2, logvar2):
            s1, s2 = np.exp(logvar1 / 2), np.exp(logvar2 / 2)
            return (np.log(s2 / s1) + (s1**2 + (mu1 - mu2) ** 2) / (2 * s2**2) - 0.5).sum(axis=-1)
        """,
        """
        def kl_gaussians(mu1, logvar1, mu2, logvar2):
            found = []
            for row in zip(mu1, logvar1, mu2, logvar2):
                total = 0.0
                for m, a, n, b in zip(*row):
                    total += 0.5 * (b - a - 1 + np.exp(a - b) + (m - n) ** 2 * np.exp(-b))
                found.append(total)
            return np.array(found)
        """,
    ],
)
