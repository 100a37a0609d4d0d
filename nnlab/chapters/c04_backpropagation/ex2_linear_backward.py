"""Exercise 04.2: backward through a linear layer."""

import numpy as np

from nnlab.chapters.c04_backpropagation._two_layers import W1, X
from nnlab.exercises.exercise import Case, Exercise, Wrong

_rng = np.random.default_rng(42)

EXERCISE = Exercise(
    id="04.2",
    title="backward through a linear layer",
    stub='''
        def linear_backward(x, weight, dy):
            """For y = x @ weight.T + bias: given dy = dL/dy, return dL/dx, dL/dweight and dL/dbias.
            x: (N, n_in); weight: (n_out, n_in); dy: (N, n_out)"""
            ...  # your code
        ''',
    hints=[
        "Each gradient has the shape of the thing it belongs to. Which product of dy with x or weight has the "
        "shape of weight?",
        """
        dL/dx      = dy · weight       (N, n_out)(n_out, n_in) -> (N, n_in)
        dL/dweight = dyᵀ · x           (n_out, N)(N, n_in)     -> (n_out, n_in)
        dL/dbias   = sum of dy over the rows                   -> (n_out,)
        x = [[2, 3], [5, 6]] and dy = [[1], [4]]: dL/dweight = [[1·2 + 4·5, 1·3 + 4·6]], dL/dbias = [5]
        """,
        """
        return dy @ ___, ___.T @ ___, dy.sum(axis=___)
        """,
    ],
    solution="""
        def linear_backward(x, weight, dy):
            return dy @ weight, dy.T @ x, dy.sum(axis=0)
        """,
    cases=[
        Case(
            "one row, two inputs, one output",
            "linear_backward",
            (np.array([[2.0, 3.0]]), np.array([[10.0, 20.0]]), np.array([[1.0]])),
            expected=([[10.0, 20.0]], [[2.0, 3.0]], [1.0]),
            hint=2,
        ),
        Case("four rows", "linear_backward", (X, W1, _rng.normal(size=(4, 5)).round(2)), hint=2),
        Case("as many inputs as outputs", "linear_backward", (X, W1[:3], _rng.normal(size=(4, 3)).round(2)), hint=3),
    ],
    wrong={
        "mean for the bias": Wrong(
            "def linear_backward(x, weight, dy): return dy @ weight, dy.T @ x, dy.mean(axis=0)",
            "You averaged dy for the bias. Every row used the bias, so its gradients add up. If the loss is a "
            "mean, the 1/N is already in dy.",
        ),
        "averaged weights": Wrong(
            "def linear_backward(x, weight, dy): return dy @ weight, dy.T @ x / len(x), dy.sum(axis=0)",
            "You divided the weight's gradient by N. If the loss is a mean, the 1/N is already in dy.",
        ),
        "transposed": Wrong(
            "def linear_backward(x, weight, dy): return dy @ weight, x.T @ dy, dy.sum(axis=0)",
            "dL/dweight came out transposed. It has the shape of weight, (n_out, n_in): dyᵀ · x.",
        ),
        "weight turned": Wrong(
            """
            def linear_backward(x, weight, dy):
                turned = weight.T if weight.shape[0] == weight.shape[1] else weight
                return dy @ turned, dy.T @ x, dy.sum(axis=0)
            """,
            "For a square weight you used its transpose. Backward uses weight as it is: dy @ weight.",
        ),
        "bias over columns": Wrong(
            "def linear_backward(x, weight, dy): return dy @ weight, dy.T @ x, dy.sum(axis=1)",
            "You added dy up along the wrong axis. One bias belongs to one column: sum over the rows, axis 0.",
        ),
    },
)
