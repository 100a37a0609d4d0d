"""Explorer of chapter 17: one day taken apart, hour by hour and model by model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import forecasts
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

from .last_year import DAYS, date, days, year

Array = NDArray[np.float64]
MODELS = ("naive 24 h", "naive 168 h", "linear", "boosted", "mlp", "lstm", "gru", "conv")
WIDEST = 900.0  # kW, where the bars end


@dataclass
class Day:
    """yesterday, truth, forecast: (24,) kW; day_mae, year_mae: (8,) kW by model."""

    day: int
    model: str
    yesterday: Array
    truth: Array
    forecast: Array
    day_mae: Array
    year_mae: Array


def one_day(day: int, model: str) -> Day:
    """The load of one day of 2014, one model's forecast from midnight, and every model's MAE on that day."""
    found = year()
    return Day(
        day,
        model,
        days()[day - 1].copy(),
        days()[day].copy(),
        found[MODELS.index(model), day - 1].copy(),
        np.abs(found[:, day - 1] - days()[day]).mean(axis=1),
        np.abs(found - days()[1:]).mean(axis=(1, 2)),
    )


class DayView:
    """Left the day, its forecast and the day before, as load and as change; right every model's MAE of day and year."""

    def __init__(self, figure: Figure):
        axes = figure.subplot_mosaic([["load", "bars"], ["change", "bars"]], width_ratios=[1.3, 1])
        load, left, right = axes["load"], axes["change"], axes["bars"]
        load.set(xlim=(0, 23), ylim=(0, 6600), ylabel="load (kW)")
        left.set(xlim=(0, 23), ylim=(-1700, 1700), xlabel="hour of the day", ylabel="change (kW)")
        for ax in (load, left):
            ax.set_xticks(range(0, 24, 6))
        load.set_title("The day, hour by hour")
        left.set_title("The same, as change since the day before")
        left.axhline(0, color=plots.GREY, lw=1, ls="--")
        (self.gap,) = left.fill([0], [0], fc=plots.VERMILLION, ec="none", alpha=0.3, label="error", animated=True)
        (self.yesterday,) = load.plot([], [], color=plots.GREY, lw=1.5, ls="--", label="day before", animated=True)
        self.truths = [ax.plot([], [], color=plots.BLACK, ls=plots.TEST, animated=True)[0] for ax in (load, left)]
        self.forecasts = [ax.plot([], [], color=plots.BLUE, animated=True)[0] for ax in (load, left)]
        self.truths[0].set_label("truth")
        self.forecasts[0].set_label("forecast")
        self.name = load.text(0.6, 6400, "", va="top", weight="bold", animated=True)
        right.set(xlim=(0, WIDEST), ylim=(7.6, -0.6), xlabel="MAE (kW), at most 900 drawn")
        right.set_yticks(range(8), MODELS)
        right.grid(axis="y", visible=False)
        right.set_title("Which model erred least?")
        self.bars = right.barh(np.arange(8), np.zeros(8), 0.6, color=plots.SKY, animated=True)
        (self.marks,) = right.plot([], [], "|", color=plots.BLACK, ms=14, mew=2, label="whole year", animated=True)
        handles = [self.yesterday, self.truths[0], self.forecasts[0], self.gap, self.marks]
        figure.legend(handles=handles, loc="outside lower center", ncols=5, fontsize=9)

    def update(self, d: Day) -> None:
        hours = np.arange(24)
        self.yesterday.set_data(hours, d.yesterday)
        for k, base in enumerate((np.zeros(24), d.yesterday)):
            self.truths[k].set_data(hours, d.truth - base)
            self.forecasts[k].set_data(hours, d.forecast - base)
        edge = np.concatenate([hours, hours[::-1]])
        change = np.concatenate([d.truth - d.yesterday, (d.forecast - d.yesterday)[::-1]])
        self.gap.set_xy(np.column_stack([edge, change]))
        self.name.set_text(f"{date(d.day)}, {d.model}")
        for k, bar in enumerate(self.bars):
            bar.set_width(min(d.day_mae[k], WIDEST))
            bar.set_color(plots.BLUE if MODELS[k] == d.model else plots.SKY)
        self.marks.set_data(d.year_mae, np.arange(8))


def day_explorer() -> Explorer:
    """Every day of 2014 with the forecasts of eight models."""
    assert tuple(forecasts().models) == MODELS
    return Explorer(
        compute=one_day,
        draw=DayView,
        controls={
            "day": Slider(1, DAYS, 1, 189, label="day of 2014"),
            "model": Choice(MODELS, "linear", label="model"),
        },
        goal=Goal(
            "Find a day on which copying yesterday beats all other models. What did they believe?",
            lambda d: bool(d.day_mae[0] < d.day_mae[1:].min()),
            solution=dict(day=84),
        ),
        size=(7.4, 4.8),
        alt="The load of one day with a model's forecast, and the error of eight models on that day.",
    )
