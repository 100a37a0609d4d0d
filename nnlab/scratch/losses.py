"""Losses: one row of `LOSSES` for each. `forward(prediction, target)` gives a number, `backward()` its gradient.

A loss is computed for each entry and then averaged over all of them (reduction="sum" adds them up), as in PyTorch.
Cross-entropy, whose entries are rows, is in `cross_entropy.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from nnlab.checks import Array, as_float, need_number, need_shape, pick

from .activations import sigmoid
from .cross_entropy import cross_entropy, cross_entropy_grad, cross_entropy_terms
from .options import Options
from .precision import wide


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


class Loss(Options):
    """`forward(prediction, target)` -> float, the mean over all entries; `backward()` -> d loss / d prediction.

    target: the shape of prediction; nothing is broadcast. Everything is computed in the type of the prediction (float16
    in float32), and the gradient has it. `backward` belongs to the latest forward. An empty batch has no mean and
    raises ValueError. Twin: the class of the same name in `torch.nn`.
    """

    unit_interval: tuple[str, ...] = ()  # which of "prediction", "target" are probabilities, so from 0 to 1

    def __init__(self, row: str, reduction: str = "mean", **options: Any):
        self.row: LossRow = LOSSES[row]
        self.reduction: str = pick({"mean": "mean", "sum": "sum"}, reduction, "reduction")
        self.options = options
        self._kept: tuple[Any, ...] | None = None

    def forward(self, prediction: Array, target: Array) -> float:
        p = as_float(prediction, "prediction")
        dtype, p = p.dtype, wide(p)
        t = as_float(target, "target").astype(p.dtype, copy=False)
        need_shape(t, p.shape, "target")
        for name, values in (("prediction", p), ("target", t)):
            if name in self.unit_interval and p.size and not (values.min() >= 0 and values.max() <= 1):
                raise ValueError(f"{name} should be from 0 to 1, got {values.min()} to {values.max()}.")
        self._kept = (p.copy(), t.copy(), dtype)  # the caller may write to both before backward
        each = self.row.fn(p, t, **self.options)
        return float(each.sum()) / self._count(p.size)

    def backward(self) -> Array:
        p, t, dtype = self._latest()
        return (self.row.grad(p, t, **self.options) / self._count(p.size)).astype(dtype, copy=False)

    def __call__(self, prediction: Array, target: Array) -> float:
        return self.forward(prediction, target)

    def _count(self, n: float) -> float:
        """What the sum is divided by."""
        if n == 0:
            raise ValueError("The loss is not defined: the batch is empty, or every label is ignored.")
        return float(n) if self.reduction == "mean" else 1.0

    def _latest(self) -> tuple[Any, ...]:
        if self._kept is None:
            raise ValueError(f"{type(self).__name__}.backward was called before forward: run forward first.")
        return self._kept

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class MSELoss(Loss):
    """Mean squared error, mean of (p - t)^2. Gradient: 2 (p - t) / n. Twin: `torch.nn.MSELoss`."""

    def __init__(self, reduction: str = "mean"):
        super().__init__("mse", reduction)


class L1Loss(Loss):
    """Mean absolute error, mean of |p - t|. Gradient: sign(p - t) / n. Twin: `torch.nn.L1Loss`."""

    def __init__(self, reduction: str = "mean"):
        super().__init__("l1", reduction)


class HuberLoss(Loss):
    """e^2 / 2 for errors |e| = |p - t| up to `delta`, delta (|e| - delta / 2) for larger ones. Source: Huber 1964.

    Gradient: e, clipped to +-delta, divided by n. Twin: `torch.nn.HuberLoss`."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0):
        super().__init__("huber", reduction, delta=need_number(delta, "delta", 1e-300))


class BCELoss(Loss):
    """Binary cross-entropy of probabilities, mean of -t log(p) - (1 - t) log(1 - p), p the output of a sigmoid.

    Prediction and target must be from 0 to 1, else ValueError. Prefer BCEWithLogitsLoss: it loses no digits.
    Twin: `torch.nn.BCELoss`."""

    unit_interval = ("prediction", "target")

    def __init__(self, reduction: str = "mean"):
        super().__init__("bce", reduction)


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of logits z, mean of max(z, 0) - z t + log(1 + e^-|z|): the sigmoid is inside.

    `pos_weight` counts positive targets that many times. Gradient: (sigmoid(z) - t) / n. The target must be from 0 to
    1, else ValueError. Twin: `torch.nn.BCEWithLogitsLoss`."""

    unit_interval = ("target",)

    def __init__(self, reduction: str = "mean", pos_weight: float = 1.0):
        super().__init__("bce_with_logits", reduction, pos_weight=need_number(pos_weight, "pos_weight"))


class CrossEntropyLoss(Loss):
    """Cross-entropy of logits (N, C) or (N, C, ...) against integer labels (N,) or (N, ...): -log softmax(z)[label].

    Labels may also be probabilities of the logits' shape. weight: (C,) counts each class that many times, and the mean
    is then the weighted one; rows labelled ignore_index do not count; label_smoothing e moves a share e of each label
    to all classes evenly. Gradient: (softmax(z) - onehot) / N. Labels out of range raise ValueError, labels that are
    not whole numbers TypeError. Twin: `torch.nn.CrossEntropyLoss`.
    """

    def __init__(
        self,
        weight: Array | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ):
        super().__init__("cross_entropy", reduction)
        self.weight = None if weight is None else as_float(weight, "weight")
        self.ignore_index = ignore_index
        self.label_smoothing = need_number(label_smoothing, "label_smoothing", high=1.0)

    def forward(self, prediction: Array, target: Array) -> float:
        log_p, q, mass, count = cross_entropy_terms(
            prediction, target, self.weight, self.ignore_index, self.label_smoothing
        )
        count = self._count(count)
        self._kept = (log_p, q, mass, count, np.shape(prediction), as_float(prediction).dtype)
        total = float(np.vdot(log_p, q))
        if math.isnan(total):  # -inf times 0: a logit of -inf costs nothing where q is 0
            total = float(np.vdot(np.where(q, log_p, 0), q))
        return -total / count

    def backward(self) -> Array:
        log_p, q, mass, count, shape, dtype = self._latest()
        dz = ((np.exp(log_p) * mass - q) / count).astype(dtype, copy=False)
        if len(shape) == 2:
            return dz
        return np.moveaxis(dz.reshape(shape[0], *shape[2:], shape[1]), -1, 1).copy()


class LossRow(NamedTuple):
    """One row. `fn` is the loss of each entry, `grad` its derivative with respect to the prediction; neither averages.

    `formula` and `derivative` are LaTeX in p (prediction; z for logits) and t (target)."""

    name: str
    fn: Callable[..., Array]
    grad: Callable[..., Array]
    loss: type[Loss]
    formula: str
    derivative: str
    twin: str
    use: str
    params: Mapping[str, Any] = MappingProxyType({})  # empty, and stays so


_ROWS = [
    LossRow("mse", mse, mse_grad, MSELoss, r"(p - t)^2", r"2 (p - t)", "torch.nn.MSELoss", "regression"),
    LossRow(
        "l1", l1, l1_grad, L1Loss, r"|p - t|", r"\operatorname{sign}(p - t)", "torch.nn.L1Loss", "a median, outliers"
    ),
    LossRow(
        "huber",
        huber,
        huber_grad,
        HuberLoss,
        r"\tfrac{1}{2} e^2 \text{ if } |e| \le \delta \text{ else } \delta (|e| - \tfrac{1}{2} \delta),\; e = p - t",
        r"\min(\max(e, -\delta), \delta)",
        "torch.nn.HuberLoss",
        "regression with a few outliers",
        {"delta": 1.0},
    ),
    LossRow(
        "bce",
        bce,
        bce_grad,
        BCELoss,
        r"-t \log p - (1 - t) \log(1 - p)",
        r"\frac{p - t}{p (1 - p)}",
        "torch.nn.BCELoss",
        "two classes, probabilities given",
    ),
    LossRow(
        "bce_with_logits",
        bce_with_logits,
        bce_with_logits_grad,
        BCEWithLogitsLoss,
        r"\max(z, 0) - z t + \log(1 + e^{-|z|})",
        r"\sigma(z) - t",
        "torch.nn.BCEWithLogitsLoss",
        "two classes, or several that may hold at once",
    ),
    LossRow(
        "cross_entropy",
        cross_entropy,
        cross_entropy_grad,
        CrossEntropyLoss,
        r"\log \sum_j e^{z_j} - z_t",
        r"\operatorname{softmax}(z) - \operatorname{onehot}(t)",
        "torch.nn.CrossEntropyLoss",
        "one of several classes",
    ),
]

LOSSES: dict[str, LossRow] = {row.name: row for row in _ROWS}
