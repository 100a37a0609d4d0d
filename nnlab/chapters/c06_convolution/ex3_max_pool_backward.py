"""Exercise 06.3: max-pooling, backward."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

_rng = np.random.default_rng(6)


def _whole(*shape: int) -> np.ndarray:
    return _rng.integers(-4, 5, size=shape).astype(float)


EXERCISE = Exercise(
    id="06.3",
    title="max-pooling, backward",
    stub='''
        def maxpool_backward(x, dy, k, stride):
            """For y = the greatest entry of each k x k window of x: given dy = dL/dy, return dL/dx.
            x: (H, W), all entries different; dy: (H', W').
            Window (i, j) begins at row i * stride, column j * stride."""
            ...  # your code
        ''',
    hints=[
        "Which entries of a window changed its maximum when they grew by a little? And if one entry is the "
        "greatest in two windows?",
        """
        dL/dx is zero except at the maximum of each window, which gets that window's dy.
        Paths add: where windows overlap, one entry may get several dy.
        row, column = np.unravel_index(window.argmax(), window.shape) is the place inside the window
        """,
        """
        dx = np.zeros(x.shape)
        for i in range(dy.shape[0]):
            for j in range(dy.shape[1]):
                window = x[___ : ___ + k, ___ : ___ + k]
                row, column = np.unravel_index(window.argmax(), window.shape)
                dx[___ + row, ___ + column] ___ dy[i, j]
        return dx
        """,
    ],
    solution="""
        def maxpool_backward(x, dy, k, stride):
            dx = np.zeros(x.shape)
            for i in range(dy.shape[0]):
                for j in range(dy.shape[1]):
                    window = x[i * stride : i * stride + k, j * stride : j * stride + k]
                    row, column = np.unravel_index(window.argmax(), window.shape)
                    dx[i * stride + row, j * stride + column] += dy[i, j]
            return dx
        """,
    cases=[
        Case(
            "two windows side by side",
            "maxpool_backward",
            (np.array([[1.0, 9.0, 2.0, 3.0], [4.0, 5.0, 8.0, 6.0]]), np.array([[10.0, 20.0]]), 2, 2),
            expected=[[0.0, 10.0, 0.0, 0.0], [0.0, 0.0, 20.0, 0.0]],
            hint=2,
        ),
        Case(
            "negative numbers have a maximum too",
            "maxpool_backward",
            (np.array([[-5.0, -2.0], [-7.0, -3.0]]), np.array([[4.0]]), 2, 2),
            expected=[[0.0, 4.0], [0.0, 0.0]],
            hint=2,
        ),
        Case(
            "a leftover row and column get nothing",
            "maxpool_backward",
            (_rng.permutation(25).reshape(5, 5) - 12.0, np.array([[1.0, -2.0], [3.0, 0.5]]), 2, 2),
            hint=2,
        ),
        Case(
            "windows that overlap add up",
            "maxpool_backward",
            (
                np.array([[1.0, 2.0, 3.0], [4.0, 9.0, 5.0], [6.0, 7.0, 8.0]]),
                np.array([[1.0, 2.0], [3.0, 4.0]]),
                2,
                1,
            ),
            expected=[[0.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 0.0]],
            hint=3,
        ),
        Case(
            "larger windows that overlap",
            "maxpool_backward",
            (_rng.permutation(49).reshape(7, 7) - 24.0, _whole(3, 3), 3, 2),
            hint=3,
        ),
    ],
    wrong={
        "smallest": Wrong(
            """
            _right = maxpool_backward

            def maxpool_backward(x, dy, k, stride):
                return _right(-x, dy, k, stride)
            """,
            "dy went to the smallest entry. The output is the greatest: argmax.",
        ),
        "overwritten": Wrong(
            """
            def maxpool_backward(x, dy, k, stride):
                dx = np.zeros(x.shape)
                for i in range(dy.shape[0]):
                    for j in range(dy.shape[1]):
                        window = x[i * stride : i * stride + k, j * stride : j * stride + k]
                        row, column = np.unravel_index(window.argmax(), window.shape)
                        dx[i * stride + row, j * stride + column] = dy[i, j]
                return dx
            """,
            "One entry can be the greatest in several windows. You keep only the last of them: add with +=.",
        ),
        "shared out": Wrong(
            """
            def maxpool_backward(x, dy, k, stride):
                dx = np.zeros(x.shape)
                for i in range(dy.shape[0]):
                    for j in range(dy.shape[1]):
                        dx[i * stride : i * stride + k, j * stride : j * stride + k] += dy[i, j] / k**2
                return dx
            """,
            "You shared dy out over the whole window. That is the backward pass of an average; here only one entry "
            "decided.",
        ),
        "to all": Wrong(
            """
            def maxpool_backward(x, dy, k, stride):
                dx = np.zeros(x.shape)
                for i in range(dy.shape[0]):
                    for j in range(dy.shape[1]):
                        dx[i * stride : i * stride + k, j * stride : j * stride + k] += dy[i, j]
                return dx
            """,
            "Every entry of the window got dy. Only the greatest moved the output; the others get 0.",
        ),
        "first entry": Wrong(
            """
            def maxpool_backward(x, dy, k, stride):
                dx = np.zeros(x.shape)
                for i in range(dy.shape[0]):
                    for j in range(dy.shape[1]):
                        dx[i * stride, j * stride] += dy[i, j]
                return dx
            """,
            "dy went to the corner of the window. It belongs where the maximum was.",
        ),
        "place in the window": Wrong(
            {"dx[i * stride + row, j * stride + column] += dy[i, j]": "dx[row, column] += dy[i, j]"},
            "argmax gives the place inside the window. Add where the window begins.",
        ),
        "no stride": Wrong(
            """
            def maxpool_backward(x, dy, k, stride):
                dx = np.zeros(x.shape)
                for i in range(dy.shape[0]):
                    for j in range(dy.shape[1]):
                        window = x[i : i + k, j : j + k]
                        row, column = np.unravel_index(window.argmax(), window.shape)
                        dx[i + row, j + column] += dy[i, j]
                return dx
            """,
            "stride has no effect. Window (i, j) begins at row i · stride, column j · stride.",
        ),
        "no stride in the place": Wrong(
            {"dx[i * stride + row, j * stride + column] += dy[i, j]": "dx[i + row, j + column] += dy[i, j]"},
            "Your windows are right, but where you add, their corner is (i, j). It is (i · stride, j · stride).",
        ),
        "row and column exchanged": Wrong(
            """
            def maxpool_backward(x, dy, k, stride):
                dx = np.zeros(x.shape)
                for i in range(dy.shape[0]):
                    for j in range(dy.shape[1]):
                        window = x[i * stride : i * stride + k, j * stride : j * stride + k]
                        column, row = np.unravel_index(window.argmax(), window.shape)
                        dx[i * stride + row, j * stride + column] += dy[i, j]
                return dx
            """,
            "Inside the window, row and column are exchanged. unravel_index gives the row first.",
        ),
        "k for stride": Wrong(
            """
            def maxpool_backward(x, dy, k, stride):
                dx = np.zeros(x.shape)
                for i in range(dy.shape[0]):
                    for j in range(dy.shape[1]):
                        window = x[i * k : i * k + k, j * k : j * k + k]
                        if window.size:
                            row, column = np.unravel_index(window.argmax(), window.shape)
                            dx[i * k + row, j * k + column] += dy[i, j]
                return dx
            """,
            "Your windows move by k. They move by stride, which can be smaller.",
        ),
        "times x": Wrong(
            """
            _right = maxpool_backward
            def maxpool_backward(x, dy, k, stride):
                return x * _right(x, dy, k, stride)
            """,
            "You multiplied by the maximum itself. The maximum follows its entry with slope 1, so dy passes unchanged.",
        ),
        "one maximum for all": Wrong(
            """
            def maxpool_backward(x, dy, k, stride):
                return np.where(x == x.max(), dy.sum(), 0.0)
            """,
            "You looked for one maximum in the whole of x. Every window has one of its own.",
        ),
        "magnitude": Wrong(
            """
            def maxpool_backward(x, dy, k, stride):
                dx = np.zeros(x.shape)
                for i in range(dy.shape[0]):
                    for j in range(dy.shape[1]):
                        window = abs(x[i * stride : i * stride + k, j * stride : j * stride + k])
                        row, column = np.unravel_index(window.argmax(), window.shape)
                        dx[i * stride + row, j * stride + column] += dy[i, j]
                return dx
            """,
            "You took the entry with the greatest magnitude, ignoring the sign. The maximum of -5 and -2 is -2.",
        ),
    },
    also_right=[
        """
        def maxpool_backward(x, dy, k, stride):
            dx = np.zeros_like(x)
            for (i, j), value in np.ndenumerate(dy):
                rows, columns = slice(i * stride, i * stride + k), slice(j * stride, j * stride + k)
                dx[rows, columns] += value * (x[rows, columns] == x[rows, columns].max())
            return dx
        """,
        """
        def maxpool_backward(x, dy, k, stride):
            dx = [[0.0] * x.shape[1] for _ in range(x.shape[0])]
            for i in range(dy.shape[0]):
                for j in range(dy.shape[1]):
                    best, at = -np.inf, None
                    for row in range(i * stride, i * stride + k):
                        for column in range(j * stride, j * stride + k):
                            if x[row, column] > best:
                                best, at = x[row, column], (row, column)
                    dx[at[0]][at[1]] += dy[i, j]
            return dx
        """,
        """
        import torch
        def maxpool_backward(x, dy, k, stride):
            t = torch.tensor(x, requires_grad=True)
            y = torch.nn.functional.max_pool2d(t[None, None], k, stride)
            y.backward(torch.tensor(dy)[None, None])
            return t.grad
        """,
        """
        def maxpool_backward(x, dy, k, stride):
            h, w = dy.shape
            windows = np.lib.stride_tricks.sliding_window_view(x, (k, k))[::stride, ::stride][:h, :w]
            row, column = np.divmod(windows.reshape(h, w, k * k).argmax(axis=2), k)
            dx = np.zeros(x.shape)
            np.add.at(dx, (row + stride * np.arange(h)[:, None], column + stride * np.arange(w)), dy)
            return dx
        """,
        """
        def maxpool_backward(x, dy, k, stride):
            dx = np.zeros(x.shape, dtype=np.float32)
            for i in range(dy.shape[0]):
                for j in range(dy.shape[1]):
                    top = x[i * stride:i * stride + k, j * stride:j * stride + k].max()
                    dx[x == top] += dy[i, j]
            return dx
        """,
        """
        import torch
        def maxpool_backward(x, dy, k, stride):
            t = torch.from_numpy(x).float()[None]
            y, at = torch.nn.functional.max_pool2d(t, k, stride, return_indices=True)
            dx = torch.zeros(x.size)
            dx.index_add_(0, at.flatten(), torch.from_numpy(dy).float().flatten())
            return dx.reshape(x.shape)
        """,
    ],
)
