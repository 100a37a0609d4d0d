"""Exercise 25.3: PGD's projection."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

X = np.array([[0.5, 0.5, 0.5], [0.1, 0.9, 0.5]])
Z = np.array([[0.9, 0.45, 0.1], [-0.2, 0.9, 0.5]])
RNG = np.random.default_rng(4)
A = RNG.uniform(0, 1, (3, 5))
B = A + RNG.normal(size=(3, 5)) * np.array([[0.5], [0.02], [0.2]])  # far, inside, in between
INSIDE = np.array([[0.5, 0.5, 0.5]]), np.array([[0.55, 0.45, 0.5]])

EXERCISE = Exercise(
    id="25.3",
    title="PGD's projection",
    stub='''
        def project(z, x, eps, norm):
            """Bring z back to where it is allowed: within eps of x, then from 0 to 1. norm "linf": no entry
            of z - x beyond eps; "l2": no row of z - x longer than eps. x, z: (N, d) -> (N, d)"""
            ...  # your code
        ''',
    hints=[
        "Look at the change z - x. What is the nearest change that is allowed: for a box, and for a ball? And what "
        "happens to a change that is allowed already?",
        """
        d = z - x
        linf:  each entry of d clipped to [-eps, eps]
        l2:    each row of d times min(1, eps / its length)
        then   x + d, clipped to [0, 1]
        """,
        """
        d = z - x
        if norm == "linf":
            d = np.clip(d, ___, ___)
        else:
            length = np.linalg.norm(d, axis=___, keepdims=True)
            d = d * np.minimum(1, eps / np.maximum(length, 1e-12))
        return np.clip(___, 0, 1)
        """,
    ],
    solution="""
        def project(z, x, eps, norm):
            d = z - x
            if norm == "linf":
                d = np.clip(d, -eps, eps)
            else:
                length = np.linalg.norm(d, axis=1, keepdims=True)
                d = d * np.minimum(1, eps / np.maximum(length, 1e-12))
            return np.clip(x + d, 0, 1)
        """,
    cases=[
        Case(
            "linf: a box around each entry, and the range",
            "project",
            (Z, X, 0.3, "linf"),
            expected=[[0.8, 0.45, 0.2], [0.0, 0.9, 0.5]],
            hint=2,
        ),
        Case("l2: a row that is too long is shortened", "project", (B[:1], A[:1], 0.3, "l2"), hint=2),
        Case(
            "a change that is allowed stays", "project", (INSIDE[1], INSIDE[0], 0.3, "l2"), expected=INSIDE[1], hint=2
        ),
        Case("l2: each row by itself", "project", (B, A, 0.3, "l2"), hint=3),
        Case("no change has no length", "project", (A, A, 0.3, "l2"), expected=A, hint=3, fail_on_overflow=True),
        Case("linf: rows", "project", (B, A, 0.2, "linf"), hint=3),
    ],
    wrong={
        "range first": Wrong(
            {"d = z - x": "d = np.clip(z, 0, 1) - x", "return np.clip(x + d, 0, 1)": "return x + d"},
            "You clip to the range first, which turns the change before it is measured. Shrink it first, then clip.",
        ),
        "columns": Wrong(
            {"length = np.linalg.norm(d, axis=1, keepdims=True)": "length = np.linalg.norm(d, axis=0, keepdims=True)"},
            "You take the length of each column, a pixel over the batch. A picture is a row: axis=1.",
        ),
        "squared length": Wrong(
            {"length = np.linalg.norm(d, axis=1, keepdims=True)": "length = (d**2).sum(axis=1, keepdims=True)"},
            "That is the squared length. Take its root.",
        ),
        "around zero": Wrong(
            {"d = np.clip(d, -eps, eps)": "return np.clip(np.clip(z, -eps, eps), 0, 1)"},
            "You clip z itself to eps. The box lies around x: clip the change z - x, then add x again.",
        ),
        "always eps": Wrong(
            {"d = d * np.minimum(1, eps / np.maximum(length, 1e-12))": "d = d * eps / np.maximum(length, 1e-12)"},
            "You stretch short changes to length eps. What is inside of the ball stays: the factor is at most 1.",
        ),
        "one length": Wrong(
            {
                "length = np.linalg.norm(d, axis=1, keepdims=True)": "length = np.linalg.norm(d)",
            },
            "You take one length of the whole batch, so each picture's share depends on the others. One length a row.",
        ),
        "no range": Wrong(
            {"return np.clip(x + d, 0, 1)": "return x + d"},
            "What comes back leaves 0 to 1. After the projection, clip the picture to its range.",
        ),
        "only the change": Wrong(
            {"return np.clip(x + d, 0, 1)": "return d"},
            "That is the change. Add it to x.",
        ),
        "range only": Wrong(
            "def project(z, x, eps, norm): return np.clip(z, 0, 1)",
            "You keep the range, but not the distance: z may be anywhere. Shrink the change z - x first.",
        ),
        "linf for both": Wrong(
            "def project(z, x, eps, norm): return np.clip(x + np.clip(z - x, -eps, eps), 0, 1)",
            'That is the box, which is right for "linf". For "l2" a row of changes has a length: scale it.',
        ),
        "zero over zero": Wrong(
            {"d = d * np.minimum(1, eps / np.maximum(length, 1e-12))": "d = d * np.minimum(1, eps / length)"},
            "A row without a change has length 0, and you divide by it. Keep the length above 0.",
        ),
    },
    also_right=[
        """
        def project(z, x, eps, norm):
            if norm == "linf":
                return np.minimum(np.maximum(z, np.maximum(x - eps, 0)), np.minimum(x + eps, 1))
            out = np.array(z, dtype=float)
            for i in range(len(x)):
                length = np.sqrt(((z[i] - x[i]) ** 2).sum())
                if length > eps:
                    out[i] = x[i] + (z[i] - x[i]) * eps / length
            return np.clip(out, 0, 1)
        """,
        """
        def project(z, x, eps, norm):
            d = z - x
            if norm == "linf":
                factor = 1
                d = np.sign(d) * np.minimum(np.abs(d), eps)
            else:
                factor = eps / np.maximum(np.sqrt((d * d).sum(axis=1)), eps)[:, None]
            return (x + factor * d).clip(0, 1)
        """,
    ],
)
