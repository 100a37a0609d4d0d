"""Exercise 07.1: a step of an RNN, and all steps."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

_rng = np.random.default_rng(7)


def _random(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape).round(2)


_RNN = (_random(3, 2), _random(3, 3), _random(3))  # W_ih, W_hh, b: 2 features, 3 numbers of state
_EYE = (np.eye(1), np.eye(1), np.zeros(1))

EXERCISE = Exercise(
    id="07.1",
    title="a step of an RNN, and all steps",
    stub='''
        def rnn_step(x, h, W_ih, W_hh, b):
            """Return the new state tanh(W_ih x + W_hh h + b) of every row.
            x: (N, features); h: (N, hidden); W_ih: (hidden, features); W_hh: (hidden, hidden); b: (hidden,)"""
            ...  # your code


        def rnn_forward(x, W_ih, W_hh, b):
            """Begin with a state of zeros, read x step by step, return the state after every step.
            x: (N, T, features); returns (N, T, hidden)"""
            ...  # your code
        ''',
    hints=[
        "A row x of a batch meets the rows of W_ih. Which of the two must be transposed, as in a linear layer? And "
        "what does step 5 need that only step 4 can give?",
        """
        h_t = tanh(x_t · W_ihᵀ + h_(t-1) · W_hhᵀ + b),  h_0 = zeros of shape (N, hidden)
        x[:, t] is what the whole batch reads at step t.
        """,
        """
        def rnn_step(x, h, W_ih, W_hh, b):
            return np.tanh(x @ ___ + h @ ___ + b)

        def rnn_forward(x, W_ih, W_hh, b):
            h, states = np.zeros(___), []
            for t in range(x.shape[1]):
                h = rnn_step(___, h, W_ih, W_hh, b)
                states.append(h)
            return np.stack(states, axis=___)
        """,
    ],
    solution="""
        def rnn_step(x, h, W_ih, W_hh, b):
            return np.tanh(x @ W_ih.T + h @ W_hh.T + b)


        def rnn_forward(x, W_ih, W_hh, b):
            h, states = np.zeros((len(x), len(b))), []
            for t in range(x.shape[1]):
                h = rnn_step(x[:, t], h, W_ih, W_hh, b)
                states.append(h)
            return np.stack(states, axis=1)
        """,
    cases=[
        Case(
            "one input, a state of one number",
            "rnn_step",
            (np.array([[0.5]]), np.array([[0.25]]), *_EYE),
            expected=[[0.6351490]],
            rtol=1e-5,
            hint=2,
        ),
        Case("four rows", "rnn_step", (_random(4, 2), _random(4, 3), *_RNN), hint=3, rtol=1e-5, atol=1e-6),
        Case(
            "two steps: the second remembers the first",
            "rnn_forward",
            (np.array([[[0.5], [0.0]]]), *_EYE),
            expected=[[[0.4621172], [0.4318081]]],
            rtol=1e-5,
            hint=2,
        ),
        Case("four rows, five steps", "rnn_forward", (_random(4, 5, 2), *_RNN), hint=3, rtol=1e-5, atol=1e-6),
    ],
    wrong={
        "over the batch": Wrong(
            """
            def rnn_forward(x, W_ih, W_hh, b):
                h, states = np.zeros((x.shape[1], len(b))), []
                for n in range(len(x)):
                    h = rnn_step(x[n], h, W_ih, W_hh, b)
                    states.append(h)
                return np.stack(states)
            """,
            "You loop over the sequences. Time is axis 1: step t reads x[:, t].",
        ),
        "backwards": Wrong(
            {"for t in range(x.shape[1]):": "for t in reversed(range(x.shape[1])):"},
            "You read from the last step to the first. Begin with x[:, 0].",
        ),
        "no tanh": Wrong(
            "def rnn_step(x, h, W_ih, W_hh, b): return x @ W_ih.T + h @ W_hh.T + b",
            "The sum is right, but it never goes through tanh. Without a nonlinearity the state can grow without "
            "bound.",
        ),
        "sigmoid": Wrong(
            "def rnn_step(x, h, W_ih, W_hh, b): return 1 / (1 + np.exp(-(x @ W_ih.T + h @ W_hh.T + b)))",
            "You used the sigmoid. A plain RNN's state goes through tanh.",
        ),
        "relu": Wrong(
            "def rnn_step(x, h, W_ih, W_hh, b): return np.maximum(x @ W_ih.T + h @ W_hh.T + b, 0)",
            "You used ReLU. A plain RNN's state goes through tanh, which keeps it between -1 and 1.",
        ),
        "no bias": Wrong(
            "def rnn_step(x, h, W_ih, W_hh, b): return np.tanh(x @ W_ih.T + h @ W_hh.T)",
            "The bias is missing: add b before tanh.",
        ),
        "state not transposed": Wrong(
            "def rnn_step(x, h, W_ih, W_hh, b): return np.tanh(x @ W_ih.T + h @ W_hh + b)",
            "h is multiplied by W_hh the wrong way round. It is square, so nothing crashes: write h @ W_hh.T.",
        ),
        "tanh only of the input": Wrong(
            "def rnn_step(x, h, W_ih, W_hh, b): return np.tanh(x @ W_ih.T + b) + h @ W_hh.T",
            "The state's part is outside tanh. Add everything first, then apply one tanh.",
        ),
        "state forgotten": Wrong(
            """
            def rnn_forward(x, W_ih, W_hh, b):
                h = np.zeros((len(x), len(b)))
                return np.stack([rnn_step(x[:, t], h, W_ih, W_hh, b) for t in range(x.shape[1])], axis=1)
            """,
            "Every step begins with zeros, so nothing is remembered. Hand each step the state of the one before.",
        ),
        "only the last": Wrong(
            """
            def rnn_forward(x, W_ih, W_hh, b):
                h = np.zeros((len(x), len(b)))
                for t in range(x.shape[1]):
                    h = rnn_step(x[:, t], h, W_ih, W_hh, b)
                return h
            """,
            "You returned the last state only. Keep the state after every step: (N, T, hidden).",
        ),
        "time first": Wrong(
            {"return np.stack(states, axis=1)": "return np.stack(states)"},
            "Time comes first in your answer: (T, N, hidden). It should be batch first: stack along axis 1.",
        ),
        "reshaped": Wrong(
            {"return np.stack(states, axis=1)": "return np.reshape(states, (len(x), x.shape[1], len(b)))"},
            "The states are right, but reshape mixed up rows and steps: it keeps the order of the numbers and only "
            "cuts them again. Stack along axis 1.",
        ),
        "one step short": Wrong(
            """
            def rnn_forward(x, W_ih, W_hh, b):
                h, states = np.zeros((len(x), len(b))), []
                for t in range(x.shape[1]):
                    states.append(h)
                    h = rnn_step(x[:, t], h, W_ih, W_hh, b)
                return np.stack(states, axis=1)
            """,
            "You kept each state before its step. Step first, then keep, so that entry t has read x[:, t].",
        ),
    },
    also_right=[
        """
        def rnn_step(x, h, W_ih, W_hh, b):
            return np.tanh(np.concatenate([x, h], axis=1) @ np.concatenate([W_ih, W_hh], axis=1).T + b)
        def rnn_forward(x, W_ih, W_hh, b):
            n, steps, _ = x.shape
            out = np.zeros((n, steps, W_hh.shape[0]))
            for t in range(steps):
                before = out[:, t - 1] if t > 0 else np.zeros((n, W_hh.shape[0]))
                out[:, t, :] = rnn_step(x[:, t, :], before, W_ih, W_hh, b)
            return out
        """,
        """
        def rnn_step(x, h, W_ih, W_hh, b):
            out = np.empty_like(h)
            for n in range(len(x)):
                for i in range(len(b)):
                    total = b[i]
                    for j in range(x.shape[1]):
                        total += W_ih[i, j] * x[n, j]
                    for j in range(len(b)):
                        total += W_hh[i, j] * h[n, j]
                    out[n, i] = np.tanh(total)
            return out
        def rnn_forward(x, W_ih, W_hh, b):
            answer = []
            for sequence in x:
                h, states = np.zeros((1, len(b))), []
                for step in sequence:
                    h = rnn_step(step[None], h, W_ih, W_hh, b)
                    states.append(h[0].tolist())
                answer.append(states)
            return answer
        """,
        """
        def rnn_step(x, h, W_ih, W_hh, b):
            z = np.einsum("nf,hf->nh", x, W_ih) + np.einsum("nk,hk->nh", h, W_hh) + b
            return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
        def rnn_forward(x, W_ih, W_hh, b):
            states = [np.zeros((x.shape[0], b.size))]
            for x_t in np.swapaxes(x, 0, 1):
                states.append(rnn_step(x_t, states[-1], W_ih, W_hh, b))
            return np.array(states[1:]).transpose(1, 0, 2)
        """,
        """
        import torch
        def rnn_step(x, h, W_ih, W_hh, b):
            x, h, W_ih, W_hh, b = (torch.as_tensor(t, dtype=torch.float32) for t in (x, h, W_ih, W_hh, b))
            return torch.tanh(x @ W_ih.T + h @ W_hh.T + b)
        def rnn_forward(x, W_ih, W_hh, b):
            h, states = torch.zeros(len(x), len(b)), []
            for t in range(x.shape[1]):
                h = rnn_step(x[:, t], h, W_ih, W_hh, b)
                states.append(h)
            return torch.stack(states, dim=1)
        """,
        """
        def rnn_step(x, h, W_ih, W_hh, b):
            z = np.dot(x, W_ih.T)
            z += np.dot(h, W_hh.T)
            z += b
            return np.tanh(z, out=z)
        def rnn_forward(x, W_ih, W_hh, b):
            h = np.zeros(W_hh.shape[0])
            return np.stack([h := rnn_step(x[:, t], h, W_ih, W_hh, b) for t in range(x.shape[1])], 1)
        """,
        """
        def rnn_step(x, h, W_ih, W_hh, b):
            x, h, W_ih, W_hh, b = (t.astype(np.float32) for t in (x, h, W_ih, W_hh, b))
            return 2 / (1 + np.exp(-2 * (x @ W_ih.T + h @ W_hh.T + b))) - 1
        def rnn_forward(x, W_ih, W_hh, b):
            drive = x @ W_ih.T + b
            h = np.tanh(drive[:, 0])
            states = [h]
            for t in range(1, x.shape[1]):
                h = np.tanh(drive[:, t] + h @ W_hh.T)
                states.append(h)
            return np.stack(states, axis=1)
        """,
    ],
)
