"""PyTorch as the Playground's engine: the same initial weights and batches, so the same losses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnlab.playground.engine import StepSettings, Weights
from nnlab.scratch import OPTIMIZERS
from nnlab.scratch.activations import ACTIVATIONS


class Function(nn.Module):
    """A row of ACTIVATIONS, as the PyTorch function that is its twin."""

    def __init__(self, name: str):
        super().__init__()
        row = ACTIVATIONS[name]
        self.options: dict[str, Any] = {key: p.default for key, p in row.params.items()}
        if name == "softmax":
            self.options["dim"] = -1
        self.fn: Callable[..., torch.Tensor] = eval(row.twin, {"torch": torch})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x -> f(x), of the same shape."""
        return self.fn(x, **self.options)


class SharedDropout(nn.Module):
    """`nn.Dropout` with masks from NumPy's generator: the same as nnlab's Dropout draws."""

    def __init__(self, rng: np.random.Generator):
        super().__init__()
        self.rng, self.p = rng, 0.0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x, some entries 0 and the others divided by 1 - p; x itself in evaluation mode."""
        if not (self.training and self.p > 0):
            return x
        keep = self.rng.random(tuple(x.shape)) >= self.p
        return x * torch.tensor(keep / (1 - self.p))


class TorchEngine:
    """PyTorch's layers, losses, autograd and optimizers, in float64 on the CPU, which is fastest for a network this
    small. rng: for dropout."""

    def __init__(
        self, weights: Weights, activations: Sequence[str], problem: str, optimizer: str, rng: np.random.Generator
    ):
        self.linears, layers = [], []
        for i, (w, b) in enumerate(weights):
            linear = nn.utils.skip_init(nn.Linear, w.shape[1], w.shape[0], dtype=torch.float64)
            with torch.no_grad():
                linear.weight.copy_(torch.tensor(w))
                linear.bias.copy_(torch.tensor(b))
            self.linears.append(linear)
            layers.append(linear)
            if i < len(activations):
                layers += [Function(activations[i]), SharedDropout(rng)]
        self.net = nn.Sequential(*layers)
        self.dropouts = [layer for layer in layers if isinstance(layer, SharedDropout)]
        self.loss: nn.Module = nn.BCEWithLogitsLoss() if problem == "classification" else nn.MSELoss()
        row = OPTIMIZERS[optimizer]
        make: Any = getattr(torch.optim, row.twin.rpartition(".")[2])
        self.opt = make(self.net.parameters(), lr=0.0, **row.options)

    def step(self, x: NDArray[Any], y: NDArray[Any], settings: StepSettings) -> float:
        """As `Engine.step`."""
        for layer in self.dropouts:
            layer.p = settings.dropout
        loss = self.loss(self.net(torch.tensor(x))[:, 0], torch.tensor(y))
        total = loss
        for linear in self.linears if settings.penalty != "none" else []:
            w = linear.weight
            total = total + settings.rate * (w.abs().sum() if settings.penalty == "L1" else (w * w).sum() / 2)
        self.opt.zero_grad()
        total.backward()
        for group in self.opt.param_groups:
            group["lr"] = settings.lr
        self.opt.step()
        return float(loss.detach())

    @property
    def weights(self) -> Weights:
        """As `Engine.weights`."""
        return [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in self.linears]

    @property
    def gradients(self) -> Weights | None:
        """As `Engine.gradients`."""
        if self.linears[0].weight.grad is None:
            return None
        return [(layer.weight.grad.numpy(), layer.bias.grad.numpy()) for layer in self.linears]
