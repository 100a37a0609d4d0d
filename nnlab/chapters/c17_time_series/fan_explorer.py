"""Explorer of chapter 17: a forecast with its interval, and how much of the year the interval holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

from .last_year import CALIBRATION, DAYS, SHARES, date, days, missed, quantiles

Array = NDArray[np.float64]
CORRECTIONS = ("none", "late 2013", "last 92 days")
QUARTERS = ((0, 90), (90, 181), (181, 273), (273, 365))
GOAL_HOURS = 6


@cache
def margins(share: str, correction: str) -> Array:
    """(365,): by how much the intervals of each day of 2014 are widened, in kW. Cached: do not write into it."""
    e, wanted = missed(share), float(share[:-1]) / 100
    rank = int(np.ceil((24 * CALIBRATION + 1) * wanted)) - 1
    if correction == "none":
        return np.zeros(DAYS)
    if correction == "late 2013":
        return np.full(DAYS, np.sort(e[:CALIBRATION], axis=None)[rank])
    return np.array([np.sort(e[d : d + CALIBRATION], axis=None)[rank] for d in range(DAYS)])


@dataclass
class Fan:
    """truth: (24,), and low, middle, high: (horizon,), the day and its forecast, in kW, as change since the same hour
    of the day before. held: (365,) how many of the first `horizon` hours of each day lie within; quarters: (4,) shares;
    year: the share."""

    day: int
    share: str
    horizon: int
    correction: str
    truth: Array
    low: Array
    middle: Array
    high: Array
    held: Array
    quarters: Array
    year: float


def fan(day: int, share: str, horizon: int, correction: str) -> Fan:
    """The interval of one day, and what intervals made in the same way hold in the whole year."""
    margin = margins(share, correction)
    inside = missed(share)[CALIBRATION:, :horizon] <= margin[:, None]
    q = quantiles()[CALIBRATION + day - 1, :horizon] - days()[day - 1, :horizon, None]
    low, high = SHARES[share]
    return Fan(
        day,
        share,
        horizon,
        correction,
        days()[day] - days()[day - 1],
        q[:, low] - margin[day - 1],
        q[:, 3].copy(),
        q[:, high] + margin[day - 1],
        inside.sum(axis=1).astype(np.float64),
        np.array([inside[a:b].mean() for a, b in QUARTERS]),
        float(inside.mean()),
    )


class FanView:
    """Left the day and its interval, right the share of each day that lies within, with a line for each quarter."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.25, 1])
        left.set(
            xlim=(-0.4, 23.4), ylim=(-1700, 1900), xlabel="hour of the day", ylabel="change since the day before (kW)"
        )
        left.set_xticks(range(0, 24, 6))
        left.set_title("What is promised, what came")
        left.axhline(0, color=plots.GREY, lw=1)
        (self.band,) = left.fill([0], [0], fc=plots.SKY, ec=plots.SKY, alpha=0.5, label="interval", animated=True)
        (self.middle,) = left.plot([], [], ".-", color=plots.BLUE, label="median", animated=True)
        (self.truth,) = left.plot([], [], color=plots.BLACK, ls=plots.TEST, label="truth", animated=True)
        self.name = left.text(0.6, 1830, "", va="top", weight="bold", animated=True)
        right.set(xlim=(0, 366), ylim=(-0.16, 1.04), xlabel="day of 2014", ylabel="share within")
        right.set_xticks([1, 91, 182, 274, 365])
        right.set_title("Does it hold all year?")
        (self.dots,) = right.plot([], [], ".", color=plots.SKY, ms=3, animated=True)
        self.lines = [right.plot([], [], color=plots.BLUE, lw=2.5, animated=True)[0] for _ in QUARTERS]
        (self.wanted,) = right.plot([], [], color=plots.BLACK, lw=1, ls="-.", label="promised", animated=True)
        (self.here,) = right.plot(
            [], [], "o", color=plots.VERMILLION, ms=8, label="this day", animated=True, clip_on=False
        )
        self.year = right.text(362, -0.13, "", ha="right", weight="bold", animated=True)
        handles = [self.truth, self.middle, self.band, self.wanted, self.lines[0], self.here]
        self.lines[0].set_label("quarter")
        figure.legend(handles=handles, loc="outside lower center", ncols=6, fontsize=9, columnspacing=1.0)

    def update(self, d: Fan) -> None:
        ahead = np.arange(d.horizon)
        self.truth.set_data(np.arange(24), d.truth)
        self.middle.set_data(ahead, d.middle)
        edge = np.concatenate([ahead, ahead[::-1]])
        self.band.set_xy(np.column_stack([edge, np.concatenate([d.low, d.high[::-1]])]))
        self.name.set_text(f"{date(d.day)}: {d.held[d.day - 1]:.0f} of {d.horizon} h within")
        self.dots.set_data(np.arange(1, DAYS + 1), d.held / d.horizon)
        for line, (a, b), value in zip(self.lines, QUARTERS, d.quarters, strict=True):
            line.set_data([a + 1, b], [value, value])
        self.wanted.set_data([0, 366], [float(d.share[:-1]) / 100] * 2)
        self.here.set_data([d.day], [d.held[d.day - 1] / d.horizon])
        self.year.set_text(f"whole year: {d.year:.2f}")


def fan_explorer() -> Explorer:
    """Intervals of a recorded quantile network, with two conformal corrections."""
    for share in SHARES:  # read and sorted now, so that no move of a control has to wait for it
        for correction in CORRECTIONS:
            margins(share, correction)
    return Explorer(
        compute=fan,
        draw=FanView,
        controls={
            "day": Slider(1, DAYS, 1, 189, label="day of 2014"),
            "share": Choice(tuple(SHARES), "80%", label="interval"),
            "horizon": Slider(1, 24, 1, 24, label="horizon", unit="hours"),
            "correction": Choice(CORRECTIONS, "none", label="conformal correction"),
        },
        goal=Goal(
            f"Interval 90%, 24 hours: find a day of which fewer than {GOAL_HOURS} hours lie within. What day is it?",
            lambda d: d.share == "90%" and d.horizon == 24 and d.held[d.day - 1] < GOAL_HOURS,
            solution=dict(day=360, share="90%", horizon=24),
        ),
        size=(7.4, 4.0),
        alt="A day's change in load with its forecast interval, and the share of each day of 2014 that lies within.",
    )
