"""Metrics of scores: what every threshold at once would give.

A score is any number that is greater for rows more likely to be positive: a probability or a logit. A threshold t
predicts positive where score >= t; as t falls, true positives (tps) and false positives (fps) are only added.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, pick

from .inputs import need_labels, need_numbers, need_same_rows, need_weights, positives, warn_undefined


def _counts_by_threshold(y_true: Any, y_score: Any, pos_label: Any, sample_weight: Any) -> tuple[Array, Array, Array]:
    """False and true positives at each distinct score as the threshold, from the greatest down: rows with equal scores
    are predicted together."""
    positive, score = positives(y_true, pos_label), need_numbers(y_score, "y_score")
    need_same_rows(y_true=positive, y_score=score)
    w = need_weights(sample_weight, len(score))
    counted = w > 0
    positive, score, w = positive[counted], score[counted], w[counted]
    order = np.argsort(-score, kind="stable")
    positive, score, w = positive[order], score[order], w[order]
    last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)  # of each run of equal scores
    return np.cumsum(w * ~positive)[last], np.cumsum(w * positive)[last], score[last]


def roc_curve(
    y_true: Any, y_score: Any, *, pos_label: Any = None, sample_weight: Any = None, drop_intermediate: bool = True
) -> tuple[Array, Array, Array]:
    """False positive rate FP / negatives, true positive rate (recall) TP / positives, and the thresholds, falling.

    y_true: (N,) labels of two classes; y_score: (N,). Each array is (T + 1,): the curve begins at (0, 0), where the
    threshold is infinite, and ends at (1, 1). drop_intermediate leaves out points on a straight line between two
    others. With one class only, the rate that has no rows is nan, with a warning. Twin: `sklearn.metrics.roc_curve`.
    """
    fps, tps, thresholds = _counts_by_threshold(y_true, y_score, pos_label, sample_weight)
    if drop_intermediate and len(fps) > 2:
        corner = np.concatenate([[True], (np.diff(fps, 2) != 0) | (np.diff(tps, 2) != 0), [True]])
        fps, tps, thresholds = fps[corner], tps[corner], thresholds[corner]
    fps, tps, thresholds = np.append(0.0, fps), np.append(0.0, tps), np.append(np.inf, thresholds)
    rates = []
    for counts, name in ((fps, "negative"), (tps, "positive")):
        if counts[-1] == 0:
            warn_undefined(f"There is no {name} row in y_true, so its rate is not defined: nan.")
        rates.append(counts / counts[-1] if counts[-1] else np.full(len(counts), np.nan))
    return rates[0], rates[1], thresholds


def precision_recall_curve(
    y_true: Any, y_score: Any, *, pos_label: Any = None, sample_weight: Any = None, drop_intermediate: bool = False
) -> tuple[Array, Array, Array]:
    """Precision TP / (TP + FP), recall TP / positives, and the thresholds, rising.

    precision, recall: (T + 1,), recall falling; the last point is (1, 0) and has no threshold. thresholds: (T,).
    drop_intermediate leaves out points between two others with the same recall. Without a positive row recall is 1
    everywhere, with a warning. Twin: `sklearn.metrics.precision_recall_curve`.
    """
    fps, tps, thresholds = _counts_by_threshold(y_true, y_score, pos_label, sample_weight)
    if drop_intermediate and len(fps) > 2:
        moved = np.concatenate([[True], (np.diff(tps[:-1]) != 0) | (np.diff(tps[1:]) != 0), [True]])
        fps, tps, thresholds = fps[moved], tps[moved], thresholds[moved]
    precision = tps / (tps + fps)
    if tps[-1] == 0:
        warn_undefined("There is no positive row in y_true, so recall is not defined: 1 was taken everywhere.")
    recall = tps / tps[-1] if tps[-1] else np.ones(len(tps))
    return np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0), thresholds[::-1]


def average_precision_score(y_true: Any, y_score: Any, *, pos_label: Any = 1, sample_weight: Any = None) -> float:
    """The area under the precision-recall curve as steps: the sum of (R_n - R_(n-1)) P_n over falling thresholds.

    Random scores get the share of positives, not 1/2. For two classes. Twin: `sklearn.metrics.average_precision_score`.
    """
    classes = np.unique(need_labels(y_true, "y_true"))
    if len(classes) > 2:
        raise ValueError(f"average_precision_score is for two classes, got {len(classes)}: take one against the rest.")
    if len(classes) == 2 and pos_label not in classes.tolist():
        raise ValueError(f"pos_label={pos_label!r} is none of the classes {classes.tolist()}.")
    precision, recall, _ = precision_recall_curve(y_true, y_score, pos_label=pos_label, sample_weight=sample_weight)
    return float(max(0.0, -np.sum(np.diff(recall) * precision[:-1])))


def roc_auc_score(
    y_true: Any,
    y_score: Any,
    *,
    average: str | None = "macro",
    sample_weight: Any = None,
    multi_class: str = "raise",
    labels: Any = None,
) -> Any:
    """The area under the ROC curve: the probability that a random positive row scores above a random negative one, ties
    counting one half.

    Two classes: y_score (N,), and the greater label is positive. More: y_score (N, C) probabilities, multi_class="ovr"
    takes each class against the rest, and `average` is "macro", "weighted" (by how often each is true) or None for all
    of them, (C,). labels: (C,) the classes of the columns, by default those of y_true, sorted. With one class only it
    is nan, with a warning. Twin: `sklearn.metrics.roc_auc_score`, where (C,) is for "ovr" only, too.
    """
    t, score = need_labels(y_true, "y_true"), need_numbers(y_score, "y_score", (1, 2))
    need_same_rows(y_true=t, y_score=score)
    classes = np.unique(t)
    if score.ndim == 1:
        if len(classes) > 2:
            raise ValueError(f"y_true has {len(classes)} classes, so y_score should have shape (N, {len(classes)}).")
        return _area(t == classes[-1], score, sample_weight)
    if multi_class != "ovr":
        raise ValueError(f'For several classes say multi_class="ovr", one against the rest; got {multi_class!r}.')
    classes = classes if labels is None else need_labels(labels, "labels")
    if score.shape[1] != len(classes):
        raise ValueError(
            f"y_score has {score.shape[1]} columns for {len(classes)} classes: name those of the columns, labels=..."
        )
    if not np.isin(t, classes).all() or not np.allclose(score.sum(axis=1), 1):
        raise ValueError("y_true should have no class beyond labels, and the rows of y_score should add up to 1.")
    areas = np.array([_area(t == label, column, sample_weight) for label, column in zip(classes, score.T, strict=True)])
    if average is None:
        return areas
    w = need_weights(sample_weight, len(t))
    shares = {"macro": np.ones(len(classes)), "weighted": np.array([w[t == label].sum() for label in classes])}
    return float(np.average(areas, weights=pick(shares, average, "average")))


def _area(positive: Array, score: Array, sample_weight: Any) -> float:
    """The area under ROC by trapezoids."""
    if positive.all() or not positive.any():
        warn_undefined("There is only one class in y_true, so the area under ROC is not defined: nan.")
        return float("nan")
    fpr, tpr, _ = roc_curve(positive, score, sample_weight=sample_weight)
    return float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))
