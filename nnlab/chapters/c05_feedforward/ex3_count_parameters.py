"""Exercise 05.3: count the parameters."""

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
    id="05.3",
    title="count the parameters",
    stub='''
        def count_parameters(sizes):
            """Return how many weights and biases a fully connected network with these layer sizes has.
            sizes: a list such as [784, 128, 10]"""
            ...  # your code
        ''',
    hints=[
        "One neuron of the second layer: to how many numbers does it listen, and what else does it have?",
        """
        A layer from n_in to n_out has n_in · n_out weights and n_out biases.
        [784, 128, 10]: 784·128 + 128, and 128·10 + 10.
        """,
        """
        total = 0
        for n_in, n_out in zip(sizes[:-1], sizes[1:]):
            total += ___ * ___ + ___
        return total
        """,
    ],
    solution="""
        def count_parameters(sizes):
            return sum(n_in * n_out + n_out for n_in, n_out in zip(sizes[:-1], sizes[1:]))
        """,
    cases=[
        Case("the network of notebook 00", "count_parameters", ([2, 16, 16, 1],), expected=337, hint=2),
        Case("one layer", "count_parameters", ([3, 2],), expected=8, hint=2),
        Case("a network for digits", "count_parameters", ([784, 256, 128, 10],), expected=235146, hint=3),
    ],
    wrong={
        "no biases": Wrong(
            "def count_parameters(sizes): return sum(a * b for a, b in zip(sizes[:-1], sizes[1:]))",
            "You counted the weights. Each neuron has a bias, too.",
        ),
        "biases of the inputs": Wrong(
            "def count_parameters(sizes): return sum(a * b + a for a, b in zip(sizes[:-1], sizes[1:]))",
            "You gave biases to the inputs of each layer. They belong to its outputs, the neurons.",
        ),
        "neurons": Wrong(
            "def count_parameters(sizes): return sum(sizes)",
            "You counted neurons. The task asks for their weights and biases.",
        ),
        "one bias a layer": Wrong(
            "def count_parameters(sizes): return sum(a * b + 1 for a, b in zip(sizes[:-1], sizes[1:]))",
            "You counted one bias a layer. Each neuron has its own.",
        ),
        "input biases too": Wrong(
            "def count_parameters(sizes): return sizes[0] + sum(a * b + b for a, b in zip(sizes[:-1], sizes[1:]))",
            "You counted biases for the input layer. Inputs are just numbers: they have none.",
        ),
    },
)
