"""Finite differences: the referee between a formula and its code."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nnlab.checks import Array, as_float, need_rng

from .losses import Loss
from .module import Layer

# The error is eps^2 (curvature) plus 1e-16 / eps (rounding): smallest near the cube root of 1e-16.
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


def check_gradients(
    layer: Layer, x: Array, *more: Array, rng: np.random.Generator, tol: float = 1e-6
) -> dict[str, float]:
    """Compare a layer's `backward` with central differences, for its input and every parameter.

    The upstream gradient is random: with ones, a sum of outputs can be constant (softmax) and a broken backward would
    pass. Parameters should not be zero for the same reason. Parameters must be float64. A layer that draws
    random numbers must be in evaluation mode. Parameters and buffers are as before afterwards. `more`: what forward
    takes after x and has no gradient, a graph's edges.
    Returns the largest error by name ("x", "weight" ...), relative where gradients exceed 1.
    Raises AssertionError that names the first gradient off by more than `tol` or what was written to, and ValueError
    for parameters that are not float64 and for a layer that draws random numbers.
    """
    x = as_float(x).astype(np.float64)
    for name, p in layer.params.items():
        if p.dtype != np.float64:
            raise ValueError(f"Finite differences need float64; the parameter {name} is {p.dtype}.")
    before, x_before = layer.state_dict(), x.copy()
    y = layer.forward(x, *more)
    dy = need_rng(rng).normal(size=y.shape)
    dy_before = dy.copy()
    dx = layer.backward(dy)
    if not (np.array_equal(x, x_before) and np.array_equal(dy, dy_before)):
        raise AssertionError("forward or backward wrote to x or dy, which belong to the caller.")
    analytic = {"x": np.array(dx), **{name: g.copy() for name, g in layer.grads.items()}}
    missing = layer.params.keys() - layer.grads.keys()
    if missing:
        raise AssertionError(f"backward filled no gradient for {', '.join(sorted(missing))}.")
    if not np.array_equal(layer.forward(x, *more), layer.forward(x, *more)):
        raise ValueError(
            "Two forwards of the same input differ, so the layer draws random numbers: check it in eval()."
        )

    def loss_of(target: Array) -> Callable[[Array], float]:
        def loss(value: Array) -> float:
            target[...] = value  # a parameter is changed in place, so the layer sees it
            return float((layer.forward(x, *more) * dy).sum())

        return loss

    errors = {}
    for name, gradient in analytic.items():
        target = x if name == "x" else layer.params[name]
        start = target.copy()
        numeric = numeric_gradient(loss_of(target), start)
        target[...] = start
        errors[name] = _compare(name, gradient, numeric, tol)
    layer.load_state_dict(before)
    return errors


def check_loss_gradient(loss: Loss, prediction: Array, target: Array, *, tol: float = 1e-6) -> float:
    """Compare a loss's `backward` with central differences. A forgotten 1/n shows here: use two rows or more.

    Losses that are not reduced are added up with uneven weights. Returns the largest error; raises AssertionError where
    it is more than `tol`."""
    prediction = as_float(prediction).astype(np.float64)
    shape = np.shape(loss.forward(prediction, target))
    dy = 1 + np.arange(math.prod(shape), dtype=np.float64).reshape(shape)
    gradient = loss.backward(dy) if shape else loss.backward()
    numeric = numeric_gradient(lambda p: float((dy * loss.forward(p, target)).sum()), prediction)
    return _compare("the prediction", gradient, numeric, tol)


def _compare(name: str, gradient: Array, numeric: Array, tol: float) -> float:
    """The largest error, relative where the gradients exceed 1; AssertionError where it is more than tol."""
    if gradient.shape != numeric.shape:
        raise AssertionError(f"The gradient of {name} should have shape {numeric.shape}, got {gradient.shape}.")
    scale = np.maximum(1, np.maximum(abs(gradient), abs(numeric)))
    error = float((abs(gradient - numeric) / scale).max(initial=0))
    if not error <= tol:
        raise AssertionError(
            f"The gradient of {name} is off by {error:.1e} (allowed {tol:.0e}): backward disagrees with finite "
            f"differences."
        )
    return error
