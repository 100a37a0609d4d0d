"""A series cut into windows of past and future, and the sentences for what would leak or has no regular hours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from nnlab.checks import Array, as_array, as_float, need_size

HOUR = np.timedelta64(1, "h")


class SeriesWindows(NamedTuple):
    """What `windows` returns. x: (N, length), what is known; y: (N, horizon), what is asked for; start: (N,) int64, the
    place in the series of each window's first target. gap: values between the two that are left out."""

    x: Array
    y: Array
    start: Array
    gap: int = 0

    def take(self, rows: Any) -> SeriesWindows:
        """The windows with these numbers, or where a mask (N,) is True."""
        return SeriesWindows(self.x[rows], self.y[rows], self.start[rows], self.gap)

    def targets(self) -> Array:
        """The places of all targets in the series, each once, in order."""
        return np.unique(self.start[:, None] + np.arange(self.y.shape[1]))

    def inputs(self) -> Array:
        """The places of all inputs in the series, each once, in order."""
        length = self.x.shape[1]
        return np.unique(self.start[:, None] - self.gap - length + np.arange(length))

    def split(self, *cuts: int) -> list[SeriesWindows]:
        """Cut at these places of the series, in the order of time: one more part than cuts.

        A window belongs to the part in which all its targets lie. One whose targets lie on both sides of a cut would
        carry tested values into training, and is left out. Inputs may reach back over a cut: when the forecast is
        made, the past is known. Raises ValueError unless cuts rise and leave a window in every part."""
        if list(cuts) != sorted(set(cuts)):
            raise ValueError(f"The cuts should rise, since time does; got {', '.join(map(str, cuts))}.")
        ends, parts = self.start + self.y.shape[1], []
        for low, high in zip((-np.inf, *cuts), (*cuts, np.inf), strict=True):
            parts.append(self.take((self.start >= low) & (ends <= high)))
            if not len(parts[-1].start):
                raise ValueError(
                    f"Cut at {', '.join(map(str, cuts))}, part {len(parts)} has no window: the windows' first targets "
                    f"lie at {self.start.min()} to {self.start.max()}."
                )
        for before, after in pairwise(parts):
            refuse_leak(before, after)
        return parts


def windows(
    series: Any, length: int, horizon: int = 1, *, gap: int = 0, step: int = 1, hours: Any = None
) -> SeriesWindows:
    """Every place of a series as a question: x are `length` values, y the `horizon` values that follow.

        x[i] = series[s - gap - length : s - gap],   y[i] = series[s : s + horizon],   s = start[i]

    series: (T,) numbers. gap: values between inputs and targets that are not known yet when the forecast is made.
    step: from one window to the next. hours: (T,) datetime64 at which the values were measured, to be checked by
    `need_hours`. The arrays are copies.

    Raises ValueError for a negative gap, which would put targets among the inputs; for a series that is too short; for
    NaN; and for hours that are not regular.
    """
    series = need_series(series)
    length, horizon, step = need_size(length, "length"), need_size(horizon, "horizon"), need_size(step, "step")
    if hours is not None:
        need_hours(hours, len(series))
    if need_size(gap, "gap", -horizon) < 0:
        raise ValueError(f"gap={gap} leaks: the last {-gap} inputs would be targets too. It should be at least 0.")
    wanted = length + gap + horizon
    if len(series) < wanted:
        parts = f"length {length}, gap {gap} and horizon {horizon}" if gap else f"length {length} and horizon {horizon}"
        raise ValueError(f"{parts} need a series of at least {wanted} values, got {len(series)}: shorten the windows.")
    start = np.arange(length + gap, len(series) - horizon + 1, step)
    x = series[start[:, None] - gap - length + np.arange(length)]
    return SeriesWindows(x, series[start[:, None] + np.arange(horizon)], start, gap)


def refuse_leak(train: SeriesWindows, test: SeriesWindows) -> None:
    """Raise ValueError, which says why, if training windows hold anything that is not known when testing begins.

    What leaks: a tested value that is an input or a target in training, and any value from after the first one that is
    tested. Both come from a random split, and from a cut that looks at the first target only."""
    tested = test.targets()
    if not len(train.start) or not len(test.start):
        raise ValueError("train and test should have at least one window each.")
    trained = {"targets": train.targets(), "inputs": train.inputs()}
    for what, places in trained.items():
        shared = np.intersect1d(places, tested)
        if len(shared):
            raise ValueError(
                f"{len(shared):,} tested values are {what} in training too, the first at {shared[0]}: cut in time, and "
                "leave out windows whose targets lie on both sides, as the method split of windows does."
            )
    for what, places in trained.items():
        if places[-1] > tested[0]:
            raise ValueError(
                f"The {what} in training reach to {places[-1]}, and testing begins at {tested[0]}: a forecast may not "
                "be trained on what comes after it. Test on the end of the series."
            )


def need_series(series: Any, name: str = "series") -> Array:
    """`series` as (T,) finite numbers. Raises TypeError or ValueError, in a sentence."""
    a = as_float(series, name)
    if a.ndim != 1 or not a.size:
        raise ValueError(f"{name} should be one row of numbers, of shape (T,); got {a.shape}.")
    if not np.isfinite(a).all():
        bad = np.flatnonzero(~np.isfinite(a))
        raise ValueError(
            f"{name} has NaN or infinity in {len(bad):,} place{'s' * (len(bad) > 1)}, the first at {bad[0]}: fill from "
            "the past (the same hour a day before), or use only what comes after."
        )
    return a


def need_varying(series: Array, name: str = "series") -> Array:
    """`series`, or a ValueError if it is constant: scaling would divide by a standard deviation of 0."""
    if series.max() == series.min():
        raise ValueError(f"{name} is constant, {series[0]:g} everywhere: there is nothing to learn or to scale by.")
    return series


def need_hours(hours: Any, count: int) -> Array:
    """`hours` as (count,) datetime64[h], each an hour after the one before.

    Raises TypeError for anything that is not a date, and ValueError for another number of hours, for hours that are
    missing, stand twice or go back. The usual cause of a single one is the change of clocks, and the sentence says so.
    """
    a = as_array(hours, "hours")
    if a.dtype.kind != "M":
        raise TypeError(f"hours should be datetime64, as np.datetime64('2014-01-01T00') is; got {a.dtype}.")
    if a.shape != (count,):
        raise ValueError(f"hours should have one entry for each of the {count:,} values, got shape {a.shape}.")
    if np.isnat(a).any():
        raise ValueError(f"hours has no date at {np.flatnonzero(np.isnat(a))[0]} (NaT): leave no entry empty.")
    a = a.astype("datetime64[h]")
    wrong = np.flatnonzero(np.diff(a) != HOUR)
    if len(wrong):
        raise ValueError(_irregular(a, int(wrong[0]), len(wrong)))
    return a


def _irregular(hours: Array, row: int, places: int) -> str:
    before, after = hours[row], hours[row + 1]
    more = f" ({places:,} such places in all)" if places > 1 else ""
    if after == before:
        why = ", since clocks went back" if _clocks_change(before, (10, 11)) else ""
        return f"The hour {before} stands twice{why}{more}: use UTC, or keep the mean of the two."
    if after < before:
        return f"The hours go back from {before} to {after}{more}: sort the series by time."
    missing = int((after - before) / HOUR) - 1
    if missing == 1 and _clocks_change(before, (3, 4)):
        return f"The hour after {before} is missing, since clocks went forward{more}: use UTC, or fill that hour."
    return f"{missing:,} hours are missing after {before}{more}: fill them from the past, or use only what follows."


def _clocks_change(hour: Any, months: Sequence[int]) -> bool:
    """Whether it is a Sunday's first hours in one of these months, when clocks are changed."""
    day = hour.astype("datetime64[D]")
    sunday = (day.astype(int) + 3) % 7 == 6  # 1970 began with a Thursday
    return bool(sunday and (hour - day).astype(int) < 4 and day.astype("datetime64[M]").astype(int) % 12 + 1 in months)
