"""Explorer of chapter 09: design a schedule, train a real network with it, and copy its PyTorch lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.chapters.c09_schedules.digits_run import MAX_LOSS, DigitsTraining, smoothed
from nnlab.chapters.c09_schedules.schedule_plan import (
    VALIDATE_EVERY,
    DesignedSchedule,
    pytorch_lines,
    rules,
    schedule,
    used,
)
from nnlab.explore.controls import Choice, Levels, Slider
from nnlab.explore.explorer import Action, Explorer, Goal
from nnlab.explore.run import Run
from nnlab.scratch.plateau import Rate

RATES = [0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3]
CONSTANT = 0.05  # of these the best constant rate for 400 steps: the test of this module tries them all
LAST = 5  # this many validation losses at the end are averaged and compared
GOAL = 0.14

GROUPS = {
    "Schedule": ["rule", "lr", "warmup", "every", "factor", "gamma", "low", "half", "mode", "rise", "patience"],
    "Run": ["total", "seed"],
}


def idle(values: Mapping[str, Any]) -> set[str]:
    """The controls that do nothing under the present rule."""
    return set().union(*map(used, rules())) - used(values["rule"])


@dataclass
class PairedTraining:
    """Two networks in training that differ only in the rate: the designed schedule's, and a constant one.

    planned: the rates to come, (total,), empty if they depend on the validation loss. rates: those used so far.
    validations: (step, loss with the schedule, loss with the constant rate)."""

    plan: DesignedSchedule
    planned: np.ndarray
    scheduled: DigitsTraining
    constant: DigitsTraining
    rates: list[float] = field(default_factory=list)
    validations: list[tuple[int, float, float]] = field(default_factory=list)


def begin(**values: Any) -> PairedTraining:
    """Two networks with the same first weights, and the rates to come, as far as they are known before training."""
    total = int(values["total"])
    designed = None if values["rule"] == "plateau" else schedule(Rate(values["lr"]), values)
    planned = [designed.lr_at(t) for t in range(total)] if designed is not None else []
    seed = values["seed"]
    state = PairedTraining(DesignedSchedule(values), np.array(planned), DigitsTraining(seed), DigitsTraining(seed))
    validate(state)
    return state


def validate(state: PairedTraining) -> None:
    """Note the validation loss of both."""
    state.validations.append((len(state.rates), state.scheduled.validation(), state.constant.validation()))


def advance(state: PairedTraining, **values: Any) -> None:
    """One step of both networks on the same batch."""
    step = len(state.rates)
    state.rates.append(state.plan.lr)
    state.scheduled.step(state.plan.lr)
    state.constant.step(CONSTANT)
    validated = (step + 1) % VALIDATE_EVERY == 0
    if validated:
        validate(state)
    state.plan.after(step, state.validations[-1][1] if validated else None)


@dataclass
class ScheduleComparison:
    """What is shown: rates planned and used, as shares of the peak; smoothed training losses, (steps,); validations,
    (n, 3): the step, the loss with the schedule, the loss with the constant rate."""

    peak: float
    total: int
    planned: np.ndarray
    rates: np.ndarray
    scheduled: np.ndarray
    constant: np.ndarray
    validations: np.ndarray

    @property
    def done(self) -> bool:
        """Whether all steps have been taken."""
        return len(self.rates) >= self.total

    @property
    def ends(self) -> tuple[float, float]:
        """The validation loss with the schedule and with the constant rate, each the mean of the last five: a single
        one is luck."""
        _, scheduled, constant = self.validations[-LAST:].mean(axis=0)
        return float(scheduled), float(constant)

    @property
    def gain(self) -> float:
        """By how much the schedule's validation loss is below the constant rate's, as a share of the latter."""
        scheduled, constant = self.ends
        return 1 - scheduled / constant


def now(state: PairedTraining, **values: Any) -> ScheduleComparison:
    """The present state, copied."""
    peak = values["lr"]
    return ScheduleComparison(
        peak,
        int(values["total"]),
        state.planned / peak,
        np.array(state.rates) / peak,
        smoothed(np.array(state.scheduled.losses), 0.95),
        smoothed(np.array(state.constant.losses), 0.95),
        np.array(state.validations),
    )


class DesignView:
    """Left the rate over the steps, right the losses of both networks."""

    def __init__(self, figure: Figure):
        left, right = self.axes = figure.subplots(1, 2, width_ratios=[1, 1.15])
        left.set(ylim=(0, 1.12), xlabel="step", ylabel="rate, as a share of the peak")
        left.set_title("The schedule")
        (self.planned,) = left.plot([], [], color=plots.SKY, lw=1.5, animated=True)
        (self.rates,) = left.plot([], [], color=plots.BLUE, lw=2.5, animated=True)
        (self.fixed,) = left.plot([], [], color=plots.GREY, lw=1.5, animated=True)
        right.set(ylim=(0.15, 3.2), yscale="log", xlabel="step", ylabel="loss")
        right.set_yticks([0.2, 0.3, 0.5, 1, 2, 3], ["0.2", "0.3", "0.5", "1", "2", "3"])
        right.minorticks_off()
        right.set_title("The run it gives")
        styles = (
            (plots.GREY, plots.TRAIN, 1.2, "constant, training"),
            (plots.BLUE, plots.TRAIN, 1.2, "yours, training"),
            (plots.GREY, plots.VALIDATION, 2.2, "constant, validation"),
            (plots.BLUE, plots.VALIDATION, 2.2, "yours, validation"),
        )
        self.lines = [right.plot([], [], color=c, ls=s, lw=w, label=n, animated=True)[0] for c, s, w, n in styles]
        right.legend(loc="upper right", fontsize=8)
        self.peak = left.text(
            0.03, 1.06, "", va="center", fontsize=9, animated=True, transform=left.get_yaxis_transform()
        )
        self.text = right.text(
            0.03, 0.05, "", weight="bold", fontsize=9, animated=True, transform=right.transAxes, va="bottom"
        )
        self.total = 0

    def update(self, d: ScheduleComparison) -> None:
        if d.total != self.total:
            self.total = d.total
            for ax in self.axes:
                ax.set_xlim(0, d.total)
        self.planned.set_data(range(len(d.planned)), d.planned)
        self.rates.set_data(range(len(d.rates)), d.rates)
        share = CONSTANT / d.peak
        self.fixed.set_data([0, d.total], [share, share])
        self.peak.set_text(f"peak {d.peak:g}; grey: constant {CONSTANT:g}")
        steps = range(1, len(d.scheduled) + 1)
        for line, losses in zip(self.lines, (d.constant, d.scheduled), strict=False):
            line.set_data(steps, losses)
        for line, column in zip(self.lines[2:], (2, 1), strict=True):
            line.set_data(d.validations[:, 0], d.validations[:, column])
        scheduled, constant = d.ends
        if len(d.rates) == 0:
            self.text.set_text("press Play to train")
        elif d.validations[-1, 1] >= MAX_LOSS:
            self.text.set_text("blown up: the rate was too large")
        else:
            self.text.set_text(f"last 100 steps: yours {scheduled:.3f}\nconstant {constant:.3f}: {-d.gain:+z.0%}")


def caption(d: ScheduleComparison) -> str:
    """Where the run stands."""
    return f"step {len(d.rates)} of {d.total}"


def show_lines(explorer: Explorer) -> str:
    """The PyTorch lines of the present schedule."""
    return pytorch_lines(**explorer.values)


def schedule_explorer() -> Explorer:
    """Compose warm-up and decay; a run with this schedule races one with the best constant rate."""
    return Explorer(
        compute=now,
        draw=DesignView,
        controls={
            "rule": Choice(rules(), label="decay"),
            "lr": Levels(RATES, 0.1, label="peak rate"),
            "warmup": Slider(0, 150, 10, 0, label="warm-up", unit="steps"),
            "every": Slider(20, 400, 20, 100, label="steps between cuts"),
            "factor": Slider(0.1, 0.9, 0.05, 0.5, label="factor of a cut"),
            "gamma": Slider(0.98, 0.999, 0.001, 0.99, label="factor of each step"),
            "low": Slider(0.0, 0.5, 0.05, 0.0, label="lowest, share of the peak"),
            "half": Slider(20, 200, 10, 50, label="steps up, and down"),
            "mode": Choice(["triangular", "triangular2"], label="cycles"),
            "rise": Slider(0.05, 0.6, 0.05, 0.3, label="share of steps going up"),
            "patience": Slider(0, 10, 1, 2, label="patience", unit=f"× {VALIDATE_EVERY} steps"),
            "total": Choice(["200", "400", "800"], "400", label="total steps"),
            "seed": Slider(0, 4, 1, 0, label="seed"),
        },
        idle=idle,
        groups=GROUPS,
        goal=Goal(
            f"{CONSTANT} is the best constant rate for 400 steps. Design 400 steps that end with a validation loss at "
            "least 14% lower, as a mean of the last 100 steps.",
            lambda d: d.done and d.total == 400 and d.gain >= GOAL,
            solution=dict(rule="cosine", lr=0.1),
            steps=400,
        ),
        presets={
            "cosine from 0.1": dict(rule="cosine", lr=0.1, warmup=0, low=0.0),
            "warm-up and cosine": dict(rule="cosine", lr=0.2, warmup=50, low=0.0),
            "one hill": dict(rule="one-cycle", lr=0.15, rise=0.3),
            "four peaks": dict(rule="cyclical", lr=0.15, low=0.1, half=50, mode="triangular"),
        },
        run=Run(begin, advance, length=None, shown=160, per_frame=5, caption=caption, over=lambda d: d.done),
        actions={"PyTorch lines": Action(show_lines, "the designed schedule as a training loop in PyTorch")},
        alt="The learning rate over the steps, and the losses of a real network trained with it and with a constant "
        "rate.",
    )
