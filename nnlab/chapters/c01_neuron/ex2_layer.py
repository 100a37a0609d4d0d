"""Exercise 01.2: a layer for a batch."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="01.2",
    title="a layer for a batch",
    stub='''
        def layer(x, weight, bias):
            """Return the outputs of all neurons for all rows of x, without an activation, (N, n_out).
            x: (N, n_in); weight: (n_out, n_in), one row a neuron, as in PyTorch; bias: (n_out,)"""
            ...  # your code
        ''',
    hints=[
        "Write the shapes below each other: (N, n_in) and (n_out, n_in) should become (N, n_out). Which of "
        "them has to be turned round?",
        """
        y = x Wᵀ + b, with the shapes (N, n_in) · (n_in, n_out) + (n_out,)
        y[i, j] is the output of neuron j for row i: the dot product of x[i] and weight[j], plus bias[j].
        """,
        """
        return x @ weight.___ + ___
        """,
    ],
    solution="""
        def layer(x, weight, bias):
            return x @ weight.T + bias
        """,
    cases=[
        Case(
            "two rows through two neurons",
            "layer",
            (
                np.array([[1.0, 2.0], [3.0, 4.0]]),
                np.array([[1.0, 0.0], [2.0, -1.0]]),
                np.array([10.0, 20.0]),
            ),
            expected=[[11.0, 20.0], [13.0, 22.0]],
            hint=2,
        ),
        Case(
            "four rows, three inputs, two neurons",
            "layer",
            (
                np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0], [3.0, -1.0, 1.0], [2.0, 2.0, 2.0]]),
                np.array([[1.0, 2.0, 3.0], [-1.0, 0.0, 1.0]]),
                np.array([0.5, -0.5]),
            ),
            expected=[[7.5, 0.5], [2.5, -0.5], [4.5, -2.5], [12.5, -0.5]],
            hint=2,
        ),
        Case(
            "a batch of one row stays a table",
            "layer",
            (np.array([[1.0, -1.0]]), np.array([[2.0, 1.0], [0.0, 1.0], [1.0, 1.0]]), np.array([0.0, 1.0, 2.0])),
            expected=[[1.0, 0.0, 2.0]],
            hint=2,
        ),
    ],
    wrong={
        "not transposed": Wrong(
            """
            def layer(x, weight, bias):
                return x @ weight + bias
            """,
            "You wrote x @ weight, which takes the weights of a neuron from a column. They stand in a row: "
            "use weight.T. With as many neurons as inputs the shapes hide this mistake.",
        ),
        "elementwise": Wrong(
            """
            def layer(x, weight, bias):
                return x * weight + bias
            """,
            "x * weight multiplies number by number. A neuron needs the dot product of a row of x with its "
            "weights, and that is what @ does.",
        ),
        "no bias": Wrong(
            """
            def layer(x, weight, bias):
                return x @ weight.T
            """,
            "The products are right. Add the bias, one number for every neuron.",
        ),
        "bias down the rows": Wrong(
            """
            def layer(x, weight, bias):
                return x @ weight.T + bias[:, None]
            """,
            "You gave each row of x a bias of its own. The bias belongs to the neurons, which are the "
            "columns here: with the shape (n_out,) NumPy does that by itself.",
        ),
        "neurons in rows": Wrong(
            """
            def layer(x, weight, bias):
                return weight @ x.T + bias[:, None]
            """,
            "Your neurons are in the rows. Rows stay rows here: y[i] belongs to x[i], so start with x.",
        ),
        "first row only": Wrong(
            """
            def layer(x, weight, bias):
                return weight @ x[0] + bias
            """,
            "That is right for the first row of x only. All rows should go through the layer at once.",
        ),
        "squeezed": Wrong(
            """
            def layer(x, weight, bias):
                return np.squeeze(x @ weight.T + bias)
            """,
            "A batch of one row lost its row. Keep (1, n_out): what comes next expects a table.",
        ),
    },
    also_right=[
        "def layer(x, weight, bias): return np.dot(x, weight.T) + bias[None, :]",
        "def layer(x, weight, bias): return np.einsum('ni,oi->no', x, weight) + bias",
        "def layer(x, weight, bias): return (weight @ x.T + bias[:, None]).T",
        "def layer(x, weight, bias): return [[float(w @ row + b) for w, b in zip(weight, bias)] for row in x]",
        """
        def layer(x, weight, bias):
            import torch
            return torch.nn.functional.linear(*map(torch.tensor, (x, weight, bias)))
        """,
    ],
)
