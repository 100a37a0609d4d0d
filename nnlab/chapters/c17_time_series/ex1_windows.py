"""Exercise 17.1: a series cut into windows."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="17.1",
    title="a series cut into windows",
    stub='''
        def cut_windows(series, length, horizon):
            """Return (x, y): every place of the series as a question. x: (N, length), y: (N, horizon),
            the values right after. The first window begins at the first value, the last one ends at
            the last value. series: (T,) with T >= length + horizon"""
            ...  # your code
        ''',
    hints=[
        "Write the windows of 0, 1, 2, 3, 4 with length 2 and horizon 2 on paper. How many are there?",
        """
        x[i] = series[i : i + length]
        y[i] = series[i + length : i + length + horizon]
        the last window ends at T:  i + length + horizon = T,  so N = T - length - horizon + 1
        """,
        """
        n = ___
        x = np.array([series[i : i + length] for i in range(n)])
        y = np.array([series[___ : ___] for i in range(n)])
        return x, y
        """,
    ],
    solution="""
        def cut_windows(series, length, horizon):
            n = len(series) - length - horizon + 1
            x = np.array([series[i : i + length] for i in range(n)])
            y = np.array([series[i + length : i + length + horizon] for i in range(n)])
            return x, y
        """,
    cases=[
        Case(
            "length 2, horizon 1",
            "cut_windows",
            (np.array([5.0, 7.0, 6.0, 8.0]), 2, 1),
            expected=(np.array([[5.0, 7.0], [7.0, 6.0]]), np.array([[6.0], [8.0]])),
            hint=2,
        ),
        Case(
            "length 2, horizon 2: the targets are the two values after the inputs",
            "cut_windows",
            (np.array([0.0, 1.0, 4.0, 9.0, 16.0]), 2, 2),
            expected=(np.array([[0.0, 1.0], [1.0, 4.0]]), np.array([[4.0, 9.0], [9.0, 16.0]])),
            hint=2,
        ),
        Case(
            "a series that holds exactly one window",
            "cut_windows",
            (np.array([3.0, 1.0, 2.0]), 2, 1),
            expected=(np.array([[3.0, 1.0]]), np.array([[2.0]])),
            hint=2,
        ),
        Case("a week read, a day ahead", "cut_windows", (np.sin(np.arange(200.0)), 168, 24), hint=3),
    ],
    wrong={
        "last one lost": Wrong(
            {"n = len(series) - length - horizon + 1": "n = len(series) - length - horizon"},
            "The last window is missing. With 3 values, length 2 and horizon 1 there is one window, not none.",
        ),
        "overlap": Wrong(
            {
                "y = np.array([series[i + length : i + length + horizon] for i in range(n)])": "y = np.array("
                "[series[i + length - 1 : i + length - 1 + horizon] for i in range(n)])"
            },
            "Your first target is the last input, too: the model would be given the answer. Targets begin right after "
            "the inputs.",
        ),
        "side by side": Wrong(
            """
            def cut_windows(series, length, horizon):
                starts = range(0, len(series) - length - horizon + 1, length + horizon)
                x = np.array([series[i : i + length] for i in starts])
                y = np.array([series[i + length : i + length + horizon] for i in starts])
                return x, y
            """,
            "Your windows stand side by side. Every place of the series is a question, so the next window begins one "
            "value later.",
        ),
        "last target only": Wrong(
            {
                "y = np.array([series[i + length : i + length + horizon] for i in range(n)])": "y = np.array("
                "[series[i + length + horizon - 1 : i + length + horizon] for i in range(n)])"
            },
            "You return only the last of the targets. y has all `horizon` values that follow: (N, horizon).",
        ),
    },
    also_right=[
        """
        def cut_windows(series, length, horizon):
            every = np.lib.stride_tricks.sliding_window_view(series, length + horizon)
            return every[:, :length], every[:, length:]
        """,
        """
        def cut_windows(series, length, horizon):
            start = np.arange(length, len(series) - horizon + 1)[:, None]
            return series[start + np.arange(-length, 0)], series[start + np.arange(horizon)]
        """,
    ],
)
