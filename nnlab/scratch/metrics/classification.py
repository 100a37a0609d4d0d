"""Metrics of decisions: all of them are counts out of one confusion matrix, divided."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, pick

from .inputs import need_label_pair, need_labels, warn_undefined

AVERAGES = {name: name for name in ("binary", "micro", "macro", "weighted")}


def confusion_matrix(
    y_true: Any, y_pred: Any, *, labels: Any = None, sample_weight: Any = None, normalize: str | None = None
) -> Array:
    """Entry (i, j) counts the rows of class i that were predicted as class j: rows are the truth.

    y_true, y_pred: (N,) labels. labels: (C,) the classes in order, by default all that occur, sorted; rows with any
    other are left out. normalize: None for counts, "true" to divide by the row's sum (recall on the diagonal), "pred"
    by the column's (precision on the diagonal), "all" by the total; 0 / 0 is 0. -> (C, C), whole numbers unless
    weighted or normalised. Raises ValueError for labels of which none is in y_true. Twin:
    `sklearn.metrics.confusion_matrix`.
    """
    t, p, w = need_label_pair(y_true, y_pred, sample_weight)
    classes = np.union1d(t, p) if labels is None else need_labels(labels, "labels")
    if not np.isin(classes, t).any() and labels is not None:
        raise ValueError(f"None of the labels {classes.tolist()} is in y_true.")
    at = {label: place for place, label in enumerate(classes.tolist())}
    cells = np.array([(at.get(a, -1), at.get(b, -1)) for a, b in zip(t.tolist(), p.tolist(), strict=True)])
    counts = np.zeros((len(classes), len(classes)))
    kept = (cells >= 0).all(axis=1)
    np.add.at(counts, tuple(cells[kept].T), w[kept])
    if normalize is not None:
        axis = pick({"true": 1, "pred": 0, "all": None}, normalize, "way to normalize")
        total = counts.sum(axis=axis, keepdims=True)
        return np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    weighted = sample_weight is not None and np.asarray(sample_weight).dtype.kind == "f"
    return counts if weighted else counts.astype(np.int64)


def accuracy_score(y_true: Any, y_pred: Any, *, normalize: bool = True, sample_weight: Any = None) -> float:
    """The share of rows whose prediction is the truth, from 0 to 1; their (weighted) count with normalize=False.

    Twin: `sklearn.metrics.accuracy_score`."""
    t, p, w = need_label_pair(y_true, y_pred, sample_weight)
    return float(w[t == p].sum() / (w.sum() if normalize else 1))


def precision_score(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: Any = 1,
    average: str | None = "binary",
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> Any:
    """TP / (TP + FP): of those predicted positive, the share that is.

    average: "binary" looks at the class `pos_label`; None gives an array, one value for each class (of `labels`, by
    default all, sorted); "macro" is their plain mean, "weighted" their mean weighted by how often each is true, "micro"
    adds up the counts of all classes first. zero_division: the value of 0 / 0, as here if nothing is predicted
    positive: 0, 1, nan (which the means leave out), or "warn", 0 with a warning. -> a float, or (C,).
    Raises ValueError for average="binary" with more than two classes. Twin: `sklearn.metrics.precision_score`.
    """
    tp, predicted, _, mean = _counted(y_true, y_pred, labels, pos_label, average, sample_weight)
    return mean(_ratio(tp, predicted, zero_division, "Precision", "predicted"))


def recall_score(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: Any = 1,
    average: str | None = "binary",
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> Any:
    """TP / (TP + FN): of those that are positive, the share that was found. Arguments as in `precision_score`.

    Twin: `sklearn.metrics.recall_score`."""
    tp, _, true, mean = _counted(y_true, y_pred, labels, pos_label, average, sample_weight)
    return mean(_ratio(tp, true, zero_division, "Recall", "true"))


def f1_score(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: Any = 1,
    average: str | None = "binary",
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> Any:
    """2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall. Arguments as in `precision_score`.

    Written with counts it is 0 / 0 only if the class neither occurs nor is predicted. Twin:
    `sklearn.metrics.f1_score`."""
    tp, predicted, true, mean = _counted(y_true, y_pred, labels, pos_label, average, sample_weight)
    return mean(_ratio(2 * tp, predicted + true, zero_division, "F1", "true or predicted"))


def _counted(
    y_true: Any, y_pred: Any, labels: Any, pos_label: Any, average: str | None, sample_weight: Any
) -> tuple[Array, Array, Array, Any]:
    """For each class its true positives, how often it was predicted and how often it is true; and the mean to take."""
    if average is not None:
        pick(AVERAGES, average, "average")
    t, p, w = need_label_pair(y_true, y_pred, sample_weight)
    present = np.union1d(t, p)
    classes = present if labels is None else need_labels(labels, "labels")
    if average == "binary":
        if len(present) > 2:
            raise ValueError(
                f'average="binary" needs two classes, got {len(present)}: take "macro", "micro", "weighted" or None.'
            )
        if len(present) == 2 and pos_label not in present.tolist():
            raise ValueError(f"pos_label={pos_label!r} is none of the classes {present.tolist()}.")
        classes = np.array([pos_label])
    is_true, is_predicted = t == classes[:, None], p == classes[:, None]
    counts = [(mask * w).sum(axis=1) for mask in (is_true & is_predicted, is_predicted, is_true)]
    if average == "micro":
        counts = [count.sum(keepdims=True) for count in counts]
    tp, predicted, true = counts

    def mean(values: Array) -> Any:
        return values if average is None else _mean(values, true if average == "weighted" else np.ones(len(values)))

    return tp, predicted, true, mean


def _ratio(numerator: Array, denominator: Array, zero_division: Any, name: str, what: str) -> Array:
    value = {"warn": 0.0, 0: 0.0, 1: 1.0}.get(zero_division) if isinstance(zero_division, (str, int, float)) else None
    if value is None and not (isinstance(zero_division, float) and np.isnan(zero_division)):
        raise ValueError(f'zero_division should be 0, 1, nan or "warn", got {zero_division!r}.')
    empty = denominator == 0
    if empty.any() and zero_division == "warn":
        warn_undefined(f"{name} is 0 / 0 where no row is {what}: 0 was taken. Say zero_division=... for another value.")
    out = np.full(numerator.shape, np.nan if value is None else value)
    return np.divide(numerator, denominator, out=out, where=~empty)


def _mean(values: Array, weights: Array) -> float:
    """The weighted mean of those that are numbers; the plain one if no weight is left."""
    there = ~np.isnan(values)
    values, weights = values[there], weights[there]
    if not len(values):
        return float("nan")
    return float(np.average(values, weights=weights if weights.sum() > 0 else None))
