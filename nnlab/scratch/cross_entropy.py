"""Cross-entropy: minus the logarithm of the probability that the softmax of some logits gives to the true class."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, as_array, as_float, describe, need_integers, need_shape

from .precision import wide


def log_softmax(z: Array) -> Array:
    """log(softmax(z)) along the last axis, without the softmax: z - max - log(sum(e^(z - max))). Never log(0)."""
    shifted = z - z.max(axis=-1, keepdims=True, initial=-np.inf)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted


def cross_entropy(prediction: Array, target: Array) -> Array:
    """For each row of logits (N, C): -log softmax(z)[label], or -sum(t * log softmax(z)) for probabilities t."""
    log_p, q, _, _ = cross_entropy_terms(prediction, target)
    return -(log_p * q).sum(axis=1).astype(as_float(prediction).dtype, copy=False)


def cross_entropy_grad(prediction: Array, target: Array) -> Array:
    """For each row: softmax(z) - onehot(label), or softmax(z) sum(t) - t."""
    log_p, q, mass, _ = cross_entropy_terms(prediction, target)
    return (np.exp(log_p) * mass - q).astype(as_float(prediction).dtype, copy=False)


def cross_entropy_terms(
    prediction: Array,
    target: Array,
    weight: Array | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
) -> tuple[Array, Array, Array | float, float]:
    """(log_p, q, mass, count) with the loss -sum(log_p * q) / count; log_p and q have a row for each label.

    q is the target distribution, 1 at the label and 0 elsewhere or the given probabilities, after smoothing and
    weighting; mass is the sum of each of its rows. count is the
    number of labels, or the sum of their weights. float16 is computed in float32.
    """
    z = wide(as_float(prediction, "prediction"))
    labels = as_array(target, "target")
    if z.ndim < 2:
        raise ValueError(f"Logits should have shape (N, C) or (N, C, ...), got {z.shape}.")
    classes = z.shape[1]
    if weight is not None:
        need_shape(weight, (classes,), "weight, one number a class,")
    z = _rows(z)
    if labels.dtype.kind in "iu":
        need_shape(labels, (*np.shape(prediction)[:1], *np.shape(prediction)[2:]), "target, integer labels,")
        q, count = _from_labels(labels.reshape(-1), z, weight, ignore_index)
        if weight is None and not label_smoothing and count == len(z):
            return log_softmax(z), q, 1.0, count
    else:
        q, count = _from_probabilities(labels, np.shape(prediction), z.dtype), float(len(z))
    if label_smoothing:
        used = q.any(axis=1, keepdims=True).astype(z.dtype)  # 0 for an ignored row
        q = (1 - label_smoothing) * q + label_smoothing / classes * used
    if weight is not None:
        q = q * weight.astype(z.dtype, copy=False)
    return log_softmax(z), q, q.sum(axis=1, keepdims=True), count


def _rows(a: Array) -> Array:
    """(N, C, ...) -> (N * ..., C): one row of classes for each label."""
    return a if a.ndim == 2 else np.moveaxis(a, 1, -1).reshape(-1, a.shape[1])


def _from_labels(labels: Array, z: Array, weight: Array | None, ignore_index: int) -> tuple[Array, float]:
    """One row for each label: 1 at the label, 0 elsewhere, all 0 where it is ignored; and the sum of their weights."""
    rows = np.arange(len(labels))
    if ignore_index >= 0 or (labels.size and labels.min() < 0):
        rows = rows[labels != ignore_index]
        labels = need_integers(labels[labels != ignore_index], "Labels", z.shape[1])
    q = np.zeros(z.shape, z.dtype)
    try:
        q[rows, labels] = 1
    except IndexError:
        need_integers(labels, "Labels", z.shape[1])  # says which are too large
    return q, float(len(labels) if weight is None else weight[labels].sum())


def _from_probabilities(target: Any, shape: tuple[int, ...], dtype: np.dtype) -> Array:
    if target.dtype.kind != "f" or target.shape != shape:
        raise (TypeError if target.dtype.kind != "f" or target.shape == (*shape[:1], *shape[2:]) else ValueError)(
            f"target should be integer labels of shape {(*shape[:1], *shape[2:])} or probabilities of shape {shape}, "
            f"got {describe(target)}."
        )
    if target.size and not (target.min() >= 0 and target.max() <= 1):
        raise ValueError(f"Probabilities should be from 0 to 1, got {target.min()} to {target.max()}.")
    return _rows(target.astype(dtype, copy=False))
