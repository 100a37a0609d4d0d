"""Exercise 08.2: a step of Adam."""

from types import SimpleNamespace

import numpy as np

from nnlab.exercises.exercise import FLOAT32, Case, Exercise, Wrong
from nnlab.exercises.wording import as_array

_rng = np.random.default_rng(8)


def _random(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape).round(2)


def adam_walk(objects: SimpleNamespace, gradients: np.ndarray, lr: float) -> np.ndarray:
    """Where p stands after all these gradients, one a step, from 0."""
    p, m, v = np.zeros((3, gradients.shape[1]))
    for t, g in enumerate(gradients, 1):
        p, m, v = (np.asarray(as_array(part)) for part in objects.adam_step(p, m, v, g, t, lr))
    return p


_M2, _V2 = np.array([0.1, -0.2, 0.4]), np.array([0.04, 0.09, 0.25])

EXERCISE = Exercise(
    id="08.2",
    title="a step of Adam",
    stub='''
        def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
            """Make one step of Adam. Return the new parameters, m and v (both not corrected).
            p, m, v, g: of one shape; t: the number of this step, 1 for the first"""
            ...  # your code
        ''',
    hints=[
        "m and v start at 0 and are means of g and of g². After the first step, how much too small is each? And "
        "after step t?",
        """
        m ← b1 · m + (1 - b1) · g         v ← b2 · v + (1 - b2) · g²
        m^ = m / (1 - b1ᵗ)                v^ = v / (1 - b2ᵗ)        b1ᵗ is b1 to the power t
        p ← p - lr · m^ / (√v^ + eps)
        """,
        """
        b1, b2 = betas
        m = b1 * m + ___ * g
        v = b2 * v + ___ * g**2
        m_hat = m / (1 - b1**t)
        v_hat = v / ___
        return p - lr * m_hat / (___ + eps), m, v
        """,
    ],
    solution="""
        def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
            b1, b2 = betas
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g**2
            m_hat = m / (1 - b1**t)
            v_hat = v / (1 - b2**t)
            return p - lr * m_hat / (np.sqrt(v_hat) + eps), m, v
        """,
    cases=[
        Case(
            "the first step is lr long, whatever the gradient",
            "adam_step",
            (np.zeros(2), np.zeros(2), np.zeros(2), np.array([5.0, -0.25]), 1, 0.1),
            expected=([-0.1, 0.1], [0.5, -0.025], [0.025, 0.0000625]),
            hint=2,
        ),
        Case(
            "a later step",
            "adam_step",
            (np.ones(3), _M2, _V2, np.array([0.3, 0.1, -1.0]), 5, 0.1, (0.5, 0.8), 1e-8),
            hint=2,
        ),
        Case(
            "eps counts where gradients are tiny",
            "adam_step",
            (np.zeros(2), np.zeros(2), np.zeros(2), np.array([0.1, -0.3]), 1, 1.0, (0.9, 0.999), 0.1),
            expected=([-0.5, 0.75], [0.01, -0.03], [0.00001, 0.00009]),
            hint=3,
            rtol=1e-5,
        ),
        Case("thirty steps", adam_walk, (_random(30, 3), 0.01), hint=3, **FLOAT32),
        Case(
            "a table of parameters",
            "adam_step",
            (_random(2, 3), _random(2, 3), _random(2, 3) ** 2, _random(2, 3), 3),
            **FLOAT32,
        ),
    ],
    wrong={
        "no correction": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * m / (np.sqrt(v) + eps), m, v
            """,
            "m and v are right, but the step uses them as they are. They start at 0: correct both first.",
        ),
        "only m corrected": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * m / (1 - b1**t) / (np.sqrt(v) + eps), m, v
            """,
            "You corrected m only. v starts at 0, too: divide it by 1 - b2ᵗ.",
        ),
        "only v corrected": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * m / (np.sqrt(v / (1 - b2**t)) + eps), m, v
            """,
            "You corrected v only. m starts at 0, too: divide it by 1 - b1ᵗ.",
        ),
        "no eps": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * m / (1 - b1**t) / np.sqrt(v / (1 - b2**t)), m, v
            """,
            "eps has no effect. It stands in the denominator, added to the root: where gradients are tiny, it makes "
            "steps shorter.",
        ),
        "eps inside": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * m / (1 - b1**t) / np.sqrt(v / (1 - b2**t) + eps), m, v
            """,
            "eps stands under the root, where 1e-8 acts like 1e-4. Add it after the root.",
        ),
        "eps before the correction": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * np.sqrt(1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + eps), m, v
            """,
            "You added eps to the root of v before correcting it, so at first it acts much larger. Correct v, take "
            "the root, then add eps.",
        ),
        "no weight for g": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + g, b2 * v + g**2
                return p - lr * m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps), m, v
            """,
            "1 - b1 and 1 - b2 are missing, so m and v are sums. They should be means.",
        ),
        "weights exchanged": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = (1 - b1) * m + b1 * g, (1 - b2) * v + b2 * g**2
                return p - lr * m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps), m, v
            """,
            "The weights are exchanged: the old mean gets b1, the new gradient 1 - b1. The same for v.",
        ),
        "t from 0": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * m / (1 - b1 ** (t + 1)) / (np.sqrt(v / (1 - b2 ** (t + 1))) + eps), m, v
            """,
            "You corrected with t + 1, as if t began at 0. Here the first step has t = 1.",
        ),
        "t minus 1": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * m / (1 - b1 ** (t - 1)) / (np.sqrt(v / (1 - b2 ** (t - 1))) + eps), m, v
            """,
            "You corrected with t - 1. In the first step that divides by 1 - 1 = 0. Use t.",
        ),
        "no power": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * m / (1 - b1) / (np.sqrt(v / (1 - b2)) + eps), m, v
            """,
            "You corrected every step as if it were the first. The power is missing: 1 - b1ᵗ, which is 1 - b1**t.",
        ),
        "power of the difference": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * m / (1 - b1) ** t / (np.sqrt(v / (1 - b2) ** t) + eps), m, v
            """,
            "You took the power of 1 - b1. Only b1 is raised to the power: 1 - b1**t.",
        ),
        "corrected ones kept": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m = (b1 * m + (1 - b1) * g) / (1 - b1**t)
                v = (b2 * v + (1 - b2) * g**2) / (1 - b2**t)
                return p - lr * m / (np.sqrt(v) + eps), m, v
            """,
            "You returned the corrected m and v. Keep the plain ones, or they are corrected again and again.",
        ),
        "not squared": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g
                return p - lr * m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps), m, v
            """,
            "v averages g where g² is wanted: its root must be a size, never negative.",
        ),
        "no root": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * m / (1 - b1**t) / (v / (1 - b2**t) + eps), m, v
            """,
            "The root is missing: you divided by the mean of g². Then a large gradient makes a small step.",
        ),
        "betas exchanged": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b2, b1 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps), m, v
            """,
            "The two betas are exchanged: the first is for m, the second for v.",
        ),
        "the gradient in place of m": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p - lr * g / (np.sqrt(v / (1 - b2**t)) + eps), m, v
            """,
            "The step has g in the numerator. That is RMSprop, corrected. Adam has the mean there, m^.",
        ),
        "uphill": Wrong(
            """
            def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                b1, b2 = betas
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                return p + lr * m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps), m, v
            """,
            "Everything is right but the direction: subtract the step.",
        ),
    },
    also_right=[
        """
        def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
            m = m + (1 - betas[0]) * (g - m)
            v = betas[1] * v + (1 - betas[1]) * np.square(g)
            size = (v / (1 - betas[1] ** t)) ** 0.5 + eps
            p = p - lr / (1 - betas[0] ** t) * m / size
            return p, m, v
        """,
        """
        def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
            b1, b2 = betas
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g * g
            root = np.sqrt(1 - b2**t)
            return p - lr * root / (1 - b1**t) * m / (np.sqrt(v) + eps * root), m, v
        """,
        """
        import math
        def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
            b1, b2 = betas
            places = list(np.ndindex(p.shape))
            p, m, v = p.copy(), m.copy(), v.copy()
            for at in places:
                m[at] = b1 * m[at] + (1 - b1) * g[at]
                v[at] = b2 * v[at] + (1 - b2) * g[at] ** 2
                p[at] -= lr * (m[at] / (1 - math.pow(b1, t))) / (math.sqrt(v[at] / (1 - math.pow(b2, t))) + eps)
            return [p.tolist(), m.tolist(), v.tolist()]
        """,
        """
        import torch
        def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
            p, m, v, g = (torch.tensor(a) for a in (p, m, v, g))
            m = m.lerp(g, 1 - betas[0])
            v = v.mul(betas[1]).addcmul(g, g, value=1 - betas[1])
            m_hat, v_hat = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
            return p - lr * m_hat / (v_hat.sqrt() + eps), m, v
        """,
        """
        import torch
        def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
            p = torch.nn.Parameter(torch.tensor(p))
            opt = torch.optim.Adam([p], lr, betas, eps)
            opt.state[p] = {"step": torch.tensor(t - 1.0), "exp_avg": torch.tensor(m), "exp_avg_sq": torch.tensor(v)}
            p.grad = torch.tensor(g)
            opt.step()
            return p, opt.state[p]["exp_avg"], opt.state[p]["exp_avg_sq"]
        """,
        """
        def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
            p, m, v, g = (a.astype(np.float32) for a in (p, m, v, g))
            b1, b2 = betas
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g**2
            return p - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), m, v
        """,
    ],
)
