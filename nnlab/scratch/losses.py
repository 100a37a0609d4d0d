"""Losses: one row of `LOSSES` for each. `forward(prediction, target)` gives a number, `backward()` its gradient.

A loss is computed for each entry and then averaged over all of them, as in PyTorch; reduction="sum" adds them up, and
reduction="none" leaves them as they are, to be weighted or looked at one by one. The formulas are in
`entry_losses.py`, and in `cross_entropy.py` that of cross-entropy, whose entries are rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from nnlab.checks import Array, as_array, as_float, need_number, need_shape, pick

from .cross_entropy import cross_entropy, cross_entropy_grad, cross_entropy_terms
from .entry_losses import (
    bce,
    bce_grad,
    bce_with_logits,
    bce_with_logits_grad,
    huber,
    huber_grad,
    l1,
    l1_grad,
    mse,
    mse_grad,
)
from .options import Options
from .precision import wide


class Loss(Options):
    """`forward(prediction, target)` -> float, the mean over all entries; `backward()` -> d loss / d prediction.

    target: the shape of prediction; nothing is broadcast. reduction: "mean", "sum", or "none", which gives an array
    with the loss of each entry. `backward(dy)` takes the gradient of what the loss goes into: a number, 1 where it is
    not given, or with "none" an array of the loss's shape, which is needed. The gradient is dy * d loss / d prediction.
    Everything is computed in the type of the prediction (float16 in float32), and the gradient has it. `backward`
    belongs to the latest forward. An empty batch has no mean and raises ValueError; with "none" the loss is empty too.
    Twin: the class of the same name in `torch.nn`.
    """

    unit_interval: tuple[str, ...] = ()  # which of "prediction", "target" are probabilities, so from 0 to 1

    def __init__(self, row: str, reduction: str = "mean", **options: Any):
        self.row: LossRow = LOSSES[row]
        self.reduction: str = pick({name: name for name in ("mean", "sum", "none")}, reduction, "reduction")
        self.options = options
        self._kept: tuple[Any, ...] | None = None

    def forward(self, prediction: Array, target: Array) -> Any:  # a float, or an array where reduction is "none"
        p = as_float(prediction, "prediction")
        dtype, p = p.dtype, wide(p)
        t = as_float(target, "target").astype(p.dtype, copy=False)
        need_shape(t, p.shape, "target")
        for name, values in (("prediction", p), ("target", t)):
            if name in self.unit_interval and p.size and not (values.min() >= 0 and values.max() <= 1):
                raise ValueError(f"{name} should be from 0 to 1, got {values.min()} to {values.max()}.")
        self._kept = (p.copy(), t.copy(), dtype)  # the caller may write to both before backward
        each = self.row.fn(p, t, **self._given(p))
        return each.astype(dtype, copy=False) if self.reduction == "none" else float(each.sum()) / self._count(p.size)

    def backward(self, dy: Any = None) -> Array:
        p, t, dtype = self._latest()
        gradient = self.row.grad(p, t, **self._given(p)) / self._count(p.size)
        return self._times(gradient, dy, p.shape).astype(dtype, copy=False)

    def __call__(self, prediction: Array, target: Array) -> Any:
        return self.forward(prediction, target)

    def _given(self, prediction: Array) -> dict[str, Any]:
        """What the functions of the row take besides prediction and target."""
        return self.options

    def _count(self, n: float) -> float:
        """What the sum is divided by."""
        if n == 0 and self.reduction != "none":
            raise ValueError("The loss is not defined: the batch is empty, or every label is ignored.")
        return float(n) if self.reduction == "mean" else 1.0

    def _times(self, gradient: Array, dy: Any, shape: tuple[int, ...]) -> Array:
        """`gradient` times the gradient from above: of one loss, or of losses of this shape, an entry or a row each."""
        if self.reduction != "none":
            return gradient if dy is None else gradient * need_number(dy, "dy, the gradient of the loss,", -math.inf)
        if dy is None:
            raise ValueError(
                f'With reduction="none" there is a loss for each entry: give backward the gradient of each, of shape '
                f"{shape}, or use the mean or the sum."
            )
        dy = as_float(dy, "dy")
        need_shape(dy, shape, "dy, the gradient of each loss,")
        return gradient * (dy if shape == gradient.shape else dy.reshape(-1, 1))

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

    `pos_weight` counts positive targets that many times: a number, or an array that is broadcast to the shape of the
    logits, so (C,) has one number for each class of (N, C) where several may hold at once; it often is the number of
    negative examples of a class divided by that of positive ones. Gradient: (sigmoid(z) - t) / n, with weights as in
    `bce_with_logits_grad`. A target outside of 0 to 1, a negative weight or one of a shape that does not fit raises
    ValueError. Twin: `torch.nn.BCEWithLogitsLoss`."""

    unit_interval = ("target",)

    def __init__(self, reduction: str = "mean", pos_weight: Array | float = 1.0):
        if as_array(pos_weight, "pos_weight").ndim == 0:
            value = pos_weight[()] if isinstance(pos_weight, np.ndarray) else pos_weight
            pos_weight = need_number(value, "pos_weight")
        else:
            pos_weight = as_float(pos_weight, "pos_weight").copy()
            if not (np.isfinite(pos_weight).all() and (pos_weight >= 0).all()):
                raise ValueError(f"pos_weight should be finite numbers of at least 0, got {pos_weight}.")
        super().__init__("bce_with_logits", reduction, pos_weight=pos_weight)

    def _given(self, prediction: Array) -> dict[str, Any]:
        w = self.options["pos_weight"]
        if isinstance(w, float):
            return self.options
        if not _broadcasts(w.shape, prediction.shape):
            raise ValueError(
                f"pos_weight of shape {w.shape} does not fit logits of shape {prediction.shape}: give one number, or "
                f"one for each class, of shape {prediction.shape[-1:]}."
            )
        return {"pos_weight": w.astype(prediction.dtype, copy=False)}


class CrossEntropyLoss(Loss):
    """Cross-entropy of logits (N, C) or (N, C, ...) against integer labels (N,) or (N, ...): -log softmax(z)[label].

    Labels may also be probabilities of the logits' shape. weight: (C,) counts each class that many times, and the mean
    is then the weighted one; rows labelled ignore_index do not count; label_smoothing e moves a share e of each label
    to all classes evenly. reduction="none" gives the loss of each label, of shape (N,) or (N, ...), 0 where it is
    ignored. Gradient: (softmax(z) - onehot) / N. Labels out of range raise ValueError, labels that are
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
        self.weight = None if weight is None else wide(as_float(weight, "weight"))
        self.ignore_index = ignore_index
        self.label_smoothing = need_number(label_smoothing, "label_smoothing", high=1.0)

    def forward(self, prediction: Array, target: Array) -> Any:
        log_p, q, mass, count = cross_entropy_terms(
            prediction, target, self.weight, self.ignore_index, self.label_smoothing
        )
        count = self._count(count)
        shape, dtype = np.shape(prediction), as_float(prediction).dtype
        self._kept = (log_p, q, mass, count, shape, dtype)
        if self.reduction == "none":
            each = 0 - (np.where(q, log_p, 0) * q).sum(axis=1)  # 0 - 0 is 0, and -0 would be shown as -0
            return each.reshape(shape[0], *shape[2:]).astype(dtype, copy=False)
        total = float(np.vdot(log_p, q))
        if math.isnan(total):  # -inf times 0: a logit of -inf costs nothing where q is 0
            total = float(np.vdot(np.where(q, log_p, 0), q))
        return -total / count

    def backward(self, dy: Any = None) -> Array:
        log_p, q, mass, count, shape, dtype = self._latest()
        dz = self._times((np.exp(log_p) * mass - q) / count, dy, (shape[0], *shape[2:])).astype(dtype, copy=False)
        if len(shape) == 2:
            return dz
        return np.moveaxis(dz.reshape(shape[0], *shape[2:], shape[1]), -1, 1).copy()


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether an array of `shape` can be broadcast to the shape `to`, which stays."""
    try:
        return np.broadcast_shapes(shape, to) == to
    except ValueError:
        return False


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
