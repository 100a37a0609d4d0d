"""Exercise 18.3: rates that fall with depth."""

from typing import Any

import torch
from torch import nn

from nnlab.exercises.exercise import Case, Exercise, Wrong


def _layers() -> list[nn.Module]:
    """Four layers of different size: one without parameters, one whose bias is frozen."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layers: list[nn.Module] = [nn.Linear(2, 3), nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 4)]
    layers[1].bias.requires_grad_(False)
    return layers


def _rates(objects: Any, lr: float, fall: float) -> list[float]:
    return [float(group["lr"]) for group in objects.groups(_layers(), lr, fall)]


def _sizes(objects: Any) -> list[int]:
    return [sum(p.numel() for p in group["params"]) for group in objects.groups(_layers(), 0.1, 0.5)]


def _moved(objects: Any) -> list[float]:
    """How far one step of SGD moves each layer whose gradients are all 1."""
    layers = _layers()
    opt = torch.optim.SGD(objects.groups(layers, 0.08, 0.5), lr=1.0)
    before = [[p.detach().clone() for p in layer.parameters()] for layer in layers]
    for layer in layers:
        for p in layer.parameters():
            p.grad = torch.ones_like(p) if p.requires_grad else None
    opt.step()
    found = []
    for layer, old in zip(layers, before, strict=True):
        far = [float((p.detach() - q).abs().max()) for p, q in zip(layer.parameters(), old, strict=True)]
        found.append(round(max(far, default=0.0), 6))
    return found


EXERCISE = Exercise(
    id="18.3",
    title="rates that fall with depth",
    stub='''
        def groups(layers, lr, fall):
            """Return parameter groups for an optimizer, [{"params": [...], "lr": ...}, ...], from the
            first layer to the last. The last layer's rate is lr, and each layer's is `fall` times that
            of the layer behind it. Leave out frozen parameters, and layers that have no others"""
            ...  # your code
        ''',
    hints=[
        "With four layers, by which power of `fall` is the rate of the first one multiplied, and of the last one?",
        """
        lr_k = lr · fall^(K - 1 - k)        for layer k of K, counted from 0
        """,
        """
        found = []
        for k, layer in enumerate(layers):
            params = [p for p in layer.parameters() if ___]
            if ___:
                found.append({"params": params, "lr": lr * fall ** (___)})
        return found
        """,
    ],
    solution="""
        def groups(layers, lr, fall):
            found = []
            for k, layer in enumerate(layers):
                params = [p for p in layer.parameters() if p.requires_grad]
                if params:
                    found.append({"params": params, "lr": lr * fall ** (len(layers) - 1 - k)})
            return found
        """,
    cases=[
        Case("the rates of three layers with parameters, of four", _rates, (0.1, 0.5), hint=2),
        Case("fall = 1: one rate for all", _rates, (0.01, 1.0), expected=[0.01] * 3, hint=2),
        Case("how many parameters each group has", _sizes, expected=[9, 15, 24], hint=3),
        Case("how far a step of SGD moves each layer", _moved, hint=2, rtol=1e-4, atol=1e-6),
    ],
    wrong={
        "the wrong end": Wrong(
            {
                'found.append({"params": params, "lr": lr * fall ** (len(layers) - 1 - k)})': 'found.append({"params": '
                'params, "lr": lr * fall ** k})'
            },
            "Your rates fall towards the head. The head is new and needs the greatest rate; the first layers see edges "
            "and colours, which hardly have to change.",
        ),
        "one too deep": Wrong(
            {
                'found.append({"params": params, "lr": lr * fall ** (len(layers) - 1 - k)})': 'found.append({"params": '
                'params, "lr": lr * fall ** (len(layers) - k)})'
            },
            "All your rates are one step too small: the last layer's rate is lr itself, fall to the power 0.",
        ),
        "equal steps": Wrong(
            {
                'found.append({"params": params, "lr": lr * fall ** (len(layers) - 1 - k)})': 'found.append({"params": '
                'params, "lr": lr * fall * (k + 1) / len(layers)})'
            },
            "The rate falls by a factor from layer to layer, not by equal steps.",
        ),
        "frozen ones too": Wrong(
            {"params = [p for p in layer.parameters() if p.requires_grad]": "params = list(layer.parameters())"},
            "A frozen parameter is among yours. Take those with requires_grad only.",
        ),
        "empty groups": Wrong(
            {"if params:": "if True:"},
            "A layer without parameters gives an empty group. Leave it out.",
        ),
        "counted without them": Wrong(
            """
            def groups(layers, lr, fall):
                lists = [[p for p in layer.parameters() if p.requires_grad] for layer in layers]
                lists = [params for params in lists if params]
                return [{"params": p, "lr": lr * fall ** (len(lists) - 1 - k)} for k, p in enumerate(lists)]
            """,
            "You left layers out before you counted how deep each one is. Depth counts every layer.",
        ),
        "one group": Wrong(
            """
            def groups(layers, lr, fall):
                return [{"params": [p for layer in layers for p in layer.parameters() if p.requires_grad], "lr": lr}]
            """,
            "One group has one rate. Make one for each layer.",
        ),
    },
    also_right=[
        """
        def groups(layers, lr, fall):
            found, rate = [], lr
            for layer in reversed(layers):
                params = [p for p in layer.parameters() if p.requires_grad]
                if params:
                    found.insert(0, dict(params=params, lr=rate))
                rate = rate * fall
            return found
        """,
        """
        def groups(layers, lr, fall):
            rates = lr * np.power(float(fall), np.arange(len(layers))[::-1])
            made = [{"params": [p for p in m.parameters() if p.requires_grad], "lr": float(r)}
                    for m, r in zip(layers, rates)]
            return [group for group in made if group["params"]]
        """,
    ],
)
