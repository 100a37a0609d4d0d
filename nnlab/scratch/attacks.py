"""Attacks on a classifier: inputs that look the same and get another answer. Twins: `nnlab.pytorch.attacks`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from nnlab.checks import Array, as_float, need_integers, need_number, need_rng, need_shape, need_size, pick

from .cross_entropy import cross_entropy_grad
from .module import Layer, evaluating
from .precision import wide


def fgsm(
    net: Layer,
    x: Array,
    labels: Array,
    eps: float,
    *,
    target: Array | None = None,
    low: float = 0.0,
    high: float = 1.0,
) -> Array:
    """The fast gradient sign method: one step of eps in every entry, towards a higher loss.

        x' = clip(x + eps sign(dL/dx), low, high),   L the cross-entropy of net(x) and the labels

    With target: towards a lower loss of the target's, x' = clip(x - eps sign(dL_target/dx)).

    net: x -> logits (N, C), asked in evaluation mode; its mode comes back, its grads are overwritten. x: (N, ...) from
    low to high; labels, target: (N,) -> the shape of x. Raises ValueError for eps < 0, x outside of low to high, a
    target that is the label and a network with fewer than two logits, whose loss cannot change.

    Goodfellow, Shlens and Szegedy 2015, "Explaining and Harnessing Adversarial Examples"."""
    return pgd(net, x, labels, eps, steps=1, step_size=eps, target=target, low=low, high=high)


def pgd(
    net: Layer,
    x: Array,
    labels: Array,
    eps: float,
    *,
    steps: int = 20,
    step_size: float | None = None,
    norm: str = "linf",
    target: Array | None = None,
    rng: np.random.Generator | None = None,
    low: float = 0.0,
    high: float = 1.0,
) -> Array:
    """Projected gradient descent: many small steps, each projected back onto what is allowed.

        z <- clip(project(z + step_size d)),   d = sign(g) for "linf", g / |g| for "l2",   g = dL/dz at z

    "linf": no entry of z - x is beyond eps. "l2": its length in each row is at most eps. step_size: 2.5 eps / steps if
    it is left out. rng: begin at a random place of the ball, not at x. target: the steps go down its loss instead.
    Everything else, and the errors, as `fgsm`, which is one step of size eps.

    Madry et al. 2018, "Towards Deep Learning Models Resistant to Adversarial Attacks"."""
    x, labels, goal, sign = _checked(x, labels, target, low, high)
    eps = need_number(eps, "eps")
    need_size(steps, "steps")
    step_size = 2.5 * eps / steps if step_size is None else need_number(step_size, "step_size")
    row: Norm = pick(NORMS, norm, "norm")
    z = x if rng is None else np.clip(x + row.draw(x, eps, need_rng(rng)), low, high)
    with evaluating(net):
        for _ in range(steps):
            y = net(z)
            if y.ndim != 2 or y.shape[1] < 2:
                raise ValueError(f"net should give two logits or more a row, (N, C), got shape {y.shape}.")
            g = net.backward(cross_entropy_grad(y, goal))
            z = z + sign * step_size * row.direction(g)
            z = np.clip(x + row.project(z - x, eps), low, high)
    return z


class Norm:
    """How far is far: the direction of a step, the projection of a change onto the ball of radius eps, and a random
    change inside of it. Changes have shape (N, ...)."""

    @staticmethod
    def direction(g: Array) -> Array:
        """The step of length 1 that raises the loss most."""
        return np.sign(g)

    @staticmethod
    def project(d: Array, eps: float) -> Array:
        """The nearest change that is allowed."""
        return np.clip(d, -eps, eps)

    @staticmethod
    def draw(x: Array, eps: float, rng: np.random.Generator) -> Array:
        """A random change that is allowed."""
        return rng.uniform(-eps, eps, x.shape).astype(x.dtype)


class L2Norm(Norm):
    """The Euclidean length of each row's change."""

    @staticmethod
    def direction(g: Array) -> Array:
        return (g / np.maximum(_length(g), 1e-12)).astype(g.dtype)

    @staticmethod
    def project(d: Array, eps: float) -> Array:
        return (d * np.minimum(1, eps / np.maximum(_length(d), 1e-12))).astype(d.dtype)

    @staticmethod
    def draw(x: Array, eps: float, rng: np.random.Generator) -> Array:
        d = rng.normal(size=x.shape)
        share = rng.uniform(size=(len(x), *[1] * (x.ndim - 1)))
        return (eps * share * d / np.maximum(_length(d), 1e-12)).astype(x.dtype)


NORMS: Mapping[str, type[Norm]] = MappingProxyType({"linf": Norm, "l2": L2Norm})


def _length(d: Array) -> Array:
    d = wide(d)  # float16 rounds the square of 0.0001 to 0
    return np.sqrt((d**2).sum(axis=tuple(range(1, d.ndim)), keepdims=True))


def _checked(
    x: Any, labels: Any, target: Any, low: float, high: float, below: int = 2**31
) -> tuple[Array, Array, Array, float]:
    x = as_float(x, "x")
    if x.size and not (x.min() >= low and x.max() <= high):  # false for NaN as well
        raise ValueError(
            f"x should be from {low:g} to {high:g}, got {x.min():g} to {x.max():g}: attack what is before "
            f"normalisation, or pass low= and high=."
        )
    labels = need_integers(labels, "labels", below)
    need_shape(labels, x.shape[:1], "labels, one a row of x,")
    if target is None:
        return x, labels, labels, 1.0
    target = need_integers(target, "target", below)
    need_shape(target, labels.shape, "target, one a row of x,")
    if (target == labels).any():
        raise ValueError("target should differ from the label in every row: there is nothing to attack otherwise.")
    return x, labels, target, -1.0
