"""What every forecaster is: `fit` on a history, then `forecast` from the values just before each start."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, as_array, describe, need_size
from nnlab.datasets.time_series import HOUR, SeriesWindows, need_hours, need_series, need_varying, windows

DAY = 24
CALENDAR = 24 + 7 + 2  # columns of `calendar`


class Forecaster:
    """Base of all forecasters. length: values of the past that it reads; horizon: values that it gives.

        model.fit(load, hours)                    # load: (T,), hours: (T,) datetime64[h]; returns the model
        y = model.forecast(past, start)           # past: (N, length) -> (N, horizon)

    past are the values right before each start, (N,) datetime64[h], the hour of the first value asked for. All that is
    known beyond them is the calendar, so a forecast cannot read the future. A subclass writes `_learn` and `_answer`.

    Raises ValueError for NaN, hours that are not regular, a constant history or one too short, and wrong shapes.
    """

    def __init__(self, length: int, horizon: int = DAY, step: int = DAY):
        self.length, self.horizon = need_size(length, "length"), need_size(horizon, "horizon")
        self.step = need_size(step, "step")  # from one training window to the next
        self.fitted = False

    def fit(self, load: Any, hours: Any) -> Forecaster:
        """Learn from a history; a second call begins again."""
        load = need_varying(need_series(load, "load"), "load")
        hours = need_hours(hours, len(load))
        found = windows(load, self.length, self.horizon, step=self.step)
        self._learn(load, found, hours[found.start])
        self.fitted = True
        return self

    def forecast(self, past: Any, start: Any) -> Array:
        """past: (N, length), start: (N,) datetime64 -> (N, horizon), in the unit of the history; N may be 0."""
        past, start = self._checked(past, start)
        return np.asarray(self._answer(past, start)) if len(past) else np.empty((0, self.horizon))

    def _checked(self, past: Any, start: Any) -> tuple[Array, Array]:
        if not self.fitted:
            raise ValueError("This forecaster has learned nothing yet: call fit(load, hours) first.")
        past, start = as_array(past, "past"), as_array(start, "start")
        if past.ndim != 2 or past.shape[1] != self.length:
            raise ValueError(
                f"past should have shape (N, {self.length}), the values before each start; got {past.shape}."
            )
        if start.shape != (len(past),) or start.dtype.kind != "M" or np.isnat(start).any():
            raise ValueError(
                f"start should be {len(past)} dates, one for each row of past; got {start.dtype} {start.shape}."
            )
        if len(past):
            need_series(past.ravel(), "past")
        return past.astype(np.float64), start.astype("datetime64[h]")

    def _learn(self, load: Array, found: SeriesWindows, start: Array) -> None:
        raise NotImplementedError

    def _answer(self, past: Array, start: Array) -> Array:
        raise NotImplementedError


class Recursive(Forecaster):
    """24 steps by a model of one: each forecast becomes an input of the next, and so does its error.

    model: a forecaster with horizon 1. -> (N, horizon)."""

    def __init__(self, model: Forecaster, horizon: int = DAY):
        need_forecaster(model)
        if model.horizon != 1:
            raise ValueError(f"A recursive forecast repeats a model with horizon 1; this one has {model.horizon}.")
        super().__init__(model.length, horizon, model.step)
        self.model, self.fitted = model, model.fitted

    def fit(self, load: Any, hours: Any) -> Forecaster:
        """Fit the model of one step."""
        self.model.fit(load, hours)
        self.fitted = True
        return self

    def _answer(self, past: Array, start: Array) -> Array:
        for h in range(self.horizon):
            known = past[:, past.shape[1] - self.length :]
            past = np.column_stack([past, self.model.forecast(known, start + h * HOUR)])
        return past[:, -self.horizon :]


def need_forecaster(model: Any) -> Forecaster:
    """`model`, or a TypeError if it is no forecaster."""
    if not isinstance(model, Forecaster):
        raise TypeError(f"model should be a Forecaster, got {describe(model)}.")
    return model


def calendar(start: Any) -> Array:
    """What the calendar says of an hour: start (N,) datetime64 -> (N, 33). Hour of the day (24 columns, one of them 1),
    weekday (7, Monday first), sine and cosine of the day in the year."""
    start = as_array(start, "start")
    if start.dtype.kind not in "MU" or np.isnat(start := start.astype("datetime64[h]")).any():
        raise TypeError("start should be dates, datetime64 without NaT, as np.datetime64('2014-01-01T00') is.")
    day = start.astype("datetime64[D]")
    hour, weekday = (start - day).astype(int), (day.astype(int) + 3) % 7  # 1970 began with a Thursday
    angle = 2 * np.pi * (day - day.astype("datetime64[Y]")).astype(int) / 365.25
    return np.column_stack([np.eye(24)[hour], np.eye(7)[weekday], np.sin(angle), np.cos(angle)])


def yesterday(past: Array, horizon: int) -> Array:
    """The last day of the past (N, length), repeated as far as the horizon goes: (N, horizon)."""
    return past[:, past.shape[1] - DAY + np.arange(horizon) % DAY]
