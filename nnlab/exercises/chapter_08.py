"""Chapter 08, optimizers: a step with momentum, a step of Adam, and two ways to add weight decay to it."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong
from nnlab.exercises.judge import Told, numbers

_rng = np.random.default_rng(8)


def _random(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape).round(2)


def momentum_walk(objects: SimpleNamespace, p: np.ndarray, lr: float, mu: float, steps: int) -> np.ndarray:
    """So many steps down the bowl p[0]² / 2 + 10 p[1]² / 2."""
    v = np.zeros(2)
    for _ in range(steps):
        step = objects.momentum_step(p, v, np.array([1.0, 10.0]) * p, lr, mu)
        p, v = (np.asarray(numbers(part)) for part in step)  # lists and tensors go on as arrays
    return p


def adam_walk(objects: SimpleNamespace, gradients: np.ndarray, lr: float) -> np.ndarray:
    """Where p stands after all these gradients, one a step, from 0."""
    p, m, v = np.zeros((3, gradients.shape[1]))
    for t, g in enumerate(gradients, 1):
        p, m, v = (np.asarray(numbers(part)) for part in objects.adam_step(p, m, v, g, t, lr))
    return p


def halved(g: np.ndarray) -> np.ndarray:
    """A direction that is easy to follow by hand; Adam's is not."""
    return np.asarray(g) / 2


def signs(g: np.ndarray) -> np.ndarray:
    """Adam's direction in its very first step: g / |g|."""
    return np.sign(np.asarray(g))


class _Adam:
    """Adam's direction for one gradient after the other, with betas of 0.5 and 0.75."""

    def __init__(self) -> None:
        self.m, self.v, self.t = np.zeros(2), np.zeros(2), 0

    def __call__(self, g: Any) -> np.ndarray:
        self.t += 1
        self.m = 0.5 * self.m + 0.5 * np.asarray(g)
        self.v = 0.75 * self.v + 0.25 * np.asarray(g) ** 2
        return self.m / (1 - 0.5**self.t) / (np.sqrt(self.v / (1 - 0.75**self.t)) + 1e-8)


def both_walks(objects: SimpleNamespace, p: np.ndarray, lr: float, weight_decay: float) -> tuple[np.ndarray, ...]:
    """Five steps each, with gradients of very different sizes."""
    ends = []
    for step in (objects.adam_l2_step, objects.adamw_step):
        end, direction = np.asarray(p), _Adam()
        for k in range(5):
            end = np.asarray(numbers(step(end, np.array([10.0, 0.1]) * (-1.0) ** k, direction, lr, weight_decay)))
            if direction.t > k + 1:
                raise Told("adam was called more than once in a step.")
        ends.append(end)
    return tuple(ends)


_P, _V, _G = np.array([1.0, 2.0]), np.array([4.0, -2.0]), np.array([1.0, 3.0])
_M2, _V2 = np.array([0.1, -0.2, 0.4]), np.array([0.04, 0.09, 0.25])
_FLOAT32: Any = dict(rtol=1e-5, atol=1e-6)  # also right where it is computed in float32

EXERCISES = [
    Exercise(
        id="08.1",
        title="a step with momentum",
        stub='''
            def momentum_step(p, v, g, lr, mu):
                """Make one step in PyTorch's convention. Return the new parameters and the new velocity.
                p, v, g: parameters, velocity and gradient, of one shape; lr: learning rate; mu: momentum"""
                ...  # your code
            ''',
        hints=[
            "A ball keeps a share of its speed and is pushed by the slope. Which of the two, speed or slope, moves it?",
            """
            v ← mu · v + g
            p ← p - lr · v        with the new v
            mu = 0.5, v = 4, g = 1: the new v is 3
            """,
            """
            v = ___ * v + ___
            p = p - lr * ___
            return p, v
            """,
        ],
        solution="""
            def momentum_step(p, v, g, lr, mu):
                v = mu * v + g
                return p - lr * v, v
            """,
        cases=[
            Case(
                "three quarters of the old velocity, and the gradient",
                "momentum_step",
                (_P, _V, _G, 0.1, 0.75),
                expected=([0.6, 1.85], [4.0, 1.5]),
                hint=2,
                **_FLOAT32,
            ),
            Case(
                "at rest, the first step is plain descent",
                "momentum_step",
                (_P, np.zeros(2), _G, 0.1, 0.9),
                expected=([0.9, 1.7], [1.0, 3.0]),
                hint=2,
                **_FLOAT32,
            ),
            Case(
                "a table of parameters",
                "momentum_step",
                (_random(3, 2), _random(3, 2), _random(3, 2), 0.03, 0.9),
                **_FLOAT32,
            ),
            Case("twenty steps down a bowl", momentum_walk, (_P, 0.05, 0.9, 20), hint=3, **_FLOAT32),
        ],
        wrong={
            "dampened": Wrong(
                """
                def momentum_step(p, v, g, lr, mu):
                    v = mu * v + (1 - mu) * g
                    return p - lr * v, v
                """,
                "You weighted the gradient with 1 - mu, which makes v a mean. PyTorch adds the whole gradient; "
                "the other form is its option dampening.",
            ),
            "weights exchanged": Wrong(
                """
                def momentum_step(p, v, g, lr, mu):
                    v = (1 - mu) * v + mu * g
                    return p - lr * v, v
                """,
                "You weighted v with 1 - mu and g with mu. It is mu · v, and the whole gradient.",
            ),
            "lr inside": Wrong(
                """
                def momentum_step(p, v, g, lr, mu):
                    v = mu * v + lr * g
                    return p - v, v
                """,
                "You put lr into v. Some books do, but then a new lr acts late. PyTorch keeps v free of lr: multiply "
                "when you move p.",
            ),
            "lr inside, downhill": Wrong(
                """
                def momentum_step(p, v, g, lr, mu):
                    v = mu * v - lr * g
                    return p + v, v
                """,
                "In your form v holds lr and points downhill. It is in some books, too; PyTorch's v is mu · v + g, and "
                "p moves by -lr · v.",
            ),
            "old velocity": Wrong(
                "def momentum_step(p, v, g, lr, mu): return p - lr * v, mu * v + g",
                "You moved p with the old velocity. First the new v, then the step.",
            ),
            "velocity not used": Wrong(
                "def momentum_step(p, v, g, lr, mu): return p - lr * g, mu * v + g",
                "v is right, but p moved by the gradient alone. That is plain descent.",
            ),
            "uphill": Wrong(
                """
                def momentum_step(p, v, g, lr, mu):
                    v = mu * v + g
                    return p + lr * v, v
                """,
                "v is right, but you went uphill. Subtract lr · v.",
            ),
            "negative velocity": Wrong(
                """
                def momentum_step(p, v, g, lr, mu):
                    v = mu * v - g
                    return p + lr * v, v
                """,
                "Your v points downhill. PyTorch's v adds up gradients, so it points uphill, and is subtracted.",
            ),
            "nesterov": Wrong(
                """
                def momentum_step(p, v, g, lr, mu):
                    v = mu * v + g
                    return p - lr * (g + mu * v), v
                """,
                "That is Nesterov's step, g + mu · v. Here v alone moves p.",
            ),
            "exchanged": Wrong(
                """
                def momentum_step(p, v, g, lr, mu):
                    v = mu * v + g
                    return v, p - lr * v
                """,
                "Both are right, but in the wrong order. Return p first, then v.",
            ),
            "velocity forgotten": Wrong(
                """
                def momentum_step(p, v, g, lr, mu):
                    return p - lr * (mu * v + g), v
                """,
                "p is right, but you returned the old velocity, so nothing builds up.",
            ),
        },
    ),
    Exercise(
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
            Case("thirty steps", adam_walk, (_random(30, 3), 0.01), hint=3, **_FLOAT32),
            Case(
                "a table of parameters",
                "adam_step",
                (_random(2, 3), _random(2, 3), _random(2, 3) ** 2, _random(2, 3), 3),
                **_FLOAT32,
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
                "eps has no effect. It stands below the line, added to the root: where gradients are tiny, it makes "
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
                "1 - b1 and 1 - b2 are forgotten, so m and v are sums. They should be means.",
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
                "You corrected every step like the first. The power is missing: 1 - b1ᵗ, which is 1 - b1**t.",
            ),
            "power of the difference": Wrong(
                """
                def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                    b1, b2 = betas
                    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                    return p - lr * m / (1 - b1) ** t / (np.sqrt(v / (1 - b2) ** t) + eps), m, v
                """,
                "You took the power of 1 - b1. The power is of b1 alone: 1 - b1**t.",
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
                "v averages g where g² is wanted: its root is to be a size, never negative.",
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
                "The step has g above the line. That is RMSprop, corrected. Adam has the mean there, m^.",
            ),
            "uphill": Wrong(
                """
                def adam_step(p, m, v, g, t, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
                    b1, b2 = betas
                    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
                    return p + lr * m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps), m, v
                """,
                "All is right but the direction: subtract the step.",
            ),
        },
    ),
    Exercise(
        id="08.3",
        title="two ways to decay",
        stub='''
            def adam_l2_step(p, g, adam, lr, weight_decay):
                """Adam with L2: the decay is part of the gradient. Return the new parameters.
                adam(g) takes a gradient and returns Adam's direction, corrected m over root of corrected v.
                It remembers every gradient that it sees, so call it once a step."""
                ...  # your code


            def adamw_step(p, g, adam, lr, weight_decay):
                """AdamW: the decay goes past Adam, straight to the parameters. Return the new parameters."""
                ...  # your code
            ''',
        hints=[
            "Who should see weight_decay · p: Adam, which divides everything by its usual size, or only p?",
            """
            L2:     p ← p - lr · adam(g + weight_decay · p)
            AdamW:  p ← p - lr · adam(g) - lr · weight_decay · p      (the p of before the step)
            """,
            """
            def adam_l2_step(p, g, adam, lr, weight_decay):
                return p - lr * adam(g + ___)

            def adamw_step(p, g, adam, lr, weight_decay):
                return p - lr * adam(___) - lr * ___
            """,
        ],
        solution="""
            def adam_l2_step(p, g, adam, lr, weight_decay):
                return p - lr * adam(g + weight_decay * p)


            def adamw_step(p, g, adam, lr, weight_decay):
                return p - lr * (adam(g) + weight_decay * p)
            """,
        cases=[
            Case(
                "L2, where adam halves",
                "adam_l2_step",
                (np.array([4.0, -4.0]), np.array([-1.0, 5.0]), halved, 0.1, 0.5),
                expected=[3.95, -4.15],
                hint=2,
            ),
            Case(
                "L2, where adam only takes signs: the decay of 2 beats a gradient of -1",
                "adam_l2_step",
                (np.array([4.0, -4.0]), np.array([-1.0, -1.0]), signs, 0.1, 0.5),
                expected=[3.9, -3.9],
                hint=2,
            ),
            Case(
                "AdamW, where adam only takes signs: the decay does not ask for them",
                "adamw_step",
                (np.array([4.0, -4.0]), np.array([-1.5, -0.5]), signs, 0.1, 0.5),
                expected=[3.9, -3.7],
                hint=2,
            ),
            Case(
                "AdamW, no gradient: p shrinks by the share lr · weight_decay",
                "adamw_step",
                (np.array([4.0, -4.0]), np.zeros(2), signs, 0.5, 0.1),
                expected=[3.8, -3.8],
                hint=2,
            ),
            Case(
                "five steps of both with a real Adam", both_walks, (np.array([3.0, -2.0]), 0.5, 0.5), hint=3, **_FLOAT32
            ),
        ],
        wrong={
            "L2 without decay": Wrong(
                "def adam_l2_step(p, g, adam, lr, weight_decay): return p - lr * adam(g)",
                "That is plain Adam: your L2 step has no decay. Add weight_decay · p to the gradient.",
            ),
            "AdamW without decay": Wrong(
                "def adamw_step(p, g, adam, lr, weight_decay): return p - lr * adam(g)",
                "That is plain Adam: your AdamW step has no decay. Subtract lr · weight_decay · p as well.",
            ),
            "both the same": Wrong(
                "def adamw_step(p, g, adam, lr, weight_decay): return p - lr * adam(g + weight_decay * p)",
                "Your AdamW is Adam with L2: the decay went into the gradient, and so through adam. Decay p itself.",
            ),
            "L2 outside": Wrong(
                "def adam_l2_step(p, g, adam, lr, weight_decay): return p - lr * (adam(g) + weight_decay * p)",
                "Your L2 is AdamW already: the decay went past adam. For L2 it joins the gradient first.",
            ),
            "no lr": Wrong(
                "def adamw_step(p, g, adam, lr, weight_decay): return p - lr * adam(g) - weight_decay * p",
                "The decay is not multiplied by lr. In AdamW it is, so that a schedule lowers both together.",
            ),
            "the gradient as it is": Wrong(
                "def adamw_step(p, g, adam, lr, weight_decay): return p - lr * (g + weight_decay * p)",
                "Your AdamW step follows the gradient itself. It follows adam(g); only the decay goes past adam.",
            ),
            "decay after the step": Wrong(
                """
                def adamw_step(p, g, adam, lr, weight_decay):
                    p = p - lr * adam(g)
                    return p - lr * weight_decay * p
                """,
                "You decayed the parameters after the step. PyTorch decays those of before it: lr · weight_decay · the "
                "old p.",
            ),
            "grows": Wrong(
                "def adamw_step(p, g, adam, lr, weight_decay): return p - lr * adam(g) + lr * weight_decay * p",
                "The sign of the decay is wrong: this makes parameters grow.",
            ),
            "shrinks to a share": Wrong(
                "def adamw_step(p, g, adam, lr, weight_decay): return (1 - weight_decay) * (p - lr * adam(g))",
                "You keep the share 1 - weight_decay of all. It is 1 - lr · weight_decay, and of the old p only.",
            ),
            "decay of the sign": Wrong(
                "def adamw_step(p, g, adam, lr, weight_decay): return p - lr * (adam(g) + weight_decay * np.sign(p))",
                "You subtracted the sign of p: that is L1. Weight decay is proportional to p.",
            ),
            "L2 grows": Wrong(
                "def adam_l2_step(p, g, adam, lr, weight_decay): return p - lr * adam(g - weight_decay * p)",
                "In the L2 step the decay has the wrong sign: the gradient of weight_decay · p² / 2 is "
                "+ weight_decay · p.",
            ),
            "twice the decay": Wrong(
                "def adam_l2_step(p, g, adam, lr, weight_decay): return p - lr * adam(g + 2 * weight_decay * p)",
                "Your decay is twice too strong: the penalty is weight_decay · p² / 2, so the 2 goes away.",
            ),
            "lr in the gradient": Wrong(
                "def adam_l2_step(p, g, adam, lr, weight_decay): return p - lr * adam(g + lr * weight_decay * p)",
                "In the L2 step, lr counts twice for the decay. The whole direction is multiplied by lr already.",
            ),
            "adam twice": Wrong(
                """
                def adamw_step(p, g, adam, lr, weight_decay):
                    adam(g)
                    return p - lr * (adam(g) + weight_decay * p)
                """,
                "You called adam twice. It remembers every gradient: call it once.",
            ),
        },
    ),
]
