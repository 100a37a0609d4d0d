"""Exercise 08.3: two ways to decay."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from nnlab.exercises.exercise import FLOAT32, Case, Exercise, Wrong
from nnlab.exercises.running import ExplainedError
from nnlab.exercises.wording import as_array


def halved(g: np.ndarray) -> np.ndarray:
    """A direction that is easy to follow by hand; Adam's is not."""
    return np.asarray(g) / 2


def signs(g: np.ndarray) -> np.ndarray:
    """Adam's direction in its very first step: g / |g|."""
    return np.sign(np.asarray(g))


class _Adam:
    """Adam's direction for one gradient after another, with betas of 0.5 and 0.75."""

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
            end = np.asarray(as_array(step(end, np.array([10.0, 0.1]) * (-1.0) ** k, direction, lr, weight_decay)))
            if direction.t > k + 1:
                raise ExplainedError("adam was called more than once in a step.")
        ends.append(end)
    return tuple(ends)


EXERCISE = Exercise(
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
        "Which of the two should see weight_decay · p: Adam, which divides everything by its usual size, or only p?",
        """
        L2:     p ← p - lr · adam(g + weight_decay · p)
        AdamW:  p ← p - lr · adam(g) - lr · weight_decay · p      (the p from before the step)
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
        Case("five steps of both with a real Adam", both_walks, (np.array([3.0, -2.0]), 0.5, 0.5), hint=3, **FLOAT32),
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
            "Your AdamW is Adam with L2: the decay went into the gradient, and so into adam. Decay p itself.",
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
            "You decayed the parameters after the step. PyTorch decays those from before it: lr · weight_decay · the "
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
            "In the L2 step the decay has the wrong sign: the gradient of weight_decay · p² / 2 is + weight_decay · p.",
        ),
        "twice the decay": Wrong(
            "def adam_l2_step(p, g, adam, lr, weight_decay): return p - lr * adam(g + 2 * weight_decay * p)",
            "Your decay is twice as strong as it should be: the penalty is weight_decay · p² / 2, so the 2 goes away.",
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
    also_right=[
        """
        def adam_l2_step(p, g, adam, lr, weight_decay):
            total = g + weight_decay * p
            return p - lr * adam(total)
        def adamw_step(p, g, adam, lr, weight_decay):
            return p * (1 - lr * weight_decay) - lr * adam(g)
        """,
        """
        def adam_l2_step(p, g, adam, lr, weight_decay):
            return [a - lr * d for a, d in zip(p, adam([b + weight_decay * a for a, b in zip(p, g)]))]
        def adamw_step(p, g, adam, lr, weight_decay):
            direction = adam(g.tolist())
            return [p[i] - lr * direction[i] - lr * weight_decay * p[i] for i in range(len(p))]
        """,
        """
        import torch
        def adam_l2_step(p, g, adam, lr, weight_decay):
            p, g = torch.tensor(p, dtype=torch.float32), torch.tensor(g, dtype=torch.float32)
            return p - lr * torch.as_tensor(adam(g + weight_decay * p), dtype=torch.float32)
        def adamw_step(p, g, adam, lr, weight_decay):
            p, g = torch.tensor(p, dtype=torch.float32), torch.tensor(g, dtype=torch.float32)
            return p * (1 - lr * weight_decay) - lr * torch.as_tensor(adam(g), dtype=torch.float32)
        """,
        """
        def plain(p, direction, lr): return np.float32(p) - np.float32(lr) * np.float32(direction)
        def adam_l2_step(p, g, adam, lr, weight_decay): return plain(p, adam(np.float32(g + weight_decay * p)), lr)
        def adamw_step(p, g, adam, lr, weight_decay):
            decay = np.float32(weight_decay * p)
            return plain(p, adam(np.float32(g)) + decay, lr)
        """,
        """
        import torch
        def adam_l2_step(p, g, adam, lr, weight_decay):
            p = torch.tensor(p, requires_grad=True)
            (weight_decay * (p**2).sum() / 2).backward()
            return p.detach() - lr * torch.as_tensor(adam(p.grad.numpy() + g))
        def adamw_step(p, g, adam, lr, weight_decay):
            p = torch.nn.Parameter(torch.tensor(p))
            with torch.no_grad():
                p.mul_(1 - lr * weight_decay)
                p.sub_(torch.as_tensor(lr * adam(g)))
            return p
        """,
    ],
)
