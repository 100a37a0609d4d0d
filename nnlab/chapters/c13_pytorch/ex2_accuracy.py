"""Exercise 13.2: measuring."""

from typing import Any

import torch

from nnlab.chapters.c13_pytorch._small_model import spied_model
from nnlab.exercises.exercise import Case, Exercise, Wrong


def _measured(objects: Any, training: bool = True) -> tuple[Any, Any]:
    model, batches = spied_model(dropout=0.9)
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
    _, model = _measured(objects)
    return torch.is_grad_enabled() and all(p.requires_grad for p in model.parameters())


EXERCISE = Exercise(
    id="13.2",
    title="measuring",
    stub='''
        def accuracy(model, batches):
            """Return the share of all examples whose greatest logit is the class y. Measure in
            evaluation mode and without a graph; leave the model in the mode in which it came"""
            ...  # your code
        ''',
    hints=[
        "What must sleep while you measure, and what need not be built? And what wakes it up again?",
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
    also_right=[
        """
        import torch
        @torch.no_grad()
        def accuracy(model, batches):
            mode = model.training
            model.eval()
            hits = [(model(x).argmax(1) == y) for x, y in batches]
            model.train(mode)
            return torch.cat(hits).float().mean()
        """,
        """
        import torch
        @torch.inference_mode()
        def accuracy(model, batches):
            was = model.training
            try:
                model.eval()
                right = total = 0
                for x, y in batches:
                    right += int((model(x).softmax(-1).max(dim=-1).indices == y).sum())
                    total += y.numel()
                return right / total
            finally:
                model.train(was)
        """,
        """
        import torch
        def accuracy(model, batches):
            training = model.training
            model.train(False)
            predicted, true = [], []
            for x, y in batches:
                with torch.inference_mode():
                    predicted += model(x).numpy().argmax(axis=1).tolist()
                true += y.tolist()
            if training:
                model.train()
            return np.mean(np.array(predicted) == np.array(true))
        """,
        """
        import copy, torch
        def accuracy(model, batches):
            still = copy.deepcopy(model).eval()
            with torch.no_grad():
                right = sum((torch.argmax(still(x), dim=1) == y).sum() for x, y in batches)
            return right / sum(len(y) for x, y in batches)
        """,
        """
        import torch
        def accuracy(model, batches):
            modes = {module: module.training for module in model.modules()}
            model.eval()
            share = count = 0
            with torch.set_grad_enabled(False):
                for x, y in batches:
                    mean = (model(x).topk(1).indices[:, 0] == y).double().mean().item()
                    share, count = share + mean * len(y), count + len(y)
            for module, mode in modes.items():
                module.training = mode
            return share / count
        """,
        """
        import torch
        def accuracy(model, batches):
            before = model.training
            model.eval()
            right = count = 0
            weights = {name: p.detach() for name, p in model.named_parameters()}
            for x, y in batches:
                right += (torch.func.functional_call(model, weights, (x,)).argmax(dim=1) == y).sum().item()
                count += len(x)
            model.train(before)
            return right / count
        """,
        """
        import torch
        def accuracy(model, batches):
            before = model.training
            model.eval()
            for p in model.parameters():
                p.requires_grad_(False)
            right = sum((model(x).argmax(dim=1) == y).sum().item() for x, y in batches)
            for p in model.parameters():
                p.requires_grad_(True)
            model.train(before)
            return right / sum(len(x) for x, _ in batches)
        """,
    ],
)
