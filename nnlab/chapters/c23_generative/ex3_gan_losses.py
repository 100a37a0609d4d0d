"""Exercise 23.3: GAN losses from logits."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

REAL, FAKE = np.array([1.5, -0.3, 2.0]), np.array([-1.0, 0.4, -2.5, 0.0])
SURE = np.array([1000.0, 800.0]), np.array([-1000.0, -900.0])
FOOLED = np.array([-1000.0, -800.0]), np.array([1000.0, 900.0])
D_LINE = "loss_d = np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean()"
G_LINE = "loss_g = np.logaddexp(0, -fake).mean()"

EXERCISE = Exercise(
    id="23.3",
    title="GAN losses from logits",
    stub='''
        def gan_losses(real, fake):
            """Return the discriminator's loss and the generator's (not saturating), two numbers in nats.
            real: (N,), the discriminator's logits for real pictures; fake: (M,), for the generator's.
            No logit may overflow or give log(0)."""
            ...  # your code
        ''',
    hints=[
        "The discriminator is a classifier with two classes: which cross-entropy does it pay for real pictures, which "
        "for fakes? The generator wishes that its fakes were taken for real. And what is -log(sigmoid(z))?",
        """
        D = sigmoid(logit)
        loss_d = -mean(log D(real)) - mean(log(1 - D(fake)))      loss_g = -mean(log D(fake))
        -log sigmoid(z) = log(1 + e^-z)      -log(1 - sigmoid(z)) = log(1 + e^z)
        log(1 + e^z) without overflow: np.logaddexp(0, z)
        """,
        """
        loss_d = np.logaddexp(0, ___).mean() + np.logaddexp(0, ___).mean()
        loss_g = np.logaddexp(0, ___).mean()
        """,
    ],
    solution=f"""
        def gan_losses(real, fake):
            {D_LINE}
            {G_LINE}
            return loss_d, loss_g
        """,
    cases=[
        Case(
            "a discriminator that guesses",
            "gan_losses",
            (np.zeros(3), np.zeros(4)),
            (2 * np.log(2), np.log(2)),
            hint=2,
        ),
        Case("three real and four fake", "gan_losses", (REAL, FAKE), hint=3),
        Case("a discriminator that is sure and right", "gan_losses", SURE, (0.0, 950.0), fail_on_overflow=True, hint=2),
        Case("one that is sure and wrong", "gan_losses", FOOLED, (1850.0, 0.0), fail_on_overflow=True, hint=2),
    ],
    wrong={
        "saturating": Wrong(
            {G_LINE: "loss_g = -np.logaddexp(0, fake).mean()"},
            "That is mean(log(1 - D(fake))), the loss that saturates: its gradient vanishes where the discriminator "
            "is sure. Take -mean(log D(fake)).",
        ),
        "generator flipped": Wrong(
            {G_LINE: "loss_g = np.logaddexp(0, fake).mean()"},
            "This generator wishes to be found out. Its loss is small where its fakes are taken for real.",
        ),
        "discriminator flipped": Wrong(
            {D_LINE: "loss_d = np.logaddexp(0, real).mean() + np.logaddexp(0, -fake).mean()"},
            "Real and fake are exchanged in the discriminator's loss: large logits should mean real.",
        ),
        "fakes for real": Wrong(
            {D_LINE: "loss_d = np.logaddexp(0, -real).mean() + np.logaddexp(0, -fake).mean()"},
            "This discriminator wants to call the fakes real, too. Its second term is -mean(log(1 - D(fake))).",
        ),
        "halved": Wrong(
            {D_LINE: "loss_d = (np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean()) / 2"},
            "Half of the discriminator's loss: the two means are added, not averaged.",
        ),
        "one mean": Wrong(
            {D_LINE: "loss_d = np.concatenate([np.logaddexp(0, -real), np.logaddexp(0, fake)]).mean()"},
            "You average over real and fake together. Each group has a mean of its own, and the two are added.",
        ),
        "sums": Wrong(
            {
                D_LINE: "loss_d = np.logaddexp(0, -real).sum() + np.logaddexp(0, fake).sum()",
                G_LINE: "loss_g = np.logaddexp(0, -fake).sum()",
            },
            "You add up over the pictures. A loss is their mean, or it would grow with the batch.",
        ),
        "generator first": Wrong(
            {"return loss_d, loss_g": "return loss_g, loss_d"},
            "Your two losses are exchanged: the discriminator's comes first.",
        ),
        "no real": Wrong(
            {D_LINE: "loss_d = np.logaddexp(0, fake).mean()"},
            "The real pictures are missing: calling everything fake would cost nothing.",
        ),
        "naive": Wrong(
            """
            def gan_losses(real, fake):
                def d(z):
                    return 1 / (1 + np.exp(-z))

                return -np.log(d(real)).mean() - np.log(1 - d(fake)).mean(), -np.log(d(fake)).mean()
            """,
            "Right for small logits. With large ones exp overflows and log meets 0: use np.logaddexp(0, z), which is "
            "log(1 + e^z).",
        ),
        "probabilities": Wrong(
            """
            def gan_losses(real, fake):
                with np.errstate(all="ignore"):
                    return -np.log(real).mean() - np.log(1 - fake).mean(), -np.log(fake).mean()
            """,
            "You take the logits for probabilities. D(x) is the sigmoid of the logit.",
        ),
    },
    also_right=[
        """
        def gan_losses(real, fake):
            def softplus(z):
                return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))

            return softplus(-real).mean() + softplus(fake).mean(), softplus(-fake).mean()
        """,
        """
        def gan_losses(real, fake):
            def bce(z, target):
                return np.mean((1 - target) * z + np.logaddexp(0, -z))

            return bce(real, 1) + bce(fake, 0), bce(fake, 1)
        """,
    ],
)
