"""Chapter 13, PyTorch end to end: an epoch of training, measuring, and what a process's share of a batch weighs."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong
from nnlab.exercises.judge import kind


def _world(dropout: float = 0.0) -> tuple[Any, list[Any]]:
    """A network and batches of 4, 4 and 2 rows. Its second layer notes in which mode it was called, and whether a graph
    was built."""
    import torch  # here: listing the exercises stays quick

    class Spy(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.modes: list[bool] = []
            self.graphs: list[bool] = []

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.modes.append(self.training)
            self.graphs.append(x.requires_grad)
            return x

    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(16)  # all three classes come out of it, none by a hair
        model = torch.nn.Sequential(torch.nn.Linear(3, 4), Spy(), torch.nn.Dropout(dropout), torch.nn.Linear(4, 3))
    x, y = torch.randn(10, 3, generator=generator), torch.tensor([0, 2, 1, 1, 1, 0, 2, 2, 1, 0])
    x[-2:] *= 20  # the short batch is a hard one: it must not count as much as a whole one
    return model, list(zip(x.split(4), y.split(4), strict=True))


def _trained(objects: Any, epochs: int) -> tuple[Any, Any]:
    import torch

    model, batches = _world()
    model.eval()  # as a measurement left it
    opt, mean = torch.optim.SGD(model.parameters(), lr=0.05), None
    for _ in range(epochs):
        mean = objects.train_epoch(model, batches, torch.nn.functional.cross_entropy, opt)
    return model, mean


def _weights(objects: Any, epochs: int) -> np.ndarray:
    model, _ = _trained(objects, epochs)
    return model[0].weight.detach().numpy().astype(float)


def _mean_loss(objects: Any) -> Any:
    return _trained(objects, 1)[1]


def _kind(objects: Any) -> str | None:
    mean = _trained(objects, 1)[1]
    if mean is None:
        return None
    if isinstance(mean, float | np.floating):
        return "a number"
    return "a tensor with a graph" if getattr(mean, "requires_grad", False) else kind(mean)


def _trains(objects: Any) -> bool:
    return all(_trained(objects, 1)[0][1].modes)


def _measured(objects: Any, training: bool = True) -> tuple[Any, Any]:
    import torch

    model, batches = _world(dropout=0.9)
    model.train(training)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        return objects.accuracy(model, batches), model


def _share(objects: Any) -> Any:
    return _measured(objects)[0]


def _evaluates(objects: Any) -> bool:
    return not any(_measured(objects)[1][1].modes)


def _no_graph(objects: Any) -> bool:
    return not any(_measured(objects)[1][1].graphs)


def _modes_after(objects: Any, training: bool) -> list[bool]:
    return [module.training for module in _measured(objects, training)[1].modules()]


def _can_train_on(objects: Any) -> bool:
    import torch

    _, model = _measured(objects)
    return torch.is_grad_enabled() and all(p.requires_grad for p in model.parameters())


def _averaged(objects: Any, sizes: list[int]) -> float:
    """What DistributedDataParallel makes of it: the plain mean over the processes of factor x mean loss."""
    losses = np.arange(sum(sizes)) ** 2.0
    parts = np.split(losses, np.cumsum(sizes)[:-1])
    return float(np.mean([objects.loss_factor(len(p), len(losses), len(sizes)) * p.mean() for p in parts]))


EXERCISES = [
    Exercise(
        id="13.1",
        title="one epoch of training",
        stub='''
            def train_epoch(model, batches, loss, opt):
                """Take one step on each batch (x, y), in training mode whatever the model's mode was.
                Return the mean loss of all examples, a float. loss(model(x), y) is the mean of one
                batch; the last batch may be smaller"""
                ...  # your code
            ''',
        hints=[
            "Four things happen with every batch. Which of them must come before backward, and which after?",
            """
            for each batch: forget old gradients, loss, backward, step
            mean over examples = (sum over batches of loss · rows of the batch) / (all rows)
            """,
            """
            model.___()
            total = count = 0
            for x, y in batches:
                value = loss(model(x), y)
                opt.zero_grad()
                value.___()
                opt.___()
                total += value.item() * ___
                count += ___
            return total / count
            """,
        ],
        solution="""
            def train_epoch(model, batches, loss, opt):
                model.train()
                total = count = 0
                for x, y in batches:
                    value = loss(model(x), y)
                    opt.zero_grad()
                    value.backward()
                    opt.step()
                    total += value.item() * len(x)
                    count += len(x)
                return total / count
            """,
        cases=[
            Case("it returns a number, not a tensor", _kind, expected="a number", hint=3),
            Case("the weights after one epoch", _weights, (1,), hint=2, rtol=1e-4, atol=1e-6),
            Case("the weights after three", _weights, (3,), hint=2, rtol=1e-4, atol=1e-6),
            Case("the mean loss counts every example once", _mean_loss, hint=2, rtol=1e-4),
            Case("the model is in training mode, whatever it was before", _trains, expected=True, hint=3),
        ],
        wrong={
            "gradients pile up": Wrong(
                {"opt.zero_grad()": ""},
                "backward adds to the gradients that are there. Without a zero_grad for every batch, each step takes "
                "those of all earlier batches along.",
            ),
            "zeroed too late": Wrong(
                """
                def train_epoch(model, batches, loss, opt):
                    model.train()
                    total = count = 0
                    for x, y in batches:
                        value = loss(model(x), y)
                        value.backward()
                        opt.zero_grad()
                        opt.step()
                        total += value.item() * len(x)
                        count += len(x)
                    return total / count
                """,
                "The weights did not move. step must come after backward, while the gradients are still there.",
            ),
            "batches count alike": Wrong(
                """
                def train_epoch(model, batches, loss, opt):
                    model.train()
                    values = []
                    for x, y in batches:
                        value = loss(model(x), y)
                        opt.zero_grad()
                        value.backward()
                        opt.step()
                        values.append(value.item())
                    return sum(values) / len(values)
                """,
                "A mean of batch means counts the examples of a short batch too much. Weigh each by its rows.",
            ),
            "mode forgotten": Wrong(
                {"model.train()": ""},
                "The model is still in the mode that a measurement left it in: dropout and batch normalisation sleep.",
            ),
            "one step an epoch": Wrong(
                """
                def train_epoch(model, batches, loss, opt):
                    model.train()
                    total = count = 0
                    opt.zero_grad()
                    for x, y in batches:
                        value = loss(model(x), y)
                        value.backward()
                        total += value.item() * len(x)
                        count += len(x)
                    opt.step()
                    return total / count
                """,
                "One step for all batches together. Each batch gets a step of its own: step belongs into the loop.",
            ),
            "the last loss": Wrong(
                """
                def train_epoch(model, batches, loss, opt):
                    model.train()
                    for x, y in batches:
                        value = loss(model(x), y)
                        opt.zero_grad()
                        value.backward()
                        opt.step()
                    return value.item()
                """,
                "That is the loss of the last batch alone. Add up over all batches, each weighed by its rows.",
            ),
            "the sum": Wrong(
                """
                def train_epoch(model, batches, loss, opt):
                    model.train()
                    total = 0
                    for x, y in batches:
                        value = loss(model(x), y)
                        opt.zero_grad()
                        value.backward()
                        opt.step()
                        total += value.item() * len(x)
                    return total
                """,
                "That is the sum over all examples. Divide it by how many there are.",
            ),
            "keeps the graph": Wrong(
                {"total += value.item() * len(x)": "total = total + value * len(x)"},
                "The sum is a tensor that holds on to every batch's graph. Take the number out of it: .item().",
            ),
            "a tensor": Wrong(
                {"total += value.item() * len(x)": "total = total + value.detach() * len(x)"},
                "The graph is off, but it is a tensor yet. .item() takes the number out of it.",
            ),
        },
    ),
    Exercise(
        id="13.2",
        title="measuring",
        stub='''
            def accuracy(model, batches):
                """Return the share of all examples whose greatest logit is the class y. Measure in
                evaluation mode and without a graph; leave the model in the mode in which it came"""
                ...  # your code
            ''',
        hints=[
            "What must sleep while you measure, and what need not be built? And who wakes it up again?",
            """
            share = (examples whose argmax over the classes is y) / (all examples), in evaluation mode, without a graph
            """,
            """
            before = model.___
            model.eval()
            right = count = 0
            with torch.___():
                for x, y in batches:
                    right += (model(x).argmax(dim=___) == y).sum().item()
                    count += ___
            model.train(___)
            return right / count
            """,
        ],
        solution="""
            import torch

            def accuracy(model, batches):
                before = model.training
                model.eval()
                right = count = 0
                with torch.no_grad():
                    for x, y in batches:
                        right += (model(x).argmax(dim=1) == y).sum().item()
                        count += len(x)
                model.train(before)
                return right / count
            """,
        cases=[
            Case("the model is in evaluation mode while it is measured", _evaluates, expected=True, hint=1),
            Case("the share of ten examples in batches of 4, 4 and 2", _share, hint=2),
            Case("no graph is built", _no_graph, expected=True, hint=3),
            Case("a model that came in training mode leaves in it", _modes_after, (True,), expected=[True] * 5, hint=3),
            Case("a model that came in evaluation mode stays", _modes_after, (False,), expected=[False] * 5, hint=3),
            Case("training can go on: graphs are built again", _can_train_on, expected=True, hint=3),
        ],
        wrong={
            "dropout awake": Wrong(
                {"before = model.training": "", "model.eval()": "", "model.train(before)": ""},
                "Dropout still throws neurons out while you measure. model.eval() comes first, and lasts until the "
                "last batch is measured.",
            ),
            "graph built": Wrong(
                """
                def accuracy(model, batches):
                    before = model.training
                    model.eval()
                    right = count = 0
                    for x, y in batches:
                        right += (model(x).argmax(dim=1) == y).sum().item()
                        count += len(x)
                    model.train(before)
                    return right / count
                """,
                "A graph for backward is built and never used: time and memory for nothing. Call the model inside "
                "of `with torch.no_grad():`.",
            ),
            "left asleep": Wrong(
                {"before = model.training": "", "model.train(before)": ""},
                "The model stays in evaluation mode, and the training that goes on has no dropout. Note its mode "
                "before you call eval(), and put it back before you return.",
            ),
            "only its own mode": Wrong(
                {"model.train(before)": "model.training = before"},
                "Only the model itself is back in training mode; the layers in it still sleep. model.train(before) "
                "wakes them all.",
            ),
            "graphs off for good": Wrong(
                """
                def accuracy(model, batches):
                    before = model.training
                    model.eval()
                    torch.set_grad_enabled(False)
                    right = count = 0
                    for x, y in batches:
                        right += (model(x).argmax(dim=1) == y).sum().item()
                        count += len(x)
                    model.train(before)
                    return right / count
                """,
                "Graphs stay switched off after you have measured, and backward fails in the next epoch. "
                "`with torch.no_grad():` switches them on again at its end.",
            ),
            "always woken": Wrong(
                {"before = model.training": "", "model.train(before)": "model.train()"},
                "A model that came in evaluation mode leaves in training mode. Remember model.training first.",
            ),
            "batches count alike": Wrong(
                """
                def accuracy(model, batches):
                    before = model.training
                    model.eval()
                    with torch.no_grad():
                        shares = [(model(x).argmax(dim=1) == y).float().mean().item() for x, y in batches]
                    model.train(before)
                    return sum(shares) / len(shares)
                """,
                "A mean of batch means counts the examples of a short batch too much. Add up the right ones.",
            ),
        },
    ),
    Exercise(
        id="13.3",
        title="a share of the batch",
        stub='''
            def loss_factor(own, total, processes):
                """Several processes share a batch of `total` examples; this one holds `own` of them.
                Each computes the mean loss of its own examples; the gradients are then averaged over the
                processes, all alike. Return what this process's mean must be multiplied by, so that the
                result is the batch's mean"""
                ...  # your code
            ''',
        hints=[
            "If all hold equally many, the mean of means is right already. Which factor must come out then?",
            """
            wanted:  sum over processes of (own / total) · mean
            averaging gives:  (1 / processes) · sum over processes of factor · mean
            """,
            "return own * ___ / ___",
        ],
        solution="""
            def loss_factor(own, total, processes):
                return own * processes / total
            """,
        cases=[
            Case("equal shares change nothing", "loss_factor", (16, 32, 2), expected=1.0, hint=1),
            Case("three of four examples, two processes", "loss_factor", (3, 4, 2), expected=1.5, hint=2),
            Case("averaged over processes with 5, 2 and 1 examples", _averaged, ([5, 2, 1],), expected=17.5, hint=2),
        ],
        wrong={
            "nothing": Wrong(
                "def loss_factor(own, total, processes): return 1.0",
                "With unequal shares the few examples of one process would count as much as the many of another.",
            ),
            "whole numbers": Wrong(
                "def loss_factor(own, total, processes): return own * processes // total",
                "// rounds down to a whole number. Divide with /.",
            ),
            "divided twice": Wrong(
                "def loss_factor(own, total, processes): return own / total",
                "The averaging divides by the number of processes once more. Your gradients come out too small.",
            ),
            "upside down": Wrong(
                "def loss_factor(own, total, processes): return total / (own * processes)",
                "Who holds more examples must count more, not less.",
            ),
        },
    ),
]
