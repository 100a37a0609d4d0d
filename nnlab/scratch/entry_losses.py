"""The losses of single entries, and their derivatives with respect to the prediction: the formulas of `losses.py`.

All take prediction and target of one shape and return that shape; what they refuse is with the classes.
"""

from __future__ import annotations

import numpy as np

from nnlab.checks import Array

from .activations import sigmoid


def mse(prediction: Array, target: Array) -> Array:
    """Squared error, (p - t)^2."""
    return (prediction - target) ** 2


def mse_grad(prediction: Array, target: Array) -> Array:
    """2 (p - t)."""
    return 2 * (prediction - target)


def l1(prediction: Array, target: Array) -> Array:
    """Absolute error, |p - t|."""
    return np.abs(prediction - target)


def l1_grad(prediction: Array, target: Array) -> Array:
    """sign(p - t), and 0 where both are equal."""
    return np.sign(prediction - target)


def huber(prediction: Array, target: Array, delta: float = 1.0) -> Array:
    """e^2 / 2 where the error e = p - t is at most delta in size, else delta (|e| - delta / 2). Source: Huber 1964."""
    e = np.abs(prediction - target)
    return np.where(e <= delta, e * e / 2, delta * (e - delta / 2))


def huber_grad(prediction: Array, target: Array, delta: float = 1.0) -> Array:
    """The error, cut off at +-delta."""
    return np.clip(prediction - target, -delta, delta)


def bce(prediction: Array, target: Array) -> Array:
    """Binary cross-entropy of probabilities, -t log(p) - (1 - t) log(1 - p).

    Each logarithm is at least -100, as in PyTorch, so a confident wrong answer costs 100 and not infinity."""
    with np.errstate(divide="ignore"):  # log(0) = -inf is meant, and cut off
        log_p, log_q = np.maximum(np.log(prediction), -100), np.maximum(np.log1p(-prediction), -100)
    return -(target * log_p + (1 - target) * log_q)


def bce_grad(prediction: Array, target: Array) -> Array:
    """(p - t) / (p (1 - p)), the denominator at least 1e-12, as in PyTorch."""
    return (prediction - target) / np.maximum(prediction * (1 - prediction), 1e-12)


def bce_with_logits(prediction: Array, target: Array, pos_weight: Array | float = 1.0) -> Array:
    """Binary cross-entropy of logits z. With w = pos_weight for the positive class and c = 1 + (w - 1) t:

    (1 - t) z + c (max(-z, 0) + log(1 + e^-|z|)), which never takes log(0); for w = 1 it is bce(sigmoid(z), t)."""
    z, c = prediction, 1 + (pos_weight - 1) * target
    return (1 - target) * z + c * (np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z))))


def bce_with_logits_grad(prediction: Array, target: Array, pos_weight: Array | float = 1.0) -> Array:
    """sigmoid(z) - t, or with weights (1 - t) - c (1 - sigmoid(z))."""
    return (1 - target) - (1 + (pos_weight - 1) * target) * sigmoid(-prediction)
