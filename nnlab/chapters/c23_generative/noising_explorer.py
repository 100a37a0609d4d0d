"""Explorer of chapter 23: how two noise schedules take a digit away, and how long it can be read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import digit_features, mnist
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.drawing.numbers import Raster, grey_colours
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.generative.diffusion import cosine_alpha_bar, noised

Array = NDArray[Any]
STEPS, MANY, SHOWN = 200, 60, 5
SCHEDULES = {
    "cosine": cosine_alpha_bar(STEPS),
    # Ho et al.'s, from 0.0001 to 0.02 in 1,000 steps, with a fifth of the steps five times as large
    "linear": np.concatenate([[1.0], np.cumprod(1 - 5 * np.linspace(1e-4, 0.02, STEPS))]),
}


@cache
def _digits() -> tuple[Array, Array, Array]:
    """Test digits (MANY, 28, 28) from -1 to 1, their labels, and noise for each."""
    x, labels = mnist("test")
    noise = np.random.default_rng(0).normal(size=(MANY, 28, 28))
    return x[:MANY] / 127.5 - 1, labels[:MANY], noise


@dataclass
class Noised:
    """pictures: (SHOWN, 28, 28) from 0 to 1, at step t; alpha_bar: there; readable: the share of MANY digits that the
    classifier reads correctly; schedule: the one that is chosen."""

    schedule: str
    t: int
    pictures: Array
    alpha_bar: float
    readable: float


def noised_digits(schedule: str, t: int) -> Noised:
    """The digits after t of 200 steps, in one step."""
    x, labels, noise = _digits()
    share = float(SCHEDULES[schedule][t])
    pictures = np.clip((noised(x, noise, share) + 1) / 2, 0, 1)
    read = digit_features(pictures)[1].argmax(axis=1)
    return Noised(schedule, t, pictures[:SHOWN], share, float(np.mean(read == labels)))


class NoisingView:
    """Above five digits at this step, below both schedules."""

    def __init__(self, figure: Figure):
        above, below = figure.subplots(2, 1, height_ratios=[1, 1.35])
        above.set(xlim=(0, SHOWN), ylim=(0, 1), xticks=[], yticks=[], aspect="equal")
        above.grid(False)
        above.spines[:].set_visible(False)
        self.rasters = [Raster(above) for _ in range(SHOWN)]
        self.note = above.set_title(" ", animated=True)
        below.set(xlim=(0, STEPS), ylim=(0, 1.03), xlabel="step t", ylabel="share of variance left")
        looks = {"cosine": (plots.BLUE, "-"), "linear": (plots.ORANGE, "--")}
        for name, (color, dashes) in looks.items():
            below.plot(SCHEDULES[name], dashes, color=color, label=f"{name} schedule")
        (self.point,) = below.plot([], [], "o", color=plots.VERMILLION, ms=9, animated=True, clip_on=False)
        below.legend(loc="upper right")

    def update(self, d: Noised) -> None:
        for k, (raster, picture) in enumerate(zip(self.rasters, d.pictures, strict=True)):
            raster.show(grey_colours(1 - picture), (k + 0.02, k + 0.98, 0.02, 0.98))
        self.point.set_data([d.t], [d.alpha_bar])
        self.note.set_text(f"Step {d.t}: {d.alpha_bar:.0%} of the variance left, {d.readable:.0%} of the digits read")


def noising_explorer() -> Explorer:
    """Noise digits, and let a classifier read them."""
    _digits()
    return Explorer(
        compute=noised_digits,
        draw=NoisingView,
        controls={
            "schedule": Choice(list(SCHEDULES), "cosine", label="schedule"),
            "t": Slider(0, STEPS, 1, 60, label="step t"),
        },
        goal=Goal(
            "Linear schedule: find a step at which about half of the digits (40% to 60%) are read. Where is it with "
            "the other one?",
            lambda d: d.schedule == "linear" and 0.4 <= d.readable <= 0.6,
            solution=dict(schedule="linear", t=40),
        ),
        size=(7.0, 4.2),
        alt="Five digits with noise, and two curves: the share of the picture's variance left over the steps.",
    )
