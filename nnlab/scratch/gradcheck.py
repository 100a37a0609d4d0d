"""Finite differences: the referee between a formula and its code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .checks import Array, as_float
from .module import Layer

# Central differences err by eps^2 (curvature) plus 1e-16 / eps (rounding): least near the cube root of 1e-16.
EPS = 1e-5


def numeric_gradient(f: Callable[[Array], float], x: Array, eps: float = EPS) -> Array:
    """Gradient of a scalar function by central differences: df/dx_i = (f(x + eps e_i) - f(x - eps e_i)) / (2 eps).

    x: any shape, taken as float64 and copied, never written to -> array of the same shape. 2 x.size calls of f.
    """
    x = as_float(x).astype(np.float64)
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + eps
        above = f(x)
        x[i] = kept - eps
        below = f(x)
        x[i] = kept
        gradient[i] = (above - below) / (2 * eps)
    return gradient


def check_gradients(layer: Layer, x: Array, *, rng: np.random.Generator, tol: float = 1e-6) -> dict[str, float]:
    """Compare a layer's `backward` with central differences, for its input and every parameter.

    The upstream gradient is random: with ones, a sum of outputs can be constant (softmax) and a broken backward would
    pass. Parameters should not be zero for the same reason. Uses float64.
    Returns the largest error by name ("x", "weight" ...), relative where gradients exceed 1.
    Raises AssertionError that names the first gradient off by more than `tol`.
    """
    x = as_float(x).astype(np.float64)
    y = layer.forward(x)
    dy = rng.normal(size=y.shape)
    dx = layer.backward(dy)
    analytic = {"x": dx, **{name: g.copy() for name, g in layer.grads.items()}}
    missing = layer.params.keys() - layer.grads.keys()
    if missing:
        raise AssertionError(f"backward filled no gradient for {', '.join(sorted(missing))}.")

    def loss_of(target: Array) -> Callable[[Array], float]:
        def loss(value: Array) -> float:
            target[...] = value  # a parameter is changed in place, so the layer sees it
            return float((layer.forward(x) * dy).sum())

        return loss

    errors = {}
    for name, gradient in analytic.items():
        target = x if name == "x" else layer.params[name]
        start = target.copy()
        numeric = numeric_gradient(loss_of(target), start)
        target[...] = start
        scale = np.maximum(1, np.maximum(abs(gradient), abs(numeric)))
        errors[name] = float((abs(gradient - numeric) / scale).max(initial=0))
        if not errors[name] <= tol:
            raise AssertionError(
                f"The gradient of {name} is off by {errors[name]:.1e} (allowed {tol:.0e}): "
                f"backward disagrees with finite differences."
            )
    return errors
