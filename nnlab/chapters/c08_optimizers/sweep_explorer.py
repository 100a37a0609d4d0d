"""Explorer of chapter 08: how many steps each optimizer needs, for every learning rate at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.chapters.c08_optimizers.looks import line_style
from nnlab.explore.controls import Levels, Slider
from nnlab.explore.drawing.words import Words, short
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import OPTIMIZERS

Array = NDArray[Any]
MAX_STEPS = 400
TOLERANCE = 0.01  # of the first distance: this close to the minimum counts as converged
DIVERGENCE = 1e6  # times the first distance: this far away counts as diverged
RATES = np.geomspace(1e-3, 10, 49)
RATES.flags.writeable = False
ROTATION = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])  # the bowl's axes, turned by 0.5 rad
MINIMUM = np.array([1.0, 2.0])
WITH_MOMENTUM = ("momentum", "nesterov")


@lru_cache(maxsize=512)
def sweep(name: str, condition: int, momentum: float) -> tuple[Array, Array]:
    """Runs of one optimizer on a bowl with curvature 1 one way and 1 / condition across it, one for each of RATES, all
    at once. The bowl is rotated and away from 0: otherwise RMSprop and Adam, which scale each axis, and AdamW, which
    pulls to 0, would have it easier than on other problems. The start is equally far from the minimum along both axes.

    Returns steps (49,), after which each has come within 1% of the first distance and stays there until step 400 (0: it
    does not), and diverged (49,), whether it reached a million times that distance. Each is moved by its `update` of
    `nnlab.scratch`, which works number by number and so takes an array of learning rates as well as a single one."""
    hessian = ROTATION @ np.diag([1, 1 / condition]) @ ROTATION.T
    first = (ROTATION @ [1.0, 1.0] + MINIMUM)[:, None]
    at, lr = np.tile(first, len(RATES)), np.tile(RATES, 2)
    options = {"momentum": momentum} if name in WITH_MOMENTUM else {}
    opt = OPTIMIZERS[name].make({"at": at}, 1.0, **options)
    trajectory = np.empty((MAX_STEPS + 1, *at.shape))
    trajectory[0] = at
    for t in range(1, MAX_STEPS + 1):
        opt.t = t
        step = (hessian @ (at - MINIMUM[:, None])).ravel()
        opt.update(step, cast(float, lr))
        at -= step.reshape(at.shape)
        if t % 10 == 0:  # what has diverged stays so, without an overflow
            for values in (at, *opt.state.values()):
                np.clip(values, -10 * DIVERGENCE, 10 * DIVERGENCE, out=values)
        trajectory[t] = at
    squared = ((trajectory - MINIMUM[:, None]) ** 2).sum(axis=1) / 2
    outside = squared > TOLERANCE**2
    converged_at = MAX_STEPS + 1 - outside[::-1].argmax(axis=0)  # one after the last step outside
    steps, diverged = np.where(outside[-1], 0, converged_at), (squared > DIVERGENCE**2).any(axis=0)
    for found in (steps, diverged):
        found.flags.writeable = False  # the cache gives them out again
    return steps, diverged


@dataclass
class Sweep:
    """By optimizer: steps to converge at each of RATES (0: not within MAX_STEPS), (49,), and which of them diverged,
    (49,). rate_index: which of RATES the line marks."""

    steps: dict[str, Array]
    diverged: dict[str, Array]
    condition: int
    rate_index: int

    def best(self, name: str) -> tuple[int, float]:
        """The fewest steps, and the learning rate that needs them; (0, 0) where it converges at no rate."""
        steps = self.steps[name]
        if not steps.any():
            return 0, 0.0
        k = int(np.where(steps > 0, steps, MAX_STEPS + 1).argmin())
        return int(steps[k]), float(RATES[k])


def sweeps(condition: float, momentum: float, lr: float, names: Collection[str] | None = None) -> Sweep:
    """Optimizers on a bowl that is `condition` times as steep one way as the other; lr marks one of RATES.

    names: rows of OPTIMIZERS, all of them if left out."""
    chosen = list(OPTIMIZERS) if names is None else names
    found = {name: sweep(name, int(condition), momentum if name in WITH_MOMENTUM else 0.0) for name in chosen}
    steps, diverged = {name: s for name, (s, _) in found.items()}, {name: d for name, (_, d) in found.items()}
    return Sweep(steps, diverged, int(condition), int(np.abs(np.log(RATES / lr)).argmin()))


class SweepView:
    """Steps against learning rate, both logarithmic; on top, a lane for what is too slow and one for what diverges.

    names: the rows of OPTIMIZERS that are compared, in the order of the table."""

    def __init__(self, figure: Figure, names: Collection[str]):
        self.names = list(names)
        others = max(len(self.names) - 1, 1)
        self.row_height = min(26, 150 / others)  # more than six stand closer together, in the table
        self.lane_factor = max(0.8, 0.26 ** (1 / others))  # and in the lane of what diverges
        figure.set_layout_engine("none")
        ax = figure.add_axes((0.085, 0.125, 0.53, 0.79))
        ax.set(xscale="log", yscale="log", xlim=(RATES[0] / 1.1, RATES[-1] * 1.1), ylim=(0.8, MAX_STEPS * 20))
        ax.set(xlabel="learning rate", title="Steps to arrive, for every learning rate")
        ax.set_yticks([1, 3, 10, 30, 100, 300], ["1", "3", "10", "30", "100", "300"])
        ax.set_yticks([], minor=True)
        ax.set_ylabel("steps", labelpad=2, loc="bottom")
        ax.axhspan(MAX_STEPS, MAX_STEPS * 3, color=plots.GREY, alpha=0.12, lw=0)
        ax.axhspan(MAX_STEPS * 3, MAX_STEPS * 20, color=plots.VERMILLION, alpha=0.1, lw=0)
        ax.text(1.05e-3, MAX_STEPS * 2.3, f"not there after {MAX_STEPS}", fontsize=8.5, va="center", color="#4a4a4a")
        ax.text(1.05e-3, MAX_STEPS * 15, "lost: it diverges", fontsize=8.5, va="center", color="#9a3d00")
        self.lines, self.dots, self.diverged = {}, {}, {}
        for name in self.names:
            _, color, marker = plots.look(name)
            style: dict[str, Any] = dict(color=color, animated=True)
            (self.lines[name],) = ax.plot([], [], ls=line_style(name), lw=1.8, zorder=3, **style)
            (self.dots[name],) = ax.plot([], [], ls="", marker=marker, ms=8, mec="white", zorder=4, **style)
            (self.diverged[name],) = ax.plot([], [], "|", ms=5, mew=2, **style)
        self.marker = ax.axvline(1, color=plots.BLACK, lw=1, animated=True)
        table = figure.add_axes((0.63, 0, 0.37, 1))
        table.set(xlim=(0, 259), ylim=(0, 400))
        table.set_axis_off()
        table.text(160, 350, "best", weight="bold", ha="right")
        table.text(160, 333, "steps", weight="bold", ha="right")
        table.text(190, 333, "at", weight="bold", ha="center")
        table.text(252, 350, "at the", weight="bold", ha="right")
        table.text(252, 333, "line", weight="bold", ha="right")
        for k, name in enumerate(self.names):
            label, color, marker = plots.look(name)
            table.plot([10], [self._bottom(k) + 5], marker=marker, ms=8, color=color)
            table.text(22, self._bottom(k), label)
        self.words = Words(figure, 441, 0, 259, 400)

    def _bottom(self, k: int) -> float:
        """The bottom of row k of the table, in pixels above the bottom of the picture."""
        return 305 - k * self.row_height

    def update(self, d: Sweep) -> None:
        write = self.words.write
        self.words.wipe()
        self.marker.set_xdata([RATES[d.rate_index]] * 2)
        for k, name in enumerate(self.names):
            steps, diverged = d.steps[name], d.diverged[name]
            converged = steps > 0
            self.lines[name].set_data(RATES, np.where(converged, np.maximum(steps, 1), np.nan))
            lane = MAX_STEPS * 12 * self.lane_factor**k
            self.diverged[name].set_data(RATES[diverged], np.full(int(diverged.sum()), lane))
            best, rate = d.best(name)
            self.dots[name].set_data([rate] if best else [], [best] if best else [])
            y, here = int(self._bottom(k)), d.rate_index
            write(str(best) if best else "none", 160, y, align="right", bold=True)
            write(short(rate) if best else "", 190, y, align="centre", points=9)
            state = "lost" if diverged[here] else str(steps[here]) if converged[here] else "late"
            write(state, 252, y, "#9a3d00" if diverged[here] else plots.BLACK, align="right")
        write(f"condition number {d.condition}", 6, 128, bold=True)
        sgd, momentum = d.best("sgd")[0], d.best("momentum")[0]
        if sgd and momentum:
            write(f"SGD's best / momentum's best = {sgd / momentum:.2f}", 6, 104, points=9)
        write(f"the line: learning rate {short(float(RATES[d.rate_index]))}", 6, 80, points=9)


CONDITIONS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150)
MOMENTUM = 0.9  # where the slider starts


def sweep_explorer() -> Explorer:
    """Learning rate against steps, for all optimizers on a bowl that can be made into a ravine."""
    names = tuple(OPTIMIZERS)
    for condition in CONDITIONS:  # fills the cache in a fifth of a second, so that the slider is smooth from the start
        sweeps(condition, MOMENTUM, 1.0, names)
    return Explorer(
        compute=partial(sweeps, names=names),
        draw=partial(SweepView, names=names),
        controls={
            "condition": Levels(CONDITIONS, 10, label="condition number"),
            "momentum": Slider(0.02, 0.98, 0.02, MOMENTUM, label="momentum μ", help="of momentum and Nesterov"),
            "lr": Slider(1e-3, 10.0, 1 / 12, 0.1, label="the line: learning rate", log=True),
        },
        goal=Goal(
            "Find a condition number for which SGD, at its best learning rate, needs more than 3 times as many steps "
            "as momentum at its best.",
            lambda d: d.best("momentum")[0] > 0 and d.best("sgd")[0] > 3 * d.best("momentum")[0],
            solution=dict(condition=150),
        ),
        size=(7.0, 4.0),
        alt="Steps to arrive against the learning rate, a curve for each optimizer, and a table of the best.",
    )
