"""Exercise 08.1: a step with momentum."""

from types import SimpleNamespace

import numpy as np

from nnlab.exercises.exercise import FLOAT32, Case, Exercise, Wrong
from nnlab.exercises.wording import as_array

_rng = np.random.default_rng(8)


def _random(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape).round(2)


def momentum_walk(objects: SimpleNamespace, p: np.ndarray, lr: float, mu: float, steps: int) -> np.ndarray:
    """This many steps down the bowl p[0]² / 2 + 10 p[1]² / 2."""
    v = np.zeros(2)
    for _ in range(steps):
        step = objects.momentum_step(p, v, np.array([1.0, 10.0]) * p, lr, mu)
        p, v = (np.asarray(as_array(part)) for part in step)  # lists and tensors go on as arrays
    return p


_P, _V, _G = np.array([1.0, 2.0]), np.array([4.0, -2.0]), np.array([1.0, 3.0])

EXERCISE = Exercise(
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
            **FLOAT32,
        ),
        Case(
            "at rest, the first step is plain descent",
            "momentum_step",
            (_P, np.zeros(2), _G, 0.1, 0.9),
            expected=([0.9, 1.7], [1.0, 3.0]),
            hint=2,
            **FLOAT32,
        ),
        Case(
            "a table of parameters",
            "momentum_step",
            (_random(3, 2), _random(3, 2), _random(3, 2), 0.03, 0.9),
            **FLOAT32,
        ),
        Case("twenty steps down a bowl", momentum_walk, (_P, 0.05, 0.9, 20), hint=3, **FLOAT32),
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
            "In your form v holds lr and points downhill. Some books have it, too; PyTorch's v is mu · v + g, and "
            "p moves by -lr · v.",
        ),
        "old velocity": Wrong(
            "def momentum_step(p, v, g, lr, mu): return p - lr * v, mu * v + g",
            "You moved p with the old velocity. First the new v, then the step.",
        ),
        "velocity not used": Wrong(
            "def momentum_step(p, v, g, lr, mu): return p - lr * g, mu * v + g",
            "v is right, but p moved only by the gradient. That is plain descent.",
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
            "That is Nesterov's step, g + mu · v. Here only v moves p.",
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
    also_right=[
        """
        def momentum_step(p, v, g, lr, mu):
            v = v * mu
            v += g
            p = p.copy()
            p -= lr * v
            return p, v
        """,
        "def momentum_step(p, v, g, lr, mu): return p - lr * mu * v - lr * g, g + mu * v",
        """
        def momentum_step(p, v, g, lr, mu):
            new_p, new_v = np.empty(p.shape), np.empty(v.shape)
            for place in np.ndindex(p.shape):
                new_v[place] = mu * v[place] + g[place]
                new_p[place] = p[place] - lr * new_v[place]
            return [new_p.tolist(), new_v.tolist()]
        """,
        """
        def momentum_step(p, v, g, lr, mu):
            new_v = np.add(mu * v, g)
            return np.array([np.subtract(p, lr * new_v), new_v])
        """,
        """
        import torch
        def momentum_step(p, v, g, lr, mu):
            p, v, g = (torch.tensor(t, dtype=torch.float32) for t in (p, v, g))
            v.mul_(mu).add_(g)
            return torch.stack([p.sub(v, alpha=lr), v])
        """,
        """
        import torch
        def momentum_step(p, v, g, lr, mu):
            p = torch.nn.Parameter(torch.tensor(p))
            opt = torch.optim.SGD([p], lr=lr, momentum=mu)
            opt.state[p]["momentum_buffer"] = torch.tensor(v)
            p.grad = torch.tensor(g)
            opt.step()
            return p, opt.state[p]["momentum_buffer"]
        """,
    ],
)
