"""nnlab's own NumPy layers as the Playground's engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.playground.engine import StepSettings, Weights
from nnlab.scratch import OPTIMIZERS, BCEWithLogitsLoss, Dropout, Linear, MSELoss, Sequential
from nnlab.scratch.activations import ACTIVATIONS
from nnlab.scratch.module import Layer

Array = NDArray[Any]


class NumpyEngine:
    """nnlab's own layers, losses and optimizers. rng: for dropout."""

    def __init__(
        self, weights: Weights, activations: Sequence[str], problem: str, optimizer: str, rng: np.random.Generator
    ):
        layers: list[Layer] = []
        for i, (w, b) in enumerate(weights):
            linear = Linear(w.shape[1], w.shape[0], rng=np.random.default_rng(0))  # `rng` is only for dropout
            linear.load_state_dict({"weight": w, "bias": b})
            layers.append(linear)
            if i < len(activations):
                layers += [ACTIVATIONS[activations[i]].layer(), Dropout(0.0, rng=rng)]
        self.net = Sequential(*layers)
        self.linears = [layer for layer in layers if isinstance(layer, Linear)]
        self.dropouts = [layer for layer in layers if isinstance(layer, Dropout)]
        self.loss = BCEWithLogitsLoss() if problem == "classification" else MSELoss()
        self.opt = OPTIMIZERS[optimizer].make(self.net.params, lr=0.0)

    def step(self, x: Array, y: Array, settings: StepSettings) -> float:
        """As `Engine.step`."""
        for layer in self.dropouts:
            layer.p = settings.dropout
        loss = self.loss(self.net(x)[:, 0], y)
        self.net.backward_params(self.loss.backward()[:, None])
        for linear in self.linears if settings.penalty != "none" else []:
            w = linear.params["weight"]
            linear.grads["weight"] += settings.rate * (np.sign(w) if settings.penalty == "L1" else w)
        self.opt.lr = settings.lr
        self.opt.step(self.net.grads)
        return loss

    @property
    def weights(self) -> Weights:
        """As `Engine.weights`."""
        return [(layer.params["weight"], layer.params["bias"]) for layer in self.linears]

    @property
    def gradients(self) -> Weights | None:
        """As `Engine.gradients`."""
        if not self.linears[0].grads:
            return None
        return [(layer.grads["weight"], layer.grads["bias"]) for layer in self.linears]
