"""Metrics of probabilities: they judge not only what is said, but how surely."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, need_size, pick

from .inputs import need_labels, need_probabilities, need_same_rows, need_weights, positives

EPS = float(np.finfo(np.float64).eps)


def _one_hot_and_probabilities(y_true: Any, y_proba: Any, labels: Any) -> tuple[Array, Array]:
    """The truth as one-hot rows and the probabilities, (N, C) each; (N,) probabilities are those of the greater
    label."""
    t, p = need_labels(y_true, "y_true"), need_probabilities(y_proba, "y_proba", (1, 2))
    need_same_rows(y_true=t, y_proba=p)
    p = p[:, None] if p.ndim == 1 else p
    p = np.column_stack([1 - p, p]) if p.shape[1] == 1 else p
    classes = np.unique(t) if labels is None else np.unique(need_labels(labels, "labels"))
    if len(classes) < 2:
        raise ValueError(f"There is only the class {classes[0]}: name all classes, labels=[...].")
    if not np.isin(t, classes).all():
        raise ValueError(f"y_true has classes that are not among labels, {classes.tolist()}.")
    if p.shape[1] != len(classes):
        raise ValueError(
            f"y_proba has {p.shape[1]} columns for {len(classes)} classes: name all classes, labels=[...]."
        )
    if not np.allclose(p.sum(axis=1), 1, atol=1e-6):
        raise ValueError("The rows of y_proba should add up to 1: apply softmax first.")
    return (t[:, None] == classes).astype(np.float64), p


def log_loss(
    y_true: Any, y_proba: Any, *, normalize: bool = True, sample_weight: Any = None, labels: Any = None
) -> float:
    """Cross-entropy: the mean of -log(the probability given to the true class), in nats. 0 is perfect.

    y_true: (N,) labels; y_proba: (N, C), columns in the sorted order of the classes, or (N,), the probability of the
    greater of two labels. Probabilities are kept 2e-16 away from 0 and 1, so that a sure and wrong one costs 36 and not
    infinity. normalize=False gives the sum. labels: all classes, where some do not occur.
    Raises ValueError for rows that do not add up to 1, where the twin, `sklearn.metrics.log_loss`, only warns.
    """
    truth, p = _one_hot_and_probabilities(y_true, y_proba, labels)
    w = need_weights(sample_weight, len(truth))
    each = -(truth * np.log(np.clip(p, EPS, 1 - EPS))).sum(axis=1)
    return float(w @ each / (w.sum() if normalize else 1))


def brier_score_loss(
    y_true: Any, y_proba: Any, *, sample_weight: Any = None, pos_label: Any = None, labels: Any = None
) -> float:
    """The mean squared error of probabilities. Two classes, y_proba (N,): the mean of (p - [positive])^2, from 0 to 1.
    Several, y_proba (N, C): the mean over rows of the sum over classes, from 0 to 2.

    pos_label: as in `roc_curve`. labels: all classes, where some do not occur. Twin:
    `sklearn.metrics.brier_score_loss`. Source: Brier 1950.
    """
    p = need_probabilities(y_proba, "y_proba", (1, 2))
    if p.ndim == 1:
        positive = positives(y_true, pos_label)
        need_same_rows(y_true=positive, y_proba=p)
        each = (p - positive) ** 2
    else:
        truth, p = _one_hot_and_probabilities(y_true, p, labels)
        each = ((p - truth) ** 2).sum(axis=1) / (2 if p.shape[1] == 2 else 1)  # two classes: as with (N,)
    w = need_weights(sample_weight, len(p))
    return float(w @ each / w.sum())


def _bins(p: Array, n_bins: int, strategy: str) -> Array:
    """The bin of each probability, (N,) from 0 to n_bins - 1: of equal width, or with equally many rows in each."""
    shares = np.linspace(0, 1, need_size(n_bins, "n_bins") + 1)
    pick({"uniform": 0, "quantile": 0}, strategy, "strategy")
    edges = shares if strategy == "uniform" else np.percentile(p, 100 * shares)
    return np.searchsorted(edges[1:-1], p)


def calibration_curve(
    y_true: Any, y_prob: Any, *, pos_label: Any = None, n_bins: int = 5, strategy: str = "uniform"
) -> tuple[Array, Array]:
    """The reliability diagram's points: for each bin of y_prob that has rows, the share of positives in it and the mean
    of its probabilities. Where they are equal, probabilities mean what they say.

    y_true: (N,) labels of two classes; y_prob: (N,). strategy: "uniform" for bins of equal width, "quantile" for bins
    with equally many rows. -> (B,), (B,). Twin: `sklearn.calibration.calibration_curve`.
    """
    positive, p = positives(y_true, pos_label), need_probabilities(y_prob, "y_prob")
    need_same_rows(y_true=positive, y_prob=p)
    bins = _bins(p, n_bins, strategy)
    count, hits, total = (np.bincount(bins, w, minlength=n_bins) for w in (None, positive.astype(float), p))
    there = count > 0
    return hits[there] / count[there], total[there] / count[there]


def expected_calibration_error(y_true: Any, y_prob: Any, *, n_bins: int = 10, strategy: str = "uniform") -> float:
    """The mean distance of the reliability diagram from the diagonal, sum over bins of (n_b / N) |hits_b - mean p_b|.

    Two classes: y_true (N,) of 0 and 1, y_prob (N,) the probability of 1. Several: y_true (N,) columns of y_prob (N,
    C); then it is the probability of the predicted class against how often that is right. It depends on the bins, and
    is biased upwards: few rows in a bin leave a distance by chance. Source: Naeini, Cooper & Hauskrecht 2015; Guo et
    al. 2017.
    """
    p = need_probabilities(y_prob, "y_prob", (1, 2))
    t = need_labels(y_true, "y_true")
    need_same_rows(y_true=t, y_prob=p)
    hit, said = (positives(t, None), p) if p.ndim == 1 else (p.argmax(axis=1) == t, p.max(axis=1))
    bins = _bins(said, n_bins, strategy)
    return float(np.abs(np.bincount(bins, hit - said, minlength=n_bins)).sum() / len(said))
