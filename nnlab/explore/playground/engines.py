"""Two engines that train the same network: nnlab's own NumPy layers, and PyTorch (`torch_engine.py`).

An engine takes the initial weights and the row of the optimizer. `step(...)` takes one mini-batch and returns its
loss; `weights` and `gradients` are NumPy arrays, one (weight, bias) a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...scratch import INITIALISERS, OPTIMIZERS, BCEWithLogitsLoss, Dropout, Linear, MSELoss, Sequential
from ...scratch.activations import ACTIVATIONS
from ...scratch.module import Layer

Array = NDArray[Any]
Weights = list[tuple[Array, Array]]


@dataclass(frozen=True)
class Push:
    """What acts on a step and may change from one to the next: learning rate, penalty on the weights, dropout."""

    lr: float
    penalty: str = "none"
    rate: float = 0.0
    dropout: float = 0.0


class Engine(Protocol):
    """A network in training."""

    def step(self, x: Array, y: Array, push: Push) -> float:
        """Forward, backward, update on one mini-batch. Returns its loss, without the penalty."""

    @property
    def weights(self) -> Weights:
        """The present weights and biases, from first to last layer."""

    @property
    def gradients(self) -> Weights | None:
        """Those of the last step; None before the first."""


def first_weights(sizes: Sequence[int], init: str, rng: np.random.Generator) -> Weights:
    """Weights by a row of INITIALISERS with biases at zero; "pytorch" takes both as `torch.nn.Linear` starts."""
    made = []
    for n_in, n_out in pairwise(sizes):
        if n_in == 0:  # all inputs are switched off
            made.append((np.zeros((n_out, 0)), np.zeros(n_out)))
        elif init == "pytorch":
            params = Linear(n_in, n_out, rng=rng).params
            made.append((params["weight"], params["bias"]))
        else:
            made.append((INITIALISERS[init].fn((n_out, n_in), rng=rng), np.zeros(n_out)))
    return made


class NumpyEngine:
    """nnlab's own layers, losses and optimizers."""

    def __init__(
        self, weights: Weights, activations: Sequence[str], problem: str, optimizer: str, rng: np.random.Generator
    ):
        layers: list[Layer] = []
        for i, (w, b) in enumerate(weights):
            linear = Linear(w.shape[1], w.shape[0], rng=np.random.default_rng(0))  # rng is for dropout alone
            linear.load_state_dict({"weight": w, "bias": b})
            layers.append(linear)
            if i < len(activations):
                layers += [ACTIVATIONS[activations[i]].layer(), Dropout(0.0, rng=rng)]
        self.net = Sequential(*layers)
        self.linears = [layer for layer in layers if isinstance(layer, Linear)]
        self.dropouts = [layer for layer in layers if isinstance(layer, Dropout)]
        self.loss = BCEWithLogitsLoss() if problem == "classification" else MSELoss()
        self.opt = OPTIMIZERS[optimizer].make(self.net.params, lr=0.0)

    def step(self, x: Array, y: Array, push: Push) -> float:
        for layer in self.dropouts:
            layer.p = push.dropout
        loss = self.loss(self.net(x)[:, 0], y)
        self.net.backward_params(self.loss.backward()[:, None])
        for linear in self.linears if push.penalty != "none" else []:
            w = linear.params["weight"]
            linear.grads["weight"] += push.rate * (np.sign(w) if push.penalty == "L1" else w)
        self.opt.lr = push.lr
        self.opt.step(self.net.grads)
        return loss

    @property
    def weights(self) -> Weights:
        return [(layer.params["weight"], layer.params["bias"]) for layer in self.linears]

    @property
    def gradients(self) -> Weights | None:
        if not self.linears[0].grads:
            return None
        return [(layer.grads["weight"], layer.grads["bias"]) for layer in self.linears]


def make_engine(
    name: str, weights: Weights, activations: Sequence[str], problem: str, optimizer: str, rng: np.random.Generator
) -> Engine:
    """The engine of that name. PyTorch is imported only when it is asked for: it takes a second."""
    if name == "numpy":
        return NumpyEngine(weights, activations, problem, optimizer, rng)
    from .torch_engine import TorchEngine

    return TorchEngine(weights, activations, problem, optimizer, rng)
