"""Exercise 18.2: freeze all but the head."""

from typing import Any

import torch
from torch import nn

from nnlab.exercises.exercise import Case, Exercise, Wrong


def _net() -> tuple[Any, Any]:
    """A backbone that a measurement left in evaluation mode, and a head with a batch normalisation of its own."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        head = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Dropout(0.5), nn.Linear(6, 3))
        backbone = nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        )
        return nn.Sequential(backbone, head).eval(), head


def _after(objects: Any) -> tuple[Any, Any, Any]:
    net, head = _net()
    return net, head, objects.freeze(net, head)


def _backbone_asks(objects: Any) -> bool:
    net, _, _ = _after(objects)
    return any(p.requires_grad for p in net[0].parameters())


def _head_asks(objects: Any) -> bool:
    _, head, _ = _after(objects)
    return all(p.requires_grad for p in head.parameters())


def _kept(objects: Any) -> bool:
    """Whether two batches leave the backbone's running mean as it was."""
    net, _, _ = _after(objects)
    before = net[0][1].running_mean.clone()
    net(torch.randn(8, 3, 5, 5, generator=torch.Generator().manual_seed(1)) + 2)
    return bool(torch.equal(before, net[0][1].running_mean))


def _awake(objects: Any) -> list[bool]:
    """Modes of the head's batch normalisation and dropout."""
    _, head, _ = _after(objects)
    return [head[1].training, head[2].training]


def _count(objects: Any) -> Any:
    return _after(objects)[2]


EXERCISE = Exercise(
    id="18.2",
    title="freeze all but the head",
    stub='''
        def freeze(net, head):
            """Make `head`, a module inside of `net`, the only part that trains. No other parameter
            asks for a gradient. `net` is in training mode, except that each batch normalisation
            outside of the head is in evaluation mode. Return how many parameters train"""
            ...  # your code
        ''',
    hints=[
        "A frozen layer must keep two things: its parameters and its running statistics. Which of the two does "
        "requires_grad say nothing about?",
        """
        parameters:   requires_grad = False for net, True for head
        statistics:   training mode for net, evaluation mode for each BatchNorm that is not in head
        """,
        """
        net.requires_grad_(___)
        head.requires_grad_(___)
        net.train()
        mine = set(head.modules())
        for module in net.modules():
            if isinstance(module, ___) and module not in mine:
                module.___()
        return sum(p.numel() for p in net.parameters() if ___)
        """,
    ],
    solution="""
        import torch

        def freeze(net, head):
            net.requires_grad_(False)
            head.requires_grad_(True)
            net.train()
            mine = set(head.modules())
            for module in net.modules():
                if isinstance(module, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)) and module not in mine:
                    module.eval()
            return sum(p.numel() for p in net.parameters() if p.requires_grad)
        """,
    cases=[
        Case("the backbone asks for no gradient", _backbone_asks, expected=False, hint=2),
        Case("the whole head does", _head_asks, expected=True, hint=2),
        Case("two batches leave the backbone's running mean as it was", _kept, expected=True, hint=3),
        Case("the head's batch normalisation and dropout are awake", _awake, expected=[True, True], hint=3),
        Case("how many parameters train", _count, expected=63, hint=3),
    ],
    wrong={
        "gradients only": Wrong(
            {"module.eval()": "pass"},
            "No parameter of the backbone moves, but its batch normalisations are in training mode: each batch "
            "overwrites the running mean and variance that ImageNet left. Put them in evaluation mode.",
        ),
        "all asleep": Wrong(
            {"net.train()": "net.eval()"},
            "The head sleeps as well: its dropout drops nothing, and its own batch normalisation never learns its "
            "statistics. Only the batch normalisations outside of the head are in evaluation mode.",
        ),
        "the head's too": Wrong(
            {
                "if isinstance(module, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)) and module not in mine:": "if "
                "isinstance(module, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)):"
            },
            "The head's own batch normalisation is in evaluation mode. It is new, and has no statistics worth keeping.",
        ),
        "head frozen": Wrong(
            {"head.requires_grad_(True)": ""},
            "Nothing trains now: the head is a part of the net, and you froze all of it. Switch the head on again.",
        ),
        "nothing frozen": Wrong(
            {"net.requires_grad_(False)": ""},
            "The backbone still asks for gradients: set requires_grad to False for all of the net first.",
        ),
        "layers": Wrong(
            {
                "return sum(p.numel() for p in net.parameters() if p.requires_grad)": "return sum(1 for p in "
                "net.parameters() if p.requires_grad)"
            },
            "You count tensors. A weight of 6 x 4 has 24 parameters: numel.",
        ),
        "all counted": Wrong(
            {
                "return sum(p.numel() for p in net.parameters() if p.requires_grad)": "return sum(p.numel() for p in "
                "net.parameters())"
            },
            "That is every parameter of the net. Count those that ask for a gradient.",
        ),
    },
    also_right=[
        """
        import torch
        def freeze(net, head):
            mine = {id(p) for p in head.parameters()}
            for p in net.parameters():
                p.requires_grad = id(p) in mine
            net.eval()
            for module in net.modules():
                module.training = "BatchNorm" not in type(module).__name__
            head.train()
            return sum(p.numel() for p in head.parameters())
        """,
        """
        from torch.nn.modules.batchnorm import _BatchNorm
        def freeze(net, head):
            net.train()
            for p in net.parameters():
                p.requires_grad_(False)
            for module in net.modules():
                if isinstance(module, _BatchNorm):
                    module.train(False)
            head.train()
            count = 0
            for p in head.parameters():
                p.requires_grad_()
                count += p.numel()
            return count
        """,
    ],
)
