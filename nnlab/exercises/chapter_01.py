"""Chapter 01, the artificial neuron: one neuron, a layer for a batch, one step of the perceptron."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


def identity(z: Any) -> Any:
    return z


def relu(z: Any) -> Any:
    return np.maximum(z, 0)


EXERCISES = [
    Exercise(
        id="01.1",
        title="a neuron",
        stub='''
            def neuron(x, w, b, activation):
                """Return activation(w·x + b), one number. x, w: (n,); b: a number; activation: a function"""
                ...  # your code
            ''',
        hints=[
            "A neuron does three things, one after the other. What becomes of x first, and what comes last?",
            """
            z = w_1 x_1 + ... + w_n x_n + b
            output = activation(z)
            The activation sees one number, the finished sum. It is a function, so you call it.
            """,
            """
            z = np.dot(___, ___) + ___    # one number
            return activation(___)
            """,
        ],
        solution="""
            def neuron(x, w, b, activation):
                z = np.dot(w, x) + b
                return activation(z)
            """,
        cases=[
            Case(
                "without an activation it is w·x + b",
                "neuron",
                (np.array([1.0, 2.0]), np.array([3.0, -1.0]), 0.5, identity),
                expected=1.5,
                hint=2,
            ),
            Case(
                "ReLU makes a negative sum zero",
                "neuron",
                (np.array([1.0, 2.0]), np.array([1.0, -2.0]), 1.0, relu),
                expected=0.0,
                hint=2,
            ),
            Case(
                "tanh bends the sum",
                "neuron",
                (np.array([0.2, -0.4, 0.1]), np.array([1.0, 0.5, -2.0]), 0.3, np.tanh),
                expected=0.0996680,
                hint=3,
            ),
        ],
        wrong={
            "no bias": Wrong(
                """
                def neuron(x, w, b, activation):
                    return activation(np.dot(w, x))
                """,
                "The bias b is missing. Without it the output for x = 0 could never be moved.",
            ),
            "bias subtracted": Wrong(
                """
                def neuron(x, w, b, activation):
                    return activation(np.dot(w, x) - b)
                """,
                "You subtracted b, as a threshold. Here the bias is added: w·x + b.",
            ),
            "bias for every input": Wrong(
                """
                def neuron(x, w, b, activation):
                    return activation(np.sum(w * x + b))
                """,
                "You added b once for every input. A neuron has one bias: add it once, after the sum.",
            ),
            "no activation": Wrong(
                """
                def neuron(x, w, b, activation):
                    return np.dot(w, x) + b
                """,
                "The sum w·x + b is right, but activation was not called with it.",
            ),
            "bias after the activation": Wrong(
                """
                def neuron(x, w, b, activation):
                    return activation(np.dot(w, x)) + b
                """,
                "You added b after the activation. It belongs to the sum that the activation sees.",
            ),
            "activation of every product": Wrong(
                """
                def neuron(x, w, b, activation):
                    return np.sum(activation(w * x)) + b
                """,
                "You called activation for every product. It sees one number only, the finished sum.",
            ),
        },
    ),
    Exercise(
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
                "That is right for the first row of x alone. All rows should go through the layer at once.",
            ),
            "squeezed": Wrong(
                """
                def layer(x, weight, bias):
                    return np.squeeze(x @ weight.T + bias)
                """,
                "A batch of one row lost its row. Keep (1, n_out): what comes next expects a table.",
            ),
        },
    ),
    Exercise(
        id="01.3",
        title="a step of the perceptron",
        stub='''
            def perceptron_step(w, b, x, y, lr=1.0):
                """Return the new (w, b) after the learning rule has seen one point x with the label y, -1 or +1.
                The point is right if y (w·x + b) > 0; then nothing changes. w, x: (n,); b, lr: numbers"""
                ...  # your code
            ''',
        hints=[
            "When the point is on the right side, what should change? And when it is on the wrong side, in which "
            "direction should w turn to get closer to agreeing with y?",
            """
            If y (w·x + b) > 0:   nothing changes
            otherwise:            w ← w + lr · y · x    and    b ← b + lr · y
            """,
            """
            if y * (np.dot(w, x) + ___) > 0:
                return w, b
            return w + lr * ___ * x, b + lr * ___
            """,
        ],
        solution="""
            def perceptron_step(w, b, x, y, lr=1.0):
                if y * (np.dot(w, x) + b) > 0:
                    return w, b
                return w + lr * y * x, b + lr * y
            """,
        cases=[
            Case(
                "a point of class +1 on the wrong side pulls w and b towards it",
                "perceptron_step",
                (np.array([1.0, -2.0]), 0.5, np.array([1.0, 2.0]), 1),
                expected=(np.array([2.0, 0.0]), 1.5),
                hint=2,
            ),
            Case(
                "a point of class -1 on the wrong side pushes them away",
                "perceptron_step",
                (np.array([2.0, 0.0]), 1.5, np.array([3.0, 1.0]), -1),
                expected=(np.array([-1.0, -1.0]), 0.5),
                hint=2,
            ),
            Case(
                "a point on the right side changes nothing",
                "perceptron_step",
                (np.array([2.0, 1.0]), -1.0, np.array([1.0, 1.0]), 1),
                expected=(np.array([2.0, 1.0]), -1.0),
                hint=2,
            ),
            Case(
                "a point that is right by a little changes nothing either",
                "perceptron_step",
                (np.array([-0.5, -1.0]), 1.0, np.array([1.0, 1.0]), -1),
                expected=(np.array([-0.5, -1.0]), 1.0),
                hint=2,
            ),
            Case(
                "the bias helps to decide what is right",
                "perceptron_step",
                (np.array([1.0, 1.0]), -5.0, np.array([1.0, 2.0]), 1),
                expected=(np.array([2.0, 3.0]), -4.0),
                hint=2,
            ),
            Case(
                "a point on the line itself, where w·x + b is 0, counts as wrong",
                "perceptron_step",
                (np.array([0.0, 0.0]), 0.0, np.array([1.0, 2.0]), -1),
                expected=(np.array([-1.0, -2.0]), -1.0),
                hint=2,
            ),
            Case(
                "lr says how far to go",
                "perceptron_step",
                (np.array([0.0, 1.0]), 0.0, np.array([2.0, -4.0]), 1, 0.25),
                expected=(np.array([0.5, 0.0]), 0.25),
                hint=2,
            ),
        ],
        wrong={
            "always": Wrong(
                """
                def perceptron_step(w, b, x, y, lr=1.0):
                    return w + lr * y * x, b + lr * y
                """,
                "You moved w and b although the point was right. The perceptron learns from mistakes only.",
            ),
            "margin": Wrong(
                {"if y * (np.dot(w, x) + b) > 0:": "if y * (np.dot(w, x) + b) >= 1:"},
                "You demand a margin: here y (w·x + b) is 0.5, and that is right already. Compare with 0, not with 1.",
            ),
            "wrong direction": Wrong(
                {"return w + lr * y * x, b + lr * y": "return w - lr * y * x, b - lr * y"},
                "You moved away from the point's label. For y = +1 the sum w·x + b has to grow: add lr·y·x.",
            ),
            "bias not learned": Wrong(
                {"return w + lr * y * x, b + lr * y": "return w + lr * y * x, b"},
                "w is right, but b stayed as it was. The bias learns too: it is the weight of an input that is "
                "always 1.",
            ),
            "label ignored": Wrong(
                {"return w + lr * y * x, b + lr * y": "return w + lr * x, b + lr"},
                "You moved towards the point although its label is -1. Multiply by y, which turns the direction round.",
            ),
            "bias left out of the score": Wrong(
                {"if y * (np.dot(w, x) + b) > 0:": "if y * np.dot(w, x) > 0:"},
                "You judged the point by w·x alone. With its bias the neuron says w·x + b, and that is negative here.",
            ),
            "zero is right": Wrong(
                {"if y * (np.dot(w, x) + b) > 0:": "if y * (np.dot(w, x) + b) >= 0:"},
                "You let a score of 0 pass as right. A perceptron that starts with zeros would then never learn.",
            ),
            "lr ignored": Wrong(
                {"return w + lr * y * x, b + lr * y": "return w + y * x, b + y"},
                "The direction is right, the length is not: multiply the step by lr.",
            ),
            "in place": Wrong(
                """
                def perceptron_step(w, b, x, y, lr=1.0):
                    if y * (np.dot(w, x) + b) <= 0:
                        w += lr * y * x
                        b += lr * y
                    return w, b
                """,
                "w += ... changes the caller's array, so the old weights are lost to everyone who still holds "
                "them. Write w = w + ... to make a new one.",
            ),
        },
    ),
]
