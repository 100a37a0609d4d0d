"""Exercise 13.1: one epoch of training."""

from typing import Any

import numpy as np
import torch

from nnlab.chapters.c13_pytorch._small_model import spied_model
from nnlab.exercises.exercise import Case, Exercise, Wrong
from nnlab.exercises.wording import describe_kind


def _trained(objects: Any, epochs: int) -> tuple[Any, Any]:
    model, batches = spied_model()
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
    return "a tensor with a graph" if getattr(mean, "requires_grad", False) else describe_kind(mean)


def _trains(objects: Any) -> bool:
    return all(_trained(objects, 1)[0][1].modes)


EXERCISE = Exercise(
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
            "A mean of batch means counts the examples of a short batch too much. Weight each by its rows.",
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
            "That is the loss of the last batch only. Add up over all batches, each weighted by its rows.",
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
            "The graph is off, but it is still a tensor. .item() takes the number out of it.",
        ),
    },
    also_right=[
        """
        def train_epoch(model, batches, loss, opt):
            model.train()
            losses, sizes = [], []
            for i, (inputs, targets) in enumerate(batches):
                for p in model.parameters():
                    p.grad = None
                value = loss(model(inputs), targets)
                value.backward()
                opt.step()
                losses.append(value.item())
                sizes.append(len(targets))
            return np.average(losses, weights=sizes)
        """,
        """
        import torch
        def train_epoch(model, batches, loss, opt):
            before = model.training
            model.train()
            values, rows = [], []
            for x, y in batches:
                value = loss(model(x), y)
                value.backward()
                opt.step()
                model.zero_grad()
                values.append(value.detach())
                rows.append(y.numel())
            model.train(before)
            rows = torch.tensor(rows)
            return ((torch.stack(values) * rows).sum() / rows.sum()).item()
        """,
        """
        def train_epoch(model, batches, loss, opt):
            model.train()
            total = 0
            for x, y in batches:
                def closure():
                    opt.zero_grad()
                    value = loss(model(x), y)
                    value.backward()
                    return value
                total += opt.step(closure).item() * y.size(0)
            return total / sum(len(y) for _, y in batches)
        """,
        """
        import torch
        def train_epoch(model, batches, loss, opt):
            model.train()
            mean = count = 0
            for x, y in batches:
                value = loss(model(x), y)
                for p, g in zip(model.parameters(), torch.autograd.grad(value, list(model.parameters()))):
                    p.grad = g
                opt.step()
                count += len(x)
                mean += (value.detach().numpy() - mean) * len(x) / count
            return mean
        """,
        """
        import torch
        def train_epoch(model, batches, loss, opt):
            for module in model.modules():
                module.training = True
            device = next(model.parameters()).device
            total, n = torch.zeros((), device=device), 0
            for batch in batches:
                x, y = (t.to(device) for t in batch)
                opt.zero_grad(set_to_none=False)
                value = loss(model(x), y)
                value.backward()
                opt.step()
                with torch.no_grad():
                    total += value * len(x)
                n += len(x)
            return float(total / n)
        """,
    ],
)
