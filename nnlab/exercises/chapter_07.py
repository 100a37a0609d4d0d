"""Chapter 07, recurrent networks: a step of an RNN, a step of an LSTM, and the last state of a padded batch."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

_rng = np.random.default_rng(7)


def _random(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape).round(2)


_RNN = (_random(3, 2), _random(3, 3), _random(3))  # W_ih, W_hh, b: 2 features, 3 numbers of state
_LSTM = (_random(12, 2), _random(12, 3), _random(12))
_EYE = (np.eye(1), np.eye(1), np.zeros(1))
_OUT = np.arange(12.0).reshape(2, 3, 2)

EXERCISES = [
    Exercise(
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
                "one input, one number of state",
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
                "You go from sequence to sequence. Time is axis 1: step t reads x[:, t].",
            ),
            "backwards": Wrong(
                {"for t in range(x.shape[1]):": "for t in reversed(range(x.shape[1])):"},
                "You read from the last step to the first. Begin with x[:, 0].",
            ),
            "no tanh": Wrong(
                "def rnn_step(x, h, W_ih, W_hh, b): return x @ W_ih.T + h @ W_hh.T + b",
                "The sum is right, but it never goes through tanh. Without a bend the state can grow without bound.",
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
                "The state's part stands outside of tanh. Sum first, then one tanh over all.",
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
                "Time comes first in your answer: (T, N, hidden). Batch first is wanted: stack along axis 1.",
            ),
            "reshaped": Wrong(
                {"return np.stack(states, axis=1)": "return np.reshape(states, (len(x), x.shape[1], len(b)))"},
                "The states are right, but reshape mixed up rows and steps: it keeps the order of the numbers and cuts "
                "them anew. Stack along axis 1.",
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
    ),
    Exercise(
        id="07.2",
        title="a step of an LSTM",
        stub='''
            def lstm_step(x, h, c, W_ih, W_hh, b):
                """Return the new state h and the new cell c of every row.
                x: (N, features); h, c: (N, hidden); W_ih: (4 * hidden, features); W_hh: (4 * hidden, hidden);
                b: (4 * hidden,). Rows in PyTorch's order: input gate, forget gate, candidate g, output gate"""
                ...  # your code
            ''',
        hints=[
            "One product gives all four sums at once, (N, 4 * hidden). Which quarter is which, and which one is not a "
            "gate?",
            """
            z = x · W_ihᵀ + h · W_hhᵀ + b, cut into four along axis 1
            i = σ(z_1)   f = σ(z_2)   g = tanh(z_3)   o = σ(z_4)
            new c = f · c + i · g
            new h = o · tanh(new c)
            """,
            """
            z = x @ W_ih.T + h @ W_hh.T + b
            i, f, g, o = np.split(z, 4, axis=1)
            i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
            c = ___ * c + ___ * np.tanh(g)
            h = o * ___
            return h, c
            """,
        ],
        solution="""
            def lstm_step(x, h, c, W_ih, W_hh, b):
                z = x @ W_ih.T + h @ W_hh.T + b
                i, f, g, o = np.split(z, 4, axis=1)
                i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
                c = f * c + i * np.tanh(g)
                return o * np.tanh(c), c
            """,
        cases=[
            Case(
                "all weights zero: every gate stands at one half",
                "lstm_step",
                (np.ones((1, 1)), np.ones((1, 1)), np.ones((1, 1)), np.zeros((4, 1)), np.zeros((4, 1)), np.zeros(4)),
                expected=([[0.2310586]], [[0.5]]),
                rtol=1e-5,
                hint=2,
            ),
            Case(
                "forget gate open, input gate shut: the cell keeps what it has",
                "lstm_step",
                (
                    np.ones((1, 1)),
                    np.zeros((1, 1)),
                    np.array([[0.75]]),
                    np.zeros((4, 1)),
                    np.zeros((4, 1)),
                    np.array([-40.0, 40.0, 3.0, 40.0]),
                ),
                expected=([[0.6351490]], [[0.75]]),
                rtol=1e-5,
                hint=2,
            ),
            Case(
                "four rows",
                "lstm_step",
                (_random(4, 2), _random(4, 3), _random(4, 3), *_LSTM),
                hint=3,
                rtol=1e-5,
                atol=1e-6,
            ),
        ],
        wrong={
            "no sigmoid": Wrong(
                """
                def lstm_step(x, h, c, W_ih, W_hh, b):
                    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)
                    c = f * c + i * np.tanh(g)
                    return o * np.tanh(c), c
                """,
                "i, f and o never went through the sigmoid, so they are not between 0 and 1.",
            ),
            "order i, f, o, g": Wrong(
                {
                    "z = x @ W_ih.T + h @ W_hh.T + b": "i, f, o, g = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)",
                    "i, f, g, o = np.split(z, 4, axis=1)": "",
                },
                "Your order is i, f, o, g. PyTorch's is i, f, g, o: the third quarter is the candidate, the last the "
                "output gate.",
            ),
            "order f, i, g, o": Wrong(
                {
                    "z = x @ W_ih.T + h @ W_hh.T + b": "f, i, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)",
                    "i, f, g, o = np.split(z, 4, axis=1)": "",
                },
                "Input gate and forget gate are exchanged. The first quarter is i, the second f, and f keeps the old "
                "cell: f · c + i · g.",
            ),
            "sigmoid on g": Wrong(
                """
                def lstm_step(x, h, c, W_ih, W_hh, b):
                    i, f, g, o = np.split(1 / (1 + np.exp(-(x @ W_ih.T + h @ W_hh.T + b))), 4, axis=1)
                    c = f * c + i * g
                    return o * np.tanh(c), c
                """,
                "g went through the sigmoid, so it could only ever add. g is no gate: tanh, from -1 to 1.",
            ),
            "g as it is": Wrong(
                """
                def lstm_step(x, h, c, W_ih, W_hh, b):
                    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)
                    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
                    c = f * c + i * g
                    return o * np.tanh(c), c
                """,
                "g never went through tanh, so a single step can add anything. The candidate lies between -1 and 1.",
            ),
            "no output gate": Wrong(
                """
                def lstm_step(x, h, c, W_ih, W_hh, b):
                    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)
                    i, f = (1 / (1 + np.exp(-gate)) for gate in (i, f))
                    c = f * c + i * np.tanh(g)
                    return np.tanh(c), c
                """,
                "The cell is right, but the output gate has no effect: h is o · tanh(c).",
            ),
            "old cell forgotten": Wrong(
                """
                def lstm_step(x, h, c, W_ih, W_hh, b):
                    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)
                    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
                    c = i * np.tanh(g)
                    return o * np.tanh(c), c
                """,
                "The new cell has no part of the old one. f · c is what makes it a memory.",
            ),
            "h where c belongs": Wrong(
                """
                def lstm_step(x, h, c, W_ih, W_hh, b):
                    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)
                    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
                    c = f * h + i * np.tanh(g)
                    return o * np.tanh(c), c
                """,
                "The forget gate was multiplied by h. It guards the cell: f · c.",
            ),
            "no tanh of the cell": Wrong(
                """
                def lstm_step(x, h, c, W_ih, W_hh, b):
                    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)
                    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
                    c = f * c + i * np.tanh(g)
                    return o * c, c
                """,
                "The cell is right, but h is o · tanh(c), not o · c.",
            ),
            "h of the old cell": Wrong(
                """
                def lstm_step(x, h, c, W_ih, W_hh, b):
                    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)
                    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
                    return o * np.tanh(c), f * c + i * np.tanh(g)
                """,
                "h was made of the old cell. First the new cell, then h = o · tanh(new c).",
            ),
            "h overwritten too early": Wrong(
                """
                def lstm_step(x, h, c, W_ih, W_hh, b):
                    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)
                    i, f = (1 / (1 + np.exp(-gate)) for gate in (i, f))
                    c = f * c + i * np.tanh(g)
                    h = np.tanh(c)
                    o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)[3]
                    return h / (1 + np.exp(-o)), c
                """,
                "The output gate was computed from a new h. All four gates read the old state: compute them first.",
            ),
            "cell and state exchanged": Wrong(
                """
                def lstm_step(x, h, c, W_ih, W_hh, b):
                    i, f, g, o = np.split(x @ W_ih.T + h @ W_hh.T + b, 4, axis=1)
                    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
                    c = f * c + i * np.tanh(g)
                    return c, o * np.tanh(c)
                """,
                "Both are right, but in the wrong order. Return h first, then c.",
            ),
        },
    ),
    Exercise(
        id="07.3",
        title="the true last state",
        stub='''
            def last_states(out, lengths):
                """Return the output of each sequence at its own last step.
                out: (N, T, hidden), padded at the end; lengths: (N,), whole numbers from 1 to T"""
                ...  # your code
            ''',
        hints=[
            "A name of three letters has the steps 0, 1, 2. Which number has its last one? And how do you take another "
            "step from every row?",
            """
            answer[n] = out[n, lengths[n] - 1]
            NumPy takes one entry per row where you index with two arrays: out[[0, 1, 2], [4, 0, 2]]
            """,
            """
            rows = np.arange(___)
            return out[rows, ___]
            """,
        ],
        solution="""
            def last_states(out, lengths):
                rows = np.arange(len(out))
                return out[rows, np.asarray(lengths) - 1]
            """,
        cases=[
            Case(
                "lengths 2 and 1 of 3",
                "last_states",
                (_OUT, np.array([2, 1])),
                expected=[[2.0, 3.0], [6.0, 7.0]],
                hint=2,
            ),
            Case("nothing padded", "last_states", (_OUT, np.array([3, 3])), expected=[[4.0, 5.0], [10.0, 11.0]]),
            Case("as many rows as steps", "last_states", (_random(3, 3, 2), np.array([1, 3, 2])), hint=3),
            Case("five rows", "last_states", (_random(5, 4, 3), np.array([4, 1, 2, 3, 1])), hint=3),
        ],
        wrong={
            "reads padding": Wrong(
                "def last_states(out, lengths): return out[:, -1]",
                "out[:, -1] is the last place of the table. For a short sequence, that is padding.",
            ),
            "one too far": Wrong(
                "def last_states(out, lengths): return out[np.arange(len(out)), np.minimum(lengths, out.shape[1] - 1)]",
                "You are one step too far: steps count from 0, so a sequence of length 3 ends at step 2.",
            ),
            "one too far, cycling": Wrong(
                "def last_states(out, lengths): return out[np.arange(len(out)), np.asarray(lengths) % out.shape[1]]",
                "You read the step after the last, and begin again at 0 where there is none. Subtract 1.",
            ),
            "every row's step of every row": Wrong(
                "def last_states(out, lengths): return out[:, np.asarray(lengths) - 1]",
                "out[:, lengths - 1] takes all those steps of every row. Index with the row numbers, too: one step a "
                "row.",
            ),
            "longest for all": Wrong(
                "def last_states(out, lengths): return out[:, np.max(lengths) - 1]",
                "You took one and the same step of every row. Each row has its own last one.",
            ),
            "from the end": Wrong(
                "def last_states(out, lengths): return out[np.arange(len(out)), -np.asarray(lengths)]",
                "You counted from the end of the table, as if the padding came first. It comes last: count from 0.",
            ),
            "mean": Wrong(
                """
                def last_states(out, lengths):
                    return np.stack([row[:n].mean(axis=0) for row, n in zip(out, lengths)])
                """,
                "You averaged over the true steps. That can serve a network well, but the last one is wanted.",
            ),
        },
    ),
]
