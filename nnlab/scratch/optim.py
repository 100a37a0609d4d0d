"""Optimizers: `opt = Adam(net.params, lr=0.01)`, then `opt.step(net.grads)` after each backward."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .checks import Array, need_shape


class Optimizer:
    """Owns the loop over parameters and checks names and shapes; a subclass owns the formula, `update`."""

    def __init__(self, params: Mapping[str, Array], lr: float):
        if not lr >= 0:
            raise ValueError(f"lr, the learning rate, should be 0 or more, got {lr}.")
        self.params = dict(params)
        self.lr = lr
        self.t = 0

    def step(self, grads: Mapping[str, Array]) -> None:
        """Change every parameter in place by its gradient. `grads` has the parameters' names and shapes."""
        if grads.keys() != self.params.keys():
            raise ValueError(f"Expected gradients for {sorted(self.params)}, got {sorted(grads)}: run backward first.")
        self.t += 1
        for name, p in self.params.items():
            need_shape(grads[name], p.shape, f"the gradient of {name}")
            self.update(name, p, grads[name])

    def update(self, name: str, p: Array, g: Array) -> None:
        """Change `p` in place, given its gradient `g`; `name` finds the state that belongs to it."""
        raise NotImplementedError


class SGD(Optimizer):
    """Gradient descent, p <- p - lr g. Twin: `torch.optim.SGD`."""

    def __init__(self, params: Mapping[str, Array], lr: float = 1e-3):
        super().__init__(params, lr)

    def update(self, name: str, p: Array, g: Array) -> None:
        p -= self.lr * g


class Adam(Optimizer):
    """Adam (Kingma & Ba 2015): p <- p - lr m^ / (sqrt(v^) + eps), with bias-corrected means m^ of g and v^ of g^2.

    Twin: `torch.optim.Adam`."""

    def __init__(
        self,
        params: Mapping[str, Array],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ):
        super().__init__(params, lr)
        self.betas, self.eps = betas, eps
        self.m = {name: np.zeros_like(p) for name, p in self.params.items()}
        self.v = {name: np.zeros_like(p) for name, p in self.params.items()}

    def update(self, name: str, p: Array, g: Array) -> None:
        (b1, b2), m, v = self.betas, self.m[name], self.v[name]
        m += (1 - b1) * (g - m)
        v += (1 - b2) * (g * g - v)
        corrected = np.sqrt(v / (1 - b2**self.t)) + self.eps
        p -= self.lr / (1 - b1**self.t) * m / corrected
