"""Exercise 07.3: the true last state."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

_rng = np.random.default_rng(7)


def _random(*shape: int) -> np.ndarray:
    return _rng.normal(size=shape).round(2)


_OUT = np.arange(12.0).reshape(2, 3, 2)

EXERCISE = Exercise(
    id="07.3",
    title="the true last state",
    stub='''
        def last_states(out, lengths):
            """Return the output of each sequence at its own last step.
            out: (N, T, hidden), padded at the end; lengths: (N,), whole numbers from 1 to T"""
            ...  # your code
        ''',
    hints=[
        "A name of three letters has the steps 0, 1, 2. What is the number of its last step? And how do you take a "
        "different step from every row?",
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
            "out[:, lengths - 1] takes all those steps of every row. Index with row numbers, too: one step per row.",
        ),
        "longest for all": Wrong(
            "def last_states(out, lengths): return out[:, np.max(lengths) - 1]",
            "You took the same step of every row. Each row has its own last one.",
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
            "You averaged over the true steps. That can serve a network well, but the last step is asked for.",
        ),
    },
    also_right=[
        "def last_states(out, lengths): return np.array([row[n - 1] for row, n in zip(out, lengths)])",
        "def last_states(out, lengths): return [out[i, lengths[i] - 1].tolist() for i in range(len(out))]",
        """
        def last_states(out, lengths):
            return np.take_along_axis(out, (lengths - 1)[:, None, None], axis=1)[:, 0]
        """,
        """
        def last_states(out, lengths):
            mask = np.arange(out.shape[1]) == lengths[:, None] - 1
            return out[mask]
        """,
        """
        def last_states(out, lengths):
            pick = np.eye(out.shape[1], dtype=np.float32)[lengths - 1]
            return np.einsum("nth,nt->nh", out, pick)
        """,
        """
        import torch
        def last_states(out, lengths):
            out, at = torch.tensor(out, dtype=torch.float32), torch.tensor(lengths) - 1
            return out.gather(1, at[:, None, None].expand(-1, 1, out.shape[2])).squeeze(1)
        """,
        """
        def last_states(out, lengths):
            last = np.zeros((out.shape[0], out.shape[2]))
            for t in range(out.shape[1]):
                last[lengths > t] = out[lengths > t, t]
            return last
        """,
        """
        def last_states(out, lengths):
            flat = out.reshape(-1, out.shape[-1])
            return flat[np.arange(len(out)) * out.shape[1] + lengths - 1]
        """,
        "def last_states(out, lengths): return out[np.arange(len(out)), lengths - out.shape[1] - 1]",
    ],
)
