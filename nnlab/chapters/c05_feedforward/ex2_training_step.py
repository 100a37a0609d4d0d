"""Exercise 05.2: one training step."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong
from nnlab.scratch import MLP, SGD, CrossEntropyLoss


def _network_and_batch(seed: int) -> tuple[MLP, CrossEntropyLoss, SGD, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    net = MLP([4, 6, 3], "tanh", rng=rng)
    return net, CrossEntropyLoss(), SGD(net.params, lr=0.5), rng.normal(size=(10, 4)), rng.integers(3, size=10)


def _returned_loss(objects: Any, seed: int) -> float:
    net, loss, opt, x, labels = _network_and_batch(seed)
    return objects.training_step(net, loss, opt, x, labels)


def _biases_after(objects: Any, seed: int, steps: int) -> np.ndarray:
    net, loss, opt, x, labels = _network_and_batch(seed)
    for _ in range(steps):
        objects.training_step(net, loss, opt, x, labels)
    return net.params["2.bias"]


EXERCISE = Exercise(
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
        the gradient of the loss with respect to the prediction, loss.backward(), goes into net.backward
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
        Case("the loss before the step", _returned_loss, (0,), hint=2),
        Case("the last layer's biases after one step", _biases_after, (0, 1), hint=2),
        Case("the same after five steps", _biases_after, (1, 5), hint=3),
        Case(
            "a pass by itself: the loss of a different network",
            _returned_loss,
            (3,),
            expected=1.541192,
            hint=2,
            rtol=1e-5,
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
            "You returned the loss after the step. The task asks for the one before it, which costs no second forward.",
        ),
    },
)
