"""A backtest with a rolling origin: forecast as if each day were today, with nothing known of later ones."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nnlab.checks import Array, need_size
from nnlab.datasets.time_series import need_hours, need_series

from .forecaster import DAY, Forecaster, need_forecaster


class Backtest(NamedTuple):
    """What `backtest` returns. start: (N,) int64, the place of each first target; y_true, y_pred: (N, horizon)."""

    start: Array
    y_true: Array
    y_pred: Array

    @property
    def mae(self) -> float:
        """The mean of |y_true - y_pred|, in the series' unit."""
        return float(np.abs(self.y_true - self.y_pred).mean())


def backtest(
    model: Forecaster, load: Any, hours: Any, *, first: int, last: int | None = None, step: int = DAY, refit: int = 0
) -> Backtest:
    """Forecast from the places first, first + step, ... of a series, as long as all targets lie before `last`.

    The model is fitted on what lies before `first`; with refit=n again at every n-th origin, on all that lies before.
    For each forecast it gets the `model.length` values before the origin, and nothing else.

    load: (T,); hours: (T,) datetime64. Raises ValueError where the history before `first` is too short, where no origin
    is left, and for what `windows` refuses.
    """
    need_forecaster(model)
    load = need_series(load, "load")
    hours = need_hours(hours, len(load))
    first, step, refit = need_size(first, "first"), need_size(step, "step"), need_size(refit, "refit", 0)
    last = len(load) if last is None else need_size(last, "last")
    if last > len(load) or first + model.horizon > last:
        raise ValueError(
            f"A horizon of {model.horizon} from {first} on does not fit before {last}: the series has {len(load):,} "
            "values."
        )
    if first < model.length + model.horizon:
        raise ValueError(
            f"This model reads {model.length} values and gives {model.horizon}, so first should be at least "
            f"{model.length + model.horizon}; got {first}."
        )
    start = np.arange(first, last - model.horizon + 1, step)
    y_pred = np.empty((len(start), model.horizon))
    for rows in (
        np.array_split(np.arange(len(start)), range(refit, len(start), refit)) if refit else [np.arange(len(start))]
    ):
        at = start[rows]
        model.fit(load[: at[0]], hours[: at[0]])
        y_pred[rows] = model.forecast(load[at[:, None] - model.length + np.arange(model.length)], hours[at])
    return Backtest(start, load[start[:, None] + np.arange(model.horizon)], y_pred)
