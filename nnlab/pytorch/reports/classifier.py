"""A classifier's report: decisions, probabilities, and which classes it confuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from .outputs import Data, aligned, outputs_and_targets

Array = NDArray[Any]
SHOWN = 20  # classes up to which the whole confusion matrix is printed


@dataclass(frozen=True)
class ClassifierReport:
    """What `evaluate_classifier` measured. Printed it is a table and the confusion matrix; `as_dict()` is for programs.

    y_true, y_pred: (N,) class numbers; probabilities: (N, C). confusion: (C, C) counts, rows are the truth. precision,
    recall, f1: (C,), nan for a class that neither occurs nor is predicted; support: (C,) rows of each class. accuracy,
    macro_precision, macro_recall, macro_f1: plain means over the other classes. log_loss in nats. With two classes also
    roc_auc and average_precision of class 1, nan if one of the classes does not occur; else None."""

    classes: list[str]
    y_true: Array
    y_pred: Array
    probabilities: Array
    confusion: Array
    precision: Array
    recall: Array
    f1: Array
    support: Array
    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    log_loss: float
    roc_auc: float | None
    average_precision: float | None

    def as_dict(self) -> dict[str, float]:
        """The numbers that describe all rows, by name; what is not defined is left out."""
        names = ("accuracy", "macro_precision", "macro_recall", "macro_f1", "log_loss", "roc_auc", "average_precision")
        found = {name: getattr(self, name) for name in names}
        return {name: value for name, value in found.items() if value is not None and not np.isnan(value)}

    def confusions(self, most: int = 10) -> list[tuple[str, str, int]]:
        """The most frequent mistakes: (truth, prediction, how often), the most frequent first."""
        wrong = self.confusion * (1 - np.eye(len(self.classes), dtype=int))
        order = np.argsort(-wrong, axis=None, kind="stable")[:most]
        pairs = zip(*np.unravel_index(order, wrong.shape), strict=True)
        return [(self.classes[t], self.classes[p], int(wrong[t, p])) for t, p in pairs if wrong[t, p]]

    def __repr__(self) -> str:
        summary = "   ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in self.as_dict().items())
        rows = [
            (name, *("-" if np.isnan(v) else f"{v:.2f}" for v in values), f"{int(n):,}")
            for name, *values, n in zip(self.classes, self.precision, self.recall, self.f1, self.support, strict=True)
        ]
        lines = [f"{len(self.y_true):,} rows, {len(self.classes)} classes", summary, ""]
        lines += [*aligned(("class", "precision", "recall", "F1", "rows"), *rows), ""]
        if len(self.classes) <= SHOWN:
            lines.append("confusion matrix: rows are the truth, columns the prediction")
            matrix = [(name, *row) for name, row in zip(self.classes, self.confusion.tolist(), strict=True)]
            lines += aligned(("", *self.classes), *matrix)
        else:
            lines.append("most frequent mistakes: truth, prediction, how often")
            lines += aligned(*self.confusions()) if self.confusions() else ["none"]
        return "\n".join(lines)


def evaluate_classifier(
    model: nn.Module,
    data: Data,
    *,
    classes: Sequence[str] | None = None,
    threshold: float = 0.5,
    ignore_index: int = -100,
    batch_size: int = 512,
) -> ClassifierReport:
    """Measure a classifier on a data set or a loader, wherever the model is; the report prints itself.

        report = evaluate_classifier(model, test, classes=["healthy", "ill"])
        report.macro_f1, report.confusion, report.as_dict()

    The model gives logits: (N, C) or (N, C, ...) for targets (N,) or (N, ...) of class numbers; or one logit a row,
    (N,) or (N, 1), for targets 0 and 1, of which 1 is predicted where its probability is at least `threshold` (also
    with C = 2). Targets equal to `ignore_index` are left out. classes: their names. The model's mode is left as it was.

    Raises ValueError without rows, for outputs that are not finite or are probabilities already, for targets out of
    range and shapes that do not fit; TypeError for targets that are not whole numbers.
    """
    from sklearn import metrics  # here, not above: it takes a second, and training does without it

    logits, target = outputs_and_targets(model, data, batch_size)
    y_true, p = _rows(logits, target, ignore_index)
    n_classes = p.shape[1]
    names = [str(k) for k in range(n_classes)] if classes is None else [str(name) for name in classes]
    if len(names) != n_classes:
        raise ValueError(f"classes has {len(names)} names, but the model tells {n_classes} classes apart.")
    y_pred = (p[:, 1] >= threshold).astype(int) if n_classes == 2 else p.argmax(axis=1)
    numbers = np.arange(n_classes)
    confusion = metrics.confusion_matrix(y_true, y_pred, labels=numbers)
    there = (confusion.sum(axis=0) + confusion.sum(axis=1)) > 0
    *scores, support = metrics.precision_recall_fscore_support(y_true, y_pred, labels=numbers, zero_division=0)
    precision, recall, f1 = (np.where(there, score, np.nan) for score in scores)
    roc_auc, average_precision = _areas(metrics, y_true, p) if n_classes == 2 else (None, None)
    return ClassifierReport(
        classes=names,
        y_true=y_true,
        y_pred=y_pred,
        probabilities=p,
        confusion=confusion,
        precision=precision,
        recall=recall,
        f1=f1,
        support=support,
        accuracy=float((y_true == y_pred).mean()),
        macro_precision=float(np.nanmean(precision)),
        macro_recall=float(np.nanmean(recall)),
        macro_f1=float(np.nanmean(f1)),
        log_loss=float(metrics.log_loss(y_true, p, labels=numbers)),
        roc_auc=roc_auc,
        average_precision=average_precision,
    )


def _areas(metrics: Any, y_true: Array, p: Array) -> tuple[float, float]:
    if len(np.unique(y_true)) < 2:
        return float("nan"), float("nan")
    return float(metrics.roc_auc_score(y_true, p[:, 1])), float(metrics.average_precision_score(y_true, p[:, 1]))


def _rows(logits: torch.Tensor, target: torch.Tensor, ignore_index: int) -> tuple[Array, Array]:
    """Targets (N,) and probabilities (N, C) in float64, one row for each target that counts."""
    if not logits.is_floating_point():
        raise TypeError(f"The model should give logits, floating-point numbers; it gave {logits.dtype}.")
    if logits.dim() == target.dim() or (logits.dim() == 2 and logits.shape[1] == 1 and target.dim() == 1):
        one = logits.reshape(target.shape) if logits.numel() == target.numel() else None
        if one is None:
            raise ValueError(f"Logits {tuple(logits.shape)} do not fit targets {tuple(target.shape)}.")
        logits, classes = torch.stack([torch.zeros_like(one), one], dim=1), 2  # softmax of (0, z) is sigmoid(z)
    elif logits.dim() == target.dim() + 1 and logits.shape[:1] + logits.shape[2:] == target.shape:
        classes = logits.shape[1]
    else:
        raise ValueError(
            f"Logits {tuple(logits.shape)} do not fit targets {tuple(target.shape)}: expected (N, C) and (N,), or one "
            "logit for each target."
        )
    flat, y = logits.movedim(1, -1).reshape(-1, classes).double().numpy(), target.reshape(-1).numpy()
    if y.dtype.kind not in "iub" and not (y == np.round(y)).all():
        raise TypeError(f"Targets should be class numbers, got {target.dtype} with fractions: see evaluate_regressor.")
    y = y.astype(int)
    counted = y != ignore_index
    flat, y = flat[counted], y[counted]
    if not len(y):
        raise ValueError("There is nothing to evaluate: all targets are ignored.")
    if y.min() < 0 or y.max() >= classes:
        raise ValueError(f"Targets should be from 0 to {classes - 1}, got {y.min()} to {y.max()}.")
    if len(y) > 1 and flat.min() >= 0 and np.allclose(flat.sum(axis=1), 1, atol=1e-4):
        raise ValueError("The outputs add up to 1 in each row: give logits, without a softmax at the end.")
    shifted = flat - flat.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    return y, p / p.sum(axis=1, keepdims=True)
