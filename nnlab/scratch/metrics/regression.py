"""Metrics of numbers. y_true and y_pred: (N,), or (N, K) for K outputs, whose values are averaged."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, need_number, pick

from .inputs import need_numbers, need_weights, warn_undefined


def _columns(y_true: Any, y_pred: Any, sample_weight: Any) -> tuple[Array, Array, Array]:
    """Truth and prediction as (N, K), weights (N,). A prediction (N, 1) for a truth (N,) is refused: their difference
    would broadcast to (N, N), whose mean is a plausible number."""
    t, p = need_numbers(y_true, "y_true", (1, 2)), need_numbers(y_pred, "y_pred", (1, 2))
    if t.shape != p.shape:
        raise ValueError(f"y_true and y_pred should have the same shape, got {t.shape} and {p.shape}.")
    w = need_weights(sample_weight, len(t))
    return t.reshape(len(t), -1), p.reshape(len(t), -1), w


def _combined(values: Array, multioutput: str) -> Any:
    pick({"uniform_average": 0, "raw_values": 0}, multioutput, "multioutput")
    return values if multioutput == "raw_values" else float(values.mean())


def mean_squared_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: str = "uniform_average"
) -> Any:
    """MSE, the mean of (y_true - y_pred)^2, in the target's unit squared. multioutput="raw_values" gives one value for
    each output, (K,). Twin: `sklearn.metrics.mean_squared_error`."""
    t, p, w = _columns(y_true, y_pred, sample_weight)
    return _combined(np.average((t - p) ** 2, axis=0, weights=w), multioutput)


def root_mean_squared_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: str = "uniform_average"
) -> Any:
    """RMSE, the root of the MSE (of each output, before they are averaged), in the target's unit.

    Twin: `sklearn.metrics.root_mean_squared_error`."""
    t, p, w = _columns(y_true, y_pred, sample_weight)
    return _combined(np.sqrt(np.average((t - p) ** 2, axis=0, weights=w)), multioutput)


def mean_absolute_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: str = "uniform_average"
) -> Any:
    """MAE, the mean of |y_true - y_pred|, in the target's unit. Twin: `sklearn.metrics.mean_absolute_error`."""
    t, p, w = _columns(y_true, y_pred, sample_weight)
    return _combined(np.average(np.abs(t - p), axis=0, weights=w), multioutput)


def mean_absolute_percentage_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: str = "uniform_average"
) -> Any:
    """MAPE, the mean of |y_true - y_pred| / |y_true|, as a share: 0.1 is 10%. A truth near 0 makes it huge.

    Twin: `sklearn.metrics.mean_absolute_percentage_error`."""
    t, p, w = _columns(y_true, y_pred, sample_weight)
    share = np.abs(t - p) / np.maximum(np.abs(t), np.finfo(np.float64).eps)
    return _combined(np.average(share, axis=0, weights=w), multioutput)


def mean_pinball_loss(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, alpha: float = 0.5, multioutput: str = "uniform_average"
) -> Any:
    """The mean of alpha (y_true - y_pred) where y_true is greater, of (1 - alpha) (y_pred - y_true) where it is not: in
    the target's unit, and least for the alpha-quantile. alpha = 0.5 gives half the MAE.

    alpha: from 0 to 1. Twin: `sklearn.metrics.mean_pinball_loss`."""
    alpha = need_number(alpha, "alpha", 0.0, 1.0)
    t, p, w = _columns(y_true, y_pred, sample_weight)
    missed = np.maximum(alpha * (t - p), (alpha - 1) * (t - p))
    return _combined(np.average(missed, axis=0, weights=w), multioutput)


def r2_score(y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: str = "uniform_average") -> Any:
    """R^2 = 1 - sum (y_true - y_pred)^2 / sum (y_true - mean)^2: 1 is perfect, 0 as good as always answering the mean
    of these very targets, and there is no least value.

    If the targets are all equal it is 1 for perfect predictions and 0 for others; with one row nan, with a warning.
    Twin: `sklearn.metrics.r2_score`."""
    t, p, w = _columns(y_true, y_pred, sample_weight)
    if len(t) < 2:
        warn_undefined("R^2 is not defined for one row: nan.")
        return float("nan")
    error = w @ (t - p) ** 2
    total = w @ (t - np.average(t, axis=0, weights=w)) ** 2
    values = np.where(error == 0, 1.0, 0.0)
    return _combined(np.subtract(1, error / np.where(total > 0, total, 1), out=values, where=total > 0), multioutput)
