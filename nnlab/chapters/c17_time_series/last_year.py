"""The last year of the electricity, day by day, as the explorers show it."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from nnlab.datasets import electricity, forecasts

Array = NDArray[np.float64]
DAYS, CALIBRATION = 365, 92
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SHARES = {"50%": (2, 4), "80%": (1, 5), "90%": (0, 6)}  # the levels at both ends


@cache
def days() -> Array:
    """(366, 24) kW: the last day of 2013, then those of 2014. Cached: do not write into it."""
    return electricity().load[-24 * (DAYS + 1) :].reshape(-1, 24)


@cache
def year() -> Array:
    """(8, 365, 24): the recorded forecasts of 2014. Cached."""
    return forecasts().year


@cache
def quantiles() -> Array:
    """(457, 24, 7): quantiles for the last 92 days of 2013 and for 2014. Cached."""
    return forecasts().quantiles


@cache
def missed(share: str) -> Array:
    """(457, 24): by how much each value lies outside its interval, negative inside. Cached."""
    low, high = SHARES[share]
    y = electricity().load[-24 * (DAYS + CALIBRATION) :].reshape(-1, 24)
    q = quantiles()
    return np.maximum(q[:, :, low] - y, y - q[:, :, high])


def date(day: int) -> str:
    """ "Wed 1 Jan" for day 1 of 2014."""
    when = np.datetime64("2014-01-01") + (day - 1)
    weekday = (when.astype(int) + 3) % 7
    month = when.astype("datetime64[M]")
    return f"{WEEKDAYS[weekday]} {(when - month).astype(int) + 1} {MONTHS[month.astype(int) % 12]}"
