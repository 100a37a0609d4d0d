"""Exercise 25.2: the fast gradient sign method."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

X = np.array([[0.5, 0.2, 0.95, 0.03], [0.0, 1.0, 0.4, 0.6]])
G = np.array([[3.0, -0.01, 0.2, -7.0], [-1.0, 2.0, 0.0, 1e-6]])
RNG = np.random.default_rng(3)
PICTURES, SLOPES = RNG.uniform(0, 1, (3, 1, 4, 4)), RNG.normal(size=(3, 1, 4, 4))

EXERCISE = Exercise(
    id="25.2",
    title="the fast gradient sign method",
    stub='''
        def attack(x, gradient, eps, targeted=False):
            """Return x after one step of eps in every entry, kept from 0 to 1. gradient: dL/dx, of the true
            label's loss, which is to rise; if targeted, of the target's loss, which is to fall."""
            ...  # your code
        ''',
    hints=[
        "Each entry may move by eps, up or down, whatever the size of its gradient. Which way raises the loss?",
        """
        x' = x + eps sign(g)       the loss rises
        x' = x - eps sign(g)       targeted: the target's loss falls
        then everything below 0 becomes 0, everything above 1 becomes 1
        """,
        """
        way = -1 if targeted else 1
        return np.clip(x + way * ___ * np.sign(___), ___, ___)
        """,
    ],
    solution="""
        def attack(x, gradient, eps, targeted=False):
            way = -1 if targeted else 1
            return np.clip(x + way * eps * np.sign(gradient), 0, 1)
        """,
    cases=[
        Case(
            "up where the gradient is positive, down where it is negative",
            "attack",
            (X, G, 0.1),
            expected=[[0.6, 0.1, 1.0, 0.0], [0.0, 1.0, 0.4, 0.7]],
            hint=2,
        ),
        Case("eps = 0 changes nothing", "attack", (X, G, 0.0), expected=X, hint=2),
        Case("targeted: the other way", "attack", (X, G, 0.1, True), hint=2),
        Case("pictures", "attack", (PICTURES, SLOPES, 0.3), hint=3),
    ],
    wrong={
        "no sign": Wrong(
            {
                "return np.clip(x + way * eps * np.sign(gradient), 0, 1)": "return np.clip(x + way * eps * gradient, "
                "0, 1)"
            },
            "You step by the gradient itself, so most entries hardly move and some move too far. Take its sign.",
        ),
        "no clip": Wrong(
            {"return np.clip(x + way * eps * np.sign(gradient), 0, 1)": "return x + way * eps * np.sign(gradient)"},
            "Some entries leave 0 to 1: no picture has such pixels. Clip the result to its range.",
        ),
        "downhill": Wrong(
            {"way = -1 if targeted else 1": "way = 1 if targeted else -1"},
            "That lowers the loss: you help the network. Untargeted attacks go up the gradient, targeted ones down.",
        ),
        "target ignored": Wrong(
            {"way = -1 if targeted else 1": "way = 1"},
            "With targeted=True the loss is the target's, and it should fall: step against its gradient.",
        ),
        "unit length": Wrong(
            """
            def attack(x, gradient, eps, targeted=False):
                way = -1 if targeted else 1
                return np.clip(x + way * eps * gradient / np.linalg.norm(gradient), 0, 1)
            """,
            "That step has length eps in all. Here every entry may move by eps: use the sign of each.",
        ),
        "clipped change": Wrong(
            """
            def attack(x, gradient, eps, targeted=False):
                way = -1 if targeted else 1
                return x + np.clip(way * eps * np.sign(gradient), 0, 1)
            """,
            "You clip the change, which removes all that is negative. Clip the picture after the step.",
        ),
    },
    also_right=[
        """
        def attack(x, gradient, eps, targeted=False):
            g = -gradient if targeted else gradient
            z = x + eps * (g > 0) - eps * (g < 0)
            return np.minimum(np.maximum(z, 0), 1)
        """,
        """
        def attack(x, gradient, eps, targeted=False):
            step = np.where(gradient == 0, 0, np.where(gradient > 0, eps, -eps))
            z = np.array(x - step if targeted else x + step)
            z[z < 0] = 0
            z[z > 1] = 1
            return z
        """,
    ],
)
