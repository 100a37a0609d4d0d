"""A regressor's report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from .outputs import Data, aligned, outputs_and_targets

Array = NDArray[Any]


@dataclass(frozen=True)
class RegressorReport:
    """What `evaluate_regressor` measured. y_true, y_pred: (N,) or (N, K). mse is in the target's unit squared, rmse and
    mae are in its unit, mape is a share (0.1 is 10%), r2 has no unit: 1 is perfect, 0 is what the mean of these targets
    would get, and nan stands for a single row. Over K outputs they are means."""

    y_true: Array
    y_pred: Array
    mse: float
    rmse: float
    mae: float
    mape: float
    r2: float

    def as_dict(self) -> dict[str, float]:
        """The numbers by name; what is not defined is left out."""
        found = {name: getattr(self, name) for name in ("mse", "rmse", "mae", "mape", "r2")}
        return {name: value for name, value in found.items() if not np.isnan(value)}

    def __repr__(self) -> str:
        rows = [(name, f"{value:.4g}") for name, value in self.as_dict().items()]
        return "\n".join([f"{len(self.y_true):,} rows", *aligned(*rows)])


def evaluate_regressor(model: nn.Module, data: Data, *, batch_size: int = 512) -> RegressorReport:
    """Measure a regressor on a data set or a loader, wherever the model is; the report prints itself.

    The model's outputs and the targets are (N,) or (N, K); (N, 1) counts as (N,). The model's mode is left as it was.

    Raises ValueError without rows, for outputs or targets that are not finite, and for shapes that do not fit: an
    output (N, 2) flattened against a target (2 N,) would be a plausible number.
    """
    from sklearn import metrics  # here, not above: it takes a second, and training does without it

    y_pred, y_true = (t.double().numpy() for t in outputs_and_targets(model, data, batch_size))
    y_pred, y_true = (a[:, 0] if a.ndim == 2 and a.shape[1] == 1 else a for a in (y_pred, y_true))
    if y_pred.shape != y_true.shape or y_true.ndim > 2:
        raise ValueError(f"Outputs {y_pred.shape} do not fit targets {y_true.shape}: expected (N,) or (N, K), both.")
    if not np.isfinite(y_true).all():
        raise ValueError("The targets contain NaN or infinity: leave those rows out.")
    return RegressorReport(
        y_true=y_true,
        y_pred=y_pred,
        mse=float(metrics.mean_squared_error(y_true, y_pred)),
        rmse=float(metrics.root_mean_squared_error(y_true, y_pred)),
        mae=float(metrics.mean_absolute_error(y_true, y_pred)),
        mape=float(metrics.mean_absolute_percentage_error(y_true, y_pred)),
        r2=float(metrics.r2_score(y_true, y_pred)) if len(y_true) > 1 else float("nan"),
    )
