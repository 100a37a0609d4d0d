"""Exercise 07.2: a step of an LSTM."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

_rng = np.random.default_rng(7)


def _random(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape).round(2)


_LSTM = (_random(12, 2), _random(12, 3), _random(12))

EXERCISE = Exercise(
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
            "all weights zero: every gate is at one half",
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
            "Input gate and forget gate are swapped. The first quarter is i, the second f, and f keeps the old "
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
            "The new cell contains nothing of the old one. f · c is what makes it a memory.",
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
            "h was computed from the old cell. First the new cell, then h = o · tanh(new c).",
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
    also_right=[
        """
        def sigmoid(z): return 1 / (1 + np.exp(-z))
        def lstm_step(x, h, c, W_ih, W_hh, b):
            n = h.shape[1]
            z = np.einsum("nf,gf->ng", x, W_ih) + np.einsum("nk,gk->ng", h, W_hh) + b
            i, f = sigmoid(z[:, :n]), sigmoid(z[:, n : 2 * n])
            g, o = np.tanh(z[:, 2 * n : 3 * n]), sigmoid(z[:, 3 * n :])
            cell = i * g + f * c
            return [o * np.tanh(cell), cell]
        """,
        """
        def lstm_step(x, h, c, W_ih, W_hh, b):
            hidden = c.shape[-1]
            z = (x @ W_ih.T + h @ W_hh.T + b).reshape(len(x), 4, hidden)
            half = 0.5 + 0.5 * np.tanh(z / 2)
            cell = half[:, 1] * c + half[:, 0] * np.tanh(z[:, 2])
            return np.stack([half[:, 3] * np.tanh(cell), cell])
        """,
        """
        def lstm_step(x, h, c, W_ih, W_hh, b):
            new_h, new_c = np.zeros_like(h), np.zeros_like(c)
            H = h.shape[1]
            for n in range(len(x)):
                for k in range(H):
                    def total(gate):
                        row = gate * H + k
                        return W_ih[row] @ x[n] + W_hh[row] @ h[n] + b[row]
                    i, f, o = (1 / (1 + np.exp(-total(gate))) for gate in (0, 1, 3))
                    new_c[n, k] = f * c[n, k] + i * np.tanh(total(2))
                    new_h[n, k] = o * np.tanh(new_c[n, k])
            return new_h.tolist(), new_c.tolist()
        """,
        """
        import torch
        def lstm_step(x, h, c, W_ih, W_hh, b):
            cell = torch.nn.LSTMCell(x.shape[1], h.shape[1])
            cell.load_state_dict({"weight_ih": torch.tensor(W_ih), "weight_hh": torch.tensor(W_hh),
                                  "bias_ih": torch.tensor(b), "bias_hh": torch.zeros(len(b))})
            return cell(torch.tensor(x).float(), (torch.tensor(h).float(), torch.tensor(c).float()))
        """,
        """
        def lstm_step(x, h, c, W_ih, W_hh, b):
            (Wi, Wf, Wg, Wo), (Ui, Uf, Ug, Uo), (bi, bf, bg, bo) = (np.split(w, 4) for w in (W_ih, W_hh, b))
            gate = lambda W, U, b: np.exp(-np.logaddexp(0, -(x @ W.T + h @ U.T + b)))
            c = c * gate(Wf, Uf, bf)
            c += gate(Wi, Ui, bi) * np.tanh(x @ Wg.T + h @ Ug.T + bg)
            return np.tanh(c) * gate(Wo, Uo, bo), c
        """,
        """
        def lstm_step(x, h, c, W_ih, W_hh, b):
            z = np.hstack([x, h, np.ones((len(x), 1))]) @ np.column_stack([W_ih, W_hh, b]).T
            i, f, g, o = np.hsplit(z.astype(np.float32), 4)
            def sigmoid(a):
                return np.where(a >= 0, 1 / (1 + np.exp(-np.abs(a))), np.exp(-np.abs(a)) / (1 + np.exp(-np.abs(a))))
            new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            new_h = sigmoid(o) * np.tanh(new_c)
            return new_h, new_c
        """,
    ],
)
