"""Explorer of chapter 13: a run is killed and resumed, and what must have been saved so that nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.chapters.c13_pytorch.interrupted import LENGTH, SAVED, STEPS, resumed, uninterrupted
from nnlab.explore.controls import Slider, Toggle
from nnlab.explore.explorer import Explorer, Goal


@dataclass
class ResumeComparison:
    """Losses by step: of the uninterrupted run, (41,), and of the resumed one, (41 - step,). weight_error:
    (41 - step,), the largest difference between a weight of the two."""

    step: int
    saved: tuple[str, ...]
    uninterrupted: np.ndarray
    resumed: np.ndarray
    weight_error: np.ndarray


def resume(step: int, **saved: bool) -> ResumeComparison:
    """Kill the run after `step` of 40 steps, start a new process, put back what was saved, go on to the end."""
    names = tuple(name for name in SAVED if saved[name])
    return ResumeComparison(step, names, uninterrupted()[1], *resumed(step, names))


class ResumeView:
    """Left the losses of the run that was never stopped and of the one that was; right how far their weights differ."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(0, LENGTH), ylim=(0.2, 0.8), xlabel="step", ylabel="loss on all points")
        left.set_title("The losses look alike")
        right.set(xlim=(0, LENGTH), ylim=(-0.03, 1), xlabel="step", ylabel="largest difference of a weight")
        right.set_title("The weights tell the truth")
        for ax in (left, right):
            for border in range(STEPS, LENGTH, STEPS):
                ax.axvline(border, color=plots.GREY, lw=0.8, alpha=0.4)
        left.text(2 * STEPS + 0.5, 0.215, "an epoch ends", color=plots.GREY, fontsize=9)
        (self.uninterrupted,) = left.plot(
            [], [], color=plots.SKY, lw=5, alpha=0.6, animated=True, label="never stopped"
        )
        (self.resumed,) = left.plot([], [], color=plots.VERMILLION, lw=1.8, animated=True, label="killed, then resumed")
        (self.weight_error,) = right.plot([], [], color=plots.VERMILLION, lw=1.8, animated=True)
        self.kills = [ax.axvline(0, ymax=0.8, color=plots.BLACK, ls=":", animated=True) for ax in (left, right)]
        paper = dict(facecolor=plots.PAPER, edgecolor="none", pad=2)
        self.text = right.text(1, 0.92, "", weight="bold", bbox=paper, animated=True)
        left.legend(loc="upper right", frameon=True, facecolor=plots.PAPER, edgecolor="none", framealpha=1)

    def update(self, d: ResumeComparison) -> None:
        steps = np.arange(d.step, LENGTH + 1)
        self.uninterrupted.set_data(np.arange(LENGTH + 1), d.uninterrupted)
        self.resumed.set_data(steps, d.resumed)
        self.weight_error.set_data(steps, d.weight_error)
        for line in self.kills:
            line.set_xdata([d.step, d.step])
        same = not d.weight_error.any()
        self.text.set_text("bit for bit the same" if same else f"at the end: off by {d.weight_error[-1]:.2g}")


def resume_explorer() -> Explorer:
    """What a checkpoint must hold."""
    return Explorer(
        compute=resume,
        draw=ResumeView,
        controls={
            "step": Slider(1, LENGTH - 1, 1, 14, label="killed after step"),
            "weights": Toggle(True, label="weights saved"),
            "optimizer": Toggle(False, label="optimizer saved"),
            "schedule": Toggle(False, label="schedule saved"),
            "generator": Toggle(False, label="random generator saved"),
            "place": Toggle(False, label="place in the epoch saved"),
        },
        goal=Goal(
            "End with the same weights to the last bit, although one of the five things was not saved.",
            lambda d: not d.weight_error.any() and len(d.saved) < len(SAVED),
            solution=dict(step=20, optimizer=True, schedule=True, generator=True),
        ),
        alt="Loss by step: a run that was never stopped, and one that was killed and resumed.",
    )
