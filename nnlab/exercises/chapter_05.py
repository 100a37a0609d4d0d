"""Chapter 05, feedforward networks: mini-batches, one training step, and how many numbers a network has."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong
from nnlab.scratch import MLP, SGD, CrossEntropyLoss


def _batches(objects: Any, n: int, size: int, seed: int = 0) -> list[np.ndarray]:
    return [np.asarray(rows) for rows in objects.minibatches(n, size, np.random.default_rng(seed))]


def _sizes(objects: Any, n: int, size: int) -> list[int]:
    return [len(rows) for rows in _batches(objects, n, size)]


def _seen(objects: Any, n: int, size: int) -> np.ndarray:
    return np.sort(np.concatenate(_batches(objects, n, size)))


def _in_order(objects: Any, n: int, size: int) -> bool:
    return bool((np.diff(np.concatenate(_batches(objects, n, size))) > 0).all())


def _runs(objects: Any, n: int, size: int) -> int:
    return sum(bool((np.diff(rows) == 1).all()) for rows in _batches(objects, n, size))


def _neighbours(objects: Any, n: int, size: int) -> int:
    return sum(int(np.ptp(rows)) == len(rows) - 1 for rows in _batches(objects, n, size))


def _same_for_one_seed(objects: Any, n: int, size: int) -> bool:
    first, second = (np.concatenate(_batches(objects, n, size, seed=1)) for _ in range(2))
    return bool(np.array_equal(first, second))


def _same_for_two_seeds(objects: Any, n: int, size: int) -> bool:
    first, second = (np.concatenate(_batches(objects, n, size, seed)) for seed in (1, 2))
    return bool(np.array_equal(first, second))


def _world(seed: int) -> tuple[MLP, CrossEntropyLoss, SGD, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    net = MLP([4, 6, 3], "tanh", rng=rng)
    return net, CrossEntropyLoss(), SGD(net.params, lr=0.5), rng.normal(size=(10, 4)), rng.integers(3, size=10)


def _loss_told(objects: Any, seed: int) -> float:
    net, loss, opt, x, labels = _world(seed)
    return objects.training_step(net, loss, opt, x, labels)


def _biases_after(objects: Any, seed: int, steps: int) -> np.ndarray:
    net, loss, opt, x, labels = _world(seed)
    for _ in range(steps):
        objects.training_step(net, loss, opt, x, labels)
    return net.params["2.bias"]


EXERCISES = [
    Exercise(
        id="05.1",
        title="mini-batches",
        stub='''
            def minibatches(n, batch_size, rng):
                """Yield arrays of row numbers: every number from 0 to n - 1 once, in random order,
                batch_size at a time; the last array may be shorter. rng: a numpy Generator"""
                ...  # your code
            ''',
        hints=[
            "Imagine a shuffled pack of n cards. How do you deal it out, batch_size cards at a time?",
            """
            order = rng.permutation(n)                     all row numbers, shuffled
            first batch: order[0 : batch_size], then order[batch_size : 2·batch_size], and so on
            """,
            """
            order = rng.permutation(___)
            for start in range(0, n, ___):
                yield order[start : ___]
            """,
        ],
        solution="""
            def minibatches(n, batch_size, rng):
                order = rng.permutation(n)
                for start in range(0, n, batch_size):
                    yield order[start : start + batch_size]
            """,
        cases=[
            Case("ten rows, three at a time", _sizes, (10, 3), expected=[3, 3, 3, 1], hint=3),
            Case("every row once", _seen, (10, 3), expected=np.arange(10), hint=2),
            Case("a batch larger than the data", _sizes, (4, 100), expected=[4], hint=3),
            Case("a hundred rows do not come in order", _in_order, (100, 10), expected=False, hint=2),
            Case("no batch is a run such as 20, 21, ..., 29", _runs, (100, 10), expected=0, hint=2),
            Case(
                "no batch is ten neighbours such as 20 to 29 in any order", _neighbours, (100, 10), expected=0, hint=2
            ),
            Case("the generator decides the order", _same_for_two_seeds, (100, 10), expected=False, hint=2),
            Case("the same seed gives the same order", _same_for_one_seed, (100, 10), expected=True, hint=2),
        ],
        wrong={
            "no shuffle": Wrong(
                """
                def minibatches(n, batch_size, rng):
                    for start in range(0, n, batch_size):
                        yield np.arange(n)[start : start + batch_size]
                """,
                "The rows come in their own order. If they are sorted by class, each batch holds one class only.",
            ),
            "last one dropped": Wrong(
                """
                def minibatches(n, batch_size, rng):
                    order = rng.permutation(n)
                    for i in range(n // batch_size):
                        yield order[i * batch_size : (i + 1) * batch_size]
                """,
                "The rows that do not fill a whole batch are lost. Let the last batch be shorter.",
            ),
            "with replacement": Wrong(
                """
                def minibatches(n, batch_size, rng):
                    for start in range(0, n, batch_size):
                        yield rng.integers(n, size=min(batch_size, n - start))
                """,
                "You drew rows at random, so some come twice and others never. Shuffle once, then deal out.",
            ),
            "its own seed": Wrong(
                {"order = rng.permutation(n)": "order = np.random.default_rng(0).permutation(n)"},
                "The order is the same each time, since you made a generator of your own. Use rng.",
            ),
            "not from rng": Wrong(
                {"order = rng.permutation(n)": "order = np.random.default_rng().permutation(n)"},
                "The order is random, but not from rng, so nobody can repeat your training. Use rng.permutation in "
                "place of np.random.",
            ),
            "blocks shuffled": Wrong(
                """
                def minibatches(n, batch_size, rng):
                    for start in rng.permutation(np.arange(0, n, batch_size)):
                        yield np.arange(start, min(start + batch_size, n))
                """,
                "Each batch is a run of neighbours: you shuffled the batches, not the rows. Data sorted by class then "
                "gives batches of one class. Shuffle all n rows first, then cut.",
            ),
            "shuffled inside the blocks": Wrong(
                """
                def minibatches(n, batch_size, rng):
                    for start in range(0, n, batch_size):
                        yield rng.permutation(np.arange(start, min(start + batch_size, n)))
                """,
                "Each batch still holds rows that are neighbours in the data, only in another order. Shuffle all n "
                "rows first, then cut.",
            ),
            "one row at a time": Wrong(
                """
                def minibatches(n, batch_size, rng):
                    for row in rng.permutation(n):
                        yield np.array([row])
                """,
                "You yield single rows. batch_size of them belong together.",
            ),
        },
    ),
    Exercise(
        id="05.2",
        title="one training step",
        stub='''
            def training_step(net, loss, opt, x, y):
                """Do one step of training on the batch x, y, and return the loss before the step.
                The calls, by name: loss.backward(), loss.forward(prediction, y), net.backward(gradient),
                net.forward(x), opt.step(net.grads)"""
                ...  # your code
            ''',
        hints=[
            "Forward, loss, backward, step: which of the five calls needs what another one returned?",
            """
            prediction = net.forward(x)
            value = loss.forward(prediction, y)
            the gradient of the loss by the prediction, loss.backward(), goes into net.backward
            then opt.step changes the weights by net.grads
            """,
            """
            prediction = ___
            value = ___
            net.backward(___)
            opt.step(___)
            return value
            """,
        ],
        solution="""
            def training_step(net, loss, opt, x, y):
                value = loss.forward(net.forward(x), y)
                net.backward(loss.backward())
                opt.step(net.grads)
                return value
            """,
        cases=[
            Case("the loss before the step", _loss_told, (0,), hint=2),
            Case("the last layer's biases after one step", _biases_after, (0, 1), hint=2),
            Case("the same after five steps", _biases_after, (1, 5), hint=3),
            Case(
                "a pass by itself: the loss of another network", _loss_told, (3,), expected=1.541192, hint=2, rtol=1e-5
            ),
        ],
        wrong={
            "no step": Wrong(
                {"opt.step(net.grads)": ""},
                "The gradients are there, but nothing uses them: the weights did not change. opt.step is missing.",
            ),
            "step before backward": Wrong(
                """
                def training_step(net, loss, opt, x, y):
                    value = loss.forward(net.forward(x), y)
                    opt.step(net.grads)
                    net.backward(loss.backward())
                    return value
                """,
                "You stepped before there were gradients: net.backward computes them. Call opt.step after it.",
            ),
            "two steps": Wrong(
                {"opt.step(net.grads)": "opt.step(net.grads)\nopt.step(net.grads)"},
                "You stepped twice with the same gradients. After the first step they belong to old weights.",
            ),
            "ones from above": Wrong(
                """
                def training_step(net, loss, opt, x, y):
                    prediction = net.forward(x)
                    value = loss.forward(prediction, y)
                    net.backward(np.ones_like(prediction))
                    opt.step(net.grads)
                    return value
                """,
                "You sent ones into net.backward, so the labels play no part. The gradient of the loss belongs there.",
            ),
            "loss afterwards": Wrong(
                {
                    "value = loss.forward(net.forward(x), y)": "loss.forward(net.forward(x), y)",
                    "return value": "return loss.forward(net.forward(x), y)",
                },
                "You returned the loss after the step. The task asks for the one before it, which costs no second "
                "forward.",
            ),
        },
    ),
    Exercise(
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
    ),
]
