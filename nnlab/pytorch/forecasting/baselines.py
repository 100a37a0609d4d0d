"""What a network must beat: copies of the past, a linear model, and boosted trees."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, need_number, need_size
from nnlab.datasets.time_series import HOUR, SeriesWindows

from .forecaster import DAY, Forecaster, calendar, yesterday


class SeasonalNaive(Forecaster):
    """Copy the value one period before: y[s + h] = past[s + h - period], with whole periods back where h >= period.

    period: 24 copies yesterday, 168 the day a week ago, 1 the last value."""

    def __init__(self, period: int = DAY, horizon: int = DAY):
        super().__init__(period, horizon)
        self.period = need_size(period, "period")

    def _learn(self, load: Array, found: SeriesWindows, start: Array) -> None:
        """There is nothing to learn."""

    def _answer(self, past: Array, start: Array) -> Array:
        return past[:, np.arange(self.horizon) % self.period]


class LinearForecaster(Forecaster):
    """Ridge regression from the last `length` values and the calendar to all `horizon` values at once (direct).

    The target is the change since the same hour of the day before. alpha: the weight of the squared weights, on inputs
    that have mean 0 and standard deviation 1. calendar: hand it the calendar."""

    def __init__(
        self, length: int = 168, horizon: int = DAY, *, alpha: float = 3.0, calendar: bool = True, step: int = DAY
    ):
        super().__init__(need_size(length, "length", DAY), horizon, step)
        self.calendar = calendar
        self.alpha = need_number(alpha, "alpha")

    def _learn(self, load: Array, found: SeriesWindows, start: Array) -> None:
        from sklearn.linear_model import Ridge  # here, not above: it takes a second to load

        self.mean, self.std = load.mean(), load.std()
        self.model = Ridge(self.alpha).fit(self._inputs(found.x, start), found.y - yesterday(found.x, self.horizon))

    def _inputs(self, past: Array, start: Array) -> Array:
        return np.column_stack([(past - self.mean) / self.std, *([calendar(start)] if self.calendar else [])])

    def _answer(self, past: Array, start: Array) -> Array:
        change = self.model.predict(self._inputs(past, start)).reshape(len(past), self.horizon)
        return yesterday(past, self.horizon) + change


class BoostedForecaster(Forecaster):
    """Histogram boosting, one row for each hour that is forecast: its load on each of the last seven days, the last
    day's mean and last value, hour, weekday, day in the year, and how far ahead it is.

    difference: forecast the change since the day before. A tree's answer is a mean of training targets, so it cannot
    leave their range; of changes it need not. options go to scikit-learn's HistGradientBoostingRegressor."""

    def __init__(self, horizon: int = DAY, *, difference: bool = True, step: int = DAY, **options: Any):
        super().__init__(7 * DAY, horizon, step)
        self.difference = difference
        self.options = {"loss": "absolute_error", "max_iter": 200, "random_state": 0} | options

    def _learn(self, load: Array, found: SeriesWindows, start: Array) -> None:
        x, y = self.inputs(found.x, start), found.y.ravel()
        if self.difference:
            y = y - x[:, 0]
        self.model = self.regressor().fit(x, y)

    def regressor(self) -> Any:
        """scikit-learn's model, not fitted yet."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        return HistGradientBoostingRegressor(**self.options)

    def inputs(self, past: Array, start: Array) -> Array:
        """What the trees read. past: (N, 168), start: (N,) -> (N * horizon, 14), all hours of the first window first.

        Columns: the same hour on each of the last seven days, latest first; hour, weekday, day in the year, hours
        ahead; the last day's mean; the last value, and the one a day before it."""
        ahead = np.arange(self.horizon)
        days = past.reshape(len(past), 7, DAY)[:, ::-1, ahead % DAY].transpose(0, 2, 1)  # yesterday is column 0
        when = start[:, None] + ahead * HOUR
        date = when.astype("datetime64[D]")
        columns = (
            (when - date).astype(int),
            (date.astype(int) + 3) % 7,
            (date - date.astype("datetime64[Y]")).astype(int),
            np.broadcast_to(ahead, when.shape),
            np.repeat(past[:, -DAY:].mean(axis=1)[:, None], self.horizon, axis=1),
            np.repeat(past[:, -1:], self.horizon, axis=1),
            np.repeat(past[:, -DAY - 1 : -DAY], self.horizon, axis=1),
        )
        return np.concatenate([days, np.stack(columns, axis=2)], axis=2).reshape(-1, 14)

    def _answer(self, past: Array, start: Array) -> Array:
        rows = self.inputs(past, start)
        y = self.model.predict(rows) + (rows[:, 0] if self.difference else 0)
        return np.asarray(y.reshape(len(past), self.horizon))
