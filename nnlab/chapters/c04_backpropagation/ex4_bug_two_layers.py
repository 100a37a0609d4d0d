"""Exercise 04.4: find the bug: one step of two layers."""

from nnlab.chapters.c04_backpropagation._two_layers import DY, W1, W2, X
from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="04.4",
    title="find the bug: one step of two layers",
    stub='''
        def step(x, W1, W2, dy, lr):
            """One step for h = tanh(x @ W1.T), y = h @ W2.T, given dy = dL/dy. Return the new W1 and W2.
            The loss goes down with it, yet something is wrong: fix it."""
            h = np.tanh(x @ W1.T)
            W2 = W2 - lr * dy.T @ h  # your code: from here
            dh = dy @ W2
            W1 = W1 - lr * (dh * (1 - h**2)).T @ x
            return W1, W2
        ''',
    hints=[
        "Which W2 did the forward pass use? And which one does the gradient pass through?",
        """
        All gradients belong to the weights of the forward pass.
        So first compute every gradient, then change the weights.
        """,
        """
        dW2 = dy.T @ h
        dh = dy @ ___
        dW1 = (dh * (1 - h**2)).T @ x
        return W1 - lr * ___, W2 - lr * ___
        """,
    ],
    solution="""
        def step(x, W1, W2, dy, lr):
            h = np.tanh(x @ W1.T)
            dW2 = dy.T @ h
            dh = dy @ W2
            dW1 = (dh * (1 - h**2)).T @ x
            return W1 - lr * dW1, W2 - lr * dW2
        """,
    cases=[
        Case("a step of 0 changes nothing", "step", (X, W1, W2, DY, 0.0), expected=(W1, W2), hint=2),
        Case("a large step", "step", (X, W1, W2, DY, 1.0), hint=2),
        Case("a small step", "step", (X, W1, W2, DY, 0.1), hint=3),
    ],
    wrong={
        "uphill": Wrong(
            """
            def step(x, W1, W2, dy, lr):
                h = np.tanh(x @ W1.T)
                dW2, dW1 = dy.T @ h, ((dy @ W2) * (1 - h**2)).T @ x
                return W1 + lr * dW1, W2 + lr * dW2
            """,
            "The order is right now, but you go uphill. Subtract the gradient.",
        ),
        "no slope": Wrong(
            """
            def step(x, W1, W2, dy, lr):
                h = np.tanh(x @ W1.T)
                return W1 - lr * (dy @ W2).T @ x, W2 - lr * dy.T @ h
            """,
            "The order is right now, but the slope of tanh, 1 - h², has gone missing.",
        ),
        "only one layer": Wrong(
            """
            def step(x, W1, W2, dy, lr):
                h = np.tanh(x @ W1.T)
                return W1, W2 - lr * dy.T @ h
            """,
            "Now W1 never changes. Its gradient is right as long as it is computed with the old W2.",
        ),
    },
)
