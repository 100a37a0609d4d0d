"""Explorer of chapter 08: how many steps each optimizer needs, for every learning rate at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.chapters.c08_optimizers.race_run import LOOKS
from nnlab.explore.controls import Levels, Slider
from nnlab.explore.drawing.words import Words, short
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import OPTIMIZERS

Array = NDArray[Any]
MOST = 400  # steps
NEAR = 0.01  # of the first distance: so close to the lowest point has arrived
FAR = 1e6  # times the first distance: so far away is lost
RATES = np.geomspace(1e-3, 10, 49)
RATES.flags.writeable = False
TURN = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])  # the bowl's axes, turned by 0.5 rad
LOWEST = np.array([1.0, 2.0])
WITH_MOMENTUM = ("momentum", "nesterov")


@lru_cache(maxsize=512)
def sweep(name: str, condition: int, momentum: float) -> tuple[Array, Array]:
    """Runs of one optimizer on a bowl with curvature 1 one way and 1 / condition across it, one for each of RATES, all
    at once. The bowl stands at an angle and away from 0: else RMSprop and Adam, which stretch each axis, and AdamW,
    which pulls to 0, would have it easier than on other problems. The start is as far off one way as the other.

    Returns the steps after which each has come within 1 % of the first distance and stays there till step 400 (0: it
    does not), and whether it went away to a million times that distance. Each is moved by `update` of
    `nnlab.scratch`, which takes an array of learning rates as well as one."""
    slope = TURN @ np.diag([1, 1 / condition]) @ TURN.T
    first = (TURN @ [1.0, 1.0] + LOWEST)[:, None]
    at, lr = np.tile(first, len(RATES)), np.tile(RATES, 2)
    options = {"momentum": momentum} if name in WITH_MOMENTUM else {}
    opt = OPTIMIZERS[name].make({"at": at}, 1.0, **options)
    trail = np.empty((MOST + 1, *at.shape))
    trail[0] = at
    for t in range(1, MOST + 1):
        opt.t = t
        step = (slope @ (at - LOWEST[:, None])).ravel()
        opt.update(step, cast(float, lr))
        at -= step.reshape(at.shape)
        if t % 10 == 0:  # who is lost stays lost, without an overflow
            for values in (at, *opt.state.values()):
                np.clip(values, -10 * FAR, 10 * FAR, out=values)
        trail[t] = at
    squared = ((trail - LOWEST[:, None]) ** 2).sum(axis=1) / 2
    outside = squared > NEAR**2
    arrived = MOST + 1 - outside[::-1].argmax(axis=0)  # one after the last step outside
    steps, lost = np.where(outside[-1], 0, arrived), (squared > FAR**2).any(axis=0)
    for found in (steps, lost):
        found.flags.writeable = False  # they are kept for the next one who asks
    return steps, lost


@dataclass
class Sweep:
    """By row of OPTIMIZERS: steps to arrive for each of RATES (0: not arrived), and which of them went away."""

    steps: dict[str, Array]
    lost: dict[str, Array]
    condition: int
    looked_at: int

    def best(self, name: str) -> tuple[int, float]:
        """The fewest steps, and the learning rate that needs them; (0, 0) where no rate arrives."""
        steps = self.steps[name]
        if not steps.any():
            return 0, 0.0
        k = int(np.where(steps > 0, steps, MOST + 1).argmin())
        return int(steps[k]), float(RATES[k])


def sweeps(condition: float, momentum: float, lr: float) -> Sweep:
    """All optimizers on a bowl that is `condition` times as steep one way as the other."""
    found = {name: sweep(name, int(condition), momentum if name in WITH_MOMENTUM else 0.0) for name in LOOKS}
    at = int(np.abs(np.log(RATES / lr)).argmin())
    return Sweep({n: s for n, (s, _) in found.items()}, {n: gone for n, (_, gone) in found.items()}, int(condition), at)


class SweepView:
    """Steps against learning rate, both logarithmic; on top a lane each for who does not arrive in time, or is lost."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")
        ax = figure.add_axes((0.085, 0.125, 0.53, 0.79))
        self.late, self.gone = MOST * 1.7, MOST * 4.5
        ax.set(xscale="log", yscale="log", xlim=(RATES[0] / 1.1, RATES[-1] * 1.1), ylim=(0.8, MOST * 20))
        ax.set(xlabel="learning rate", title="Steps to arrive, for every learning rate")
        ax.set_yticks([1, 3, 10, 30, 100, 300], ["1", "3", "10", "30", "100", "300"])
        ax.set_yticks([], minor=True)
        ax.set_ylabel("steps", labelpad=2, loc="bottom")
        ax.axhspan(MOST, MOST * 3, color=plots.GREY, alpha=0.12, lw=0)
        ax.axhspan(MOST * 3, MOST * 20, color=plots.VERMILLION, alpha=0.1, lw=0)
        ax.text(1.05e-3, MOST * 2.3, f"not there after {MOST}", fontsize=8.5, va="center", color="#4a4a4a")
        ax.text(1.05e-3, MOST * 15, "lost: it runs away", fontsize=8.5, va="center", color="#9a3d00")
        self.lines, self.dots = {}, {}
        for name, (_, colour, marker) in LOOKS.items():
            dashes = "--" if name == "adamw" else "-"  # where it runs on Adam's line both are seen
            look: dict[str, Any] = dict(color=colour, animated=True)
            (self.lines[name],) = ax.plot([], [], ls=dashes, lw=1.8, zorder=3, **look)
            (self.dots[name],) = ax.plot([], [], ls="", marker=marker, ms=8, mec="white", zorder=4, **look)
        self.lost = {
            name: ax.plot([], [], "|", ms=5, mew=2, color=colour, animated=True)[0]
            for name, (_, colour, _) in LOOKS.items()
        }
        self.marker = ax.axvline(1, color=plots.BLACK, lw=1, animated=True)
        table = figure.add_axes((0.63, 0, 0.37, 1))
        table.set(xlim=(0, 259), ylim=(0, 400))
        table.set_axis_off()
        table.text(160, 350, "best", weight="bold", ha="right")
        table.text(160, 333, "steps", weight="bold", ha="right")
        table.text(190, 333, "at", weight="bold", ha="center")
        table.text(252, 350, "at the", weight="bold", ha="right")
        table.text(252, 333, "line", weight="bold", ha="right")
        for k, (shown, colour, marker) in enumerate(LOOKS.values()):
            table.plot([10], [305 - 26 * k + 5], marker=marker, ms=8, color=colour)
            table.text(22, 305 - 26 * k, shown)
        self.words = Words(figure, 441, 0, 259, 400)

    def update(self, d: Sweep) -> None:
        write = self.words.write
        self.words.wipe()
        self.marker.set_xdata([RATES[d.looked_at]] * 2)
        for k, name in enumerate(LOOKS):
            steps, lost = d.steps[name], d.lost[name]
            there = steps > 0
            self.lines[name].set_data(RATES, np.where(there, np.maximum(steps, 1), np.nan))
            rows = MOST * 12 * 0.8**k
            self.lost[name].set_data(RATES[lost], np.full(int(lost.sum()), rows))
            best, rate = d.best(name)
            self.dots[name].set_data([rate] if best else [], [best] if best else [])
            y, here = 305 - 26 * k, d.looked_at
            write(str(best) if best else "none", 160, y, align="right", bold=True)
            write(short(rate) if best else "", 190, y, align="centre", points=9)
            state = "lost" if lost[here] else str(steps[here]) if there[here] else "late"
            write(state, 252, y, "#9a3d00" if lost[here] else plots.BLACK, align="right")
        write(f"condition number {d.condition}", 6, 128, bold=True)
        sgd, momentum = d.best("sgd")[0], d.best("momentum")[0]
        if sgd and momentum:
            write(f"SGD's best / momentum's best = {sgd / momentum:.2f}", 6, 104, points=9)
        write(f"the line: learning rate {short(float(RATES[d.looked_at]))}", 6, 80, points=9)


CONDITIONS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150)
MOMENTUM = 0.9  # where the slider begins


def sweep_explorer() -> Explorer:
    """Learning rate against steps, for all optimizers on a bowl that can be made into a ravine."""
    for condition in CONDITIONS:  # a fifth of a second now, so that the slider's first way is as smooth as its second
        sweeps(condition, MOMENTUM, 1.0)
    return Explorer(
        compute=sweeps,
        draw=SweepView,
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
        alt="Steps to arrive against the learning rate, a curve for each of six optimizers, and a table of the best.",
    )
