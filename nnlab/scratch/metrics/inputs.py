"""What every metric asks of its input, and the sentences for what it cannot use."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from nnlab.checks import Array, as_array, as_float, describe


class UndefinedMetricWarning(UserWarning):
    """A metric divides by zero here; the warning says what was returned instead."""


def warn_undefined(text: str) -> None:
    """Warn at the line that called the metric, as nearly as can be told."""
    warnings.warn(text, UndefinedMetricWarning, stacklevel=4)


def need_labels(y: Any, name: str) -> Array:
    """`y` as labels of shape (N,): whole numbers, booleans or texts. Raises ValueError or TypeError, with a
    sentence."""
    a = as_array(y, name)
    if a.dtype.kind == "O" and all(isinstance(one, str) for one in a.ravel()):
        a = a.astype(str)
    if a.dtype.kind not in "biufUS":
        raise TypeError(f"{name} should be labels, whole numbers or texts; got {describe(y)}.")
    need_rows(a, name)
    if a.dtype.kind == "f":
        if not np.isfinite(a).all():
            raise ValueError(f"{name} contains NaN or infinity: leave those rows out.")
        if (a != np.round(a)).any():
            raise ValueError(
                f"{name} should be labels, but has fractions such as {a[a != np.round(a)][0]:g}: compare probabilities "
                "with a threshold first, or take the class with the greatest one."
            )
    return a


def need_numbers(y: Any, name: str, axes: tuple[int, ...] = (1,)) -> Array:
    """`y` as finite float64 numbers with one of these numbers of axes."""
    a = as_float(y, name).astype(np.float64, copy=False)
    need_rows(a, name, axes)
    if not np.isfinite(a).all():
        raise ValueError(f"{name} contains NaN or infinity: leave those rows out, or find where they come from.")
    return a


def need_probabilities(p: Any, name: str, axes: tuple[int, ...] = (1,)) -> Array:
    """`p` as numbers from 0 to 1."""
    a = need_numbers(p, name, axes)
    if a.min() < 0 or a.max() > 1:
        raise ValueError(
            f"{name} should be probabilities from 0 to 1, got {a.min():g} to {a.max():g}: apply sigmoid or softmax to "
            "logits first."
        )
    return a


def need_rows(a: Array, name: str, axes: tuple[int, ...] = (1,)) -> None:
    """Raise ValueError unless `a` has one of these numbers of axes, and a row."""
    if a.ndim not in axes:
        shapes = " or ".join("(N,)" if n == 1 else "(N, C)" for n in axes)
        raise ValueError(f"{name} should have shape {shapes}, got {a.shape}.")
    if a.size == 0:
        raise ValueError(f"{name} is empty: there is nothing to measure.")


def need_same_rows(**arrays: Array) -> None:
    """Raise ValueError unless all have the same number of rows."""
    if len({len(a) for a in arrays.values()}) > 1:
        found = ", ".join(f"{name} {len(a):,}" for name, a in arrays.items())
        raise ValueError(f"These should have the same number of rows; got {found}.")


def need_weights(sample_weight: Any, n: int) -> Array:
    """Weights (N,) float64, all 1 if None. Raises ValueError unless they are at least 0, and one is more."""
    if sample_weight is None:
        return np.ones(n)
    w = need_numbers(sample_weight, "sample_weight")
    if len(w) != n:
        raise ValueError(f"sample_weight should have one number for each of the {n:,} rows, got {len(w):,}.")
    if w.min() < 0 or w.max() == 0:
        raise ValueError("sample_weight should be at least 0, and more than 0 for at least one row.")
    return w


def need_label_pair(y_true: Any, y_pred: Any, sample_weight: Any) -> tuple[Array, Array, Array]:
    """True labels, predicted labels and weights, (N,) each."""
    t, p = need_labels(y_true, "y_true"), need_labels(y_pred, "y_pred")
    need_same_rows(y_true=t, y_pred=p)
    if (t.dtype.kind in "US") != (p.dtype.kind in "US"):
        raise TypeError("y_true and y_pred should both be numbers or both be texts: one of them has the class names.")
    return t, p, need_weights(sample_weight, len(t))


def positives(y_true: Any, pos_label: Any) -> Array:
    """Where the truth is the positive class, (N,) bool.

    pos_label=None means 1, for labels that are all among 0 and 1, or -1 and 1; other labels need it said."""
    t = need_labels(y_true, "y_true")
    classes = set(np.unique(t).tolist())
    if len(classes) > 2 and pos_label is None:
        raise ValueError(f"y_true should have two classes, got {len(classes)}: name the positive one, pos_label=...")
    if pos_label is None:
        if not (classes <= {0, 1} or classes <= {-1, 1}):
            raise ValueError(f"Which class is the positive one? y_true has {sorted(classes)}: say pos_label=...")
        pos_label = 1
    return np.asarray(t == pos_label)
