"""Exercise 10.2: L1: its gradient, and a step that lands on zero."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="10.2",
    title="L1: its gradient, and a step that lands on zero",
    stub='''
        def l1_gradient(w, strength):
            """Return the gradient of strength * sum(|w|) with respect to w; where an entry is 0, take 0."""
            ...  # your code


        def shrink(w, amount):
            """Move each entry of w towards 0 by amount; what would pass 0 stops there.
            w: any shape; amount: a number, at least 0"""
            ...  # your code
        ''',
    hints=[
        "How steep is |w| at 5? At 0.001? At -3? And what must happen to 0.1 when it is to move by 0.3?",
        """
        d|w|/dw = 1 for w > 0, -1 for w < 0: the sign, whatever the size
        shrink:  w - amount if w > amount;   w + amount if w < -amount;   0 in between
        as one line:  sign(w) · max(|w| - amount, 0)
        """,
        """
        def l1_gradient(w, strength):
            return strength * np.sign(___)

        def shrink(w, amount):
            return np.sign(w) * np.maximum(___ - amount, ___)
        """,
    ],
    solution="""
        def l1_gradient(w, strength):
            return strength * np.sign(w)


        def shrink(w, amount):
            return np.sign(w) * np.maximum(np.abs(w) - amount, 0)
        """,
    cases=[
        Case(
            "the same size for large and small weights",
            "l1_gradient",
            (np.array([5.0, 0.001, -3.0, -0.2]), 0.1),
            expected=[0.1, 0.1, -0.1, -0.1],
            hint=2,
        ),
        Case("at zero, zero", "l1_gradient", (np.array([2.0, 0.0, -2.0]), 0.5), expected=[0.5, 0.0, -0.5], hint=3),
        Case("a matrix", "l1_gradient", (np.array([[1.0, -1.0], [-4.0, 0.0]]), 2.0), hint=3),
        Case(
            "both sides move towards zero",
            "shrink",
            (np.array([5.0, 1.0, -3.0, -0.5]), 0.25),
            expected=[4.75, 0.75, -2.75, -0.25],
            hint=2,
        ),
        Case(
            "what would pass zero stops there",
            "shrink",
            (np.array([0.1, -0.1, 0.0, 0.3, -2.0]), 0.3),
            expected=[0.0, 0.0, 0.0, 0.0, -1.7],
            hint=2,
        ),
        Case("a matrix, by nothing", "shrink", (np.array([[1.0, -1.0], [-4.0, 0.0]]), 0.0), hint=3),
    ],
    wrong={
        "gradient of w²": Wrong(
            "def l1_gradient(w, strength): return strength * 2 * w",
            "That is the gradient of w², L2's. It fades near zero; the slope of |w| does not: it is the sign of w.",
        ),
        "w itself": Wrong(
            "def l1_gradient(w, strength): return strength * w",
            "You took w for the slope of |w|. The slope is 1 or -1, whatever the size: the sign of w.",
        ),
        "|w| itself": Wrong(
            "def l1_gradient(w, strength): return strength * np.abs(w)",
            "That is the penalty of each entry, not its slope. The slope of |w| is the sign of w.",
        ),
        "no sign": Wrong(
            "def l1_gradient(w, strength): return strength * np.ones_like(w)",
            "Negative entries get a positive gradient, which drives them away from zero. Their slope is -1.",
        ),
        "no strength": Wrong(
            "def l1_gradient(w, strength): return np.sign(w)",
            "The strength is missing: multiply the sign by it.",
        ),
        "one at zero": Wrong(
            "def l1_gradient(w, strength): return strength * np.where(w >= 0, 1.0, -1.0)",
            "An entry of 0 is at its goal, and you push it away. There take 0, as np.sign does.",
        ),
        "averaged": Wrong(
            "def l1_gradient(w, strength): return strength * np.sign(w) / np.size(w)",
            "You divided by the number of entries. The penalty is a sum, not a mean.",
        ),
        "passes zero": Wrong(
            "def shrink(w, amount): return w - amount * np.sign(w)",
            "Small entries jump over zero to the other side, so none is ever exactly 0. Stop them there.",
        ),
        "always down": Wrong(
            "def shrink(w, amount): return np.maximum(w - amount, 0)",
            "Negative entries are lost. Shrink their size and give them their sign back.",
        ),
        "subtracts from all": Wrong(
            "def shrink(w, amount): return w - amount",
            "Everything moves down, so negative entries move away from zero. Each should move towards it.",
        ),
        "cut only": Wrong(
            "def shrink(w, amount): return np.where(np.abs(w) > amount, w, 0.0)",
            "Small entries are cut to 0, but the large ones do not move. They shrink by amount, too.",
        ),
        "sign lost": Wrong(
            "def shrink(w, amount): return np.maximum(np.abs(w) - amount, 0)",
            "The sizes are right, but negative entries came back positive. Multiply by the sign of w.",
        ),
        "clipped": Wrong(
            "def shrink(w, amount): return np.clip(w, -amount, amount)",
            "You clipped to the range from -amount to amount. Wanted is what is left when that is taken away.",
        ),
    },
    also_right=[
        """
        def l1_gradient(w, strength): return strength * ((w > 0).astype(float) - (w < 0))
        def shrink(w, amount): return w - np.clip(w, -amount, amount)
        """,
        """
        def l1_gradient(w, strength): return np.where(w == 0, 0, np.copysign(strength, w))
        def shrink(w, amount): return np.where(w > amount, w - amount, np.where(w < -amount, w + amount, 0))
        """,
        """
        def l1_gradient(w, strength):
            grad = np.zeros_like(w, dtype=np.float32)
            for place in np.ndindex(w.shape):
                if w[place]:
                    grad[place] = strength * w[place] / abs(w[place])
            return grad
        def shrink(w, amount):
            out = w.copy()
            out[w > 0] = np.maximum(w[w > 0] - amount, 0)
            out[w < 0] = np.minimum(w[w < 0] + amount, 0)
            return out
        """,
        """
        import torch
        def l1_gradient(w, strength):
            t = torch.tensor(w, requires_grad=True)
            (strength * t.abs().sum()).backward()
            return t.grad
        def shrink(w, amount): return torch.nn.functional.softshrink(torch.tensor(w), amount)
        """,
    ],
)
