"""Explorer of chapter 23: from noise to a digit, step by step, with the network's guess of the end on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import digit_features, generative_weights
from nnlab.datasets.generative import DENOISER
from nnlab.explore.controls import Slider
from nnlab.explore.drawing.numbers import Raster, grey_colours
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.run import Run
from nnlab.pytorch.generative import Denoiser, ddim_step, ddim_times

Array = NDArray[Any]
COUNT = 20
TIMES = ddim_times(DENOISER["steps"], COUNT)


@cache
def _net() -> Denoiser:
    net = Denoiser(**DENOISER)
    net.load_state_dict({name: torch.tensor(value) for name, value in generative_weights("denoiser").items()})
    return net.eval()


@dataclass
class State:
    """x, clean: (1, 1, 28, 28) tensors, the noised digit and the guess; p: what the guesses so far are read as."""

    x: torch.Tensor
    clean: torch.Tensor
    p: list[Array] = field(default_factory=list)


def _begin(digit: int, guidance: float, noise: int) -> State:
    x = torch.randn((1, 1, 28, 28), generator=torch.Generator().manual_seed(noise))
    return State(x, torch.zeros_like(x))


def _advance(state: State, digit: int, guidance: float, noise: int) -> None:
    k = len(state.p)
    with torch.no_grad():
        label = torch.tensor([digit])
        state.x, state.clean = ddim_step(_net(), state.x, TIMES[k], TIMES[k + 1], label, guidance)
    state.p.append(digit_features((state.clean[0].numpy() + 1) / 2)[1][0])


@dataclass
class Denoised:
    """noisy, guess: (28, 28) from 0 to 1; p: (T, 10) of the guesses so far; alpha_bar: the share of variance that is
    picture; digit: the one that was asked for; guidance: its strength."""

    digit: int
    guidance: float
    noisy: Array
    guess: Array
    p: Array
    alpha_bar: float


def denoised(state: State, digit: int, guidance: float, noise: int) -> Denoised:
    """Where the run stands."""
    noisy, guess = (np.clip((x[0, 0].numpy() + 1) / 2, 0, 1) for x in (state.x, state.clean))
    p = np.array(state.p, np.float64).reshape(-1, 10)
    return Denoised(digit, guidance, noisy, guess, p, float(_net().alpha_bar[TIMES[len(p)]]))


class DenoiseView:
    """The noisy digit, the guess of the clean one, and how sure the classifier is of it over the steps."""

    def __init__(self, figure: Figure):
        left, middle, right = figure.subplots(1, 3, width_ratios=[1, 1, 1.35])
        self.rasters = []
        for ax, title in ((left, "The picture now"), (middle, "Guess of the end")):
            ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[], aspect="equal")
            ax.grid(False)
            ax.set_title(title)
            self.rasters.append(Raster(ax))
        right.set(xlim=(0, COUNT), ylim=(0, 1.03), xlabel="step", ylabel="probability")
        right.set_title("Is the guess read as asked?")
        (self.curve,) = right.plot([], [], color=plots.BLUE, animated=True)
        (self.point,) = right.plot([], [], "o", color=plots.VERMILLION, ms=8, animated=True, clip_on=False)
        self.note = figure.text(0.02, 0.03, "", animated=True)
        figure.get_layout_engine().set(rect=(0, 0.1, 1, 0.9))  # type: ignore[union-attr, call-arg]

    def update(self, d: Denoised) -> None:
        for raster, picture in zip(self.rasters, (d.noisy, d.guess), strict=True):
            raster.show(grey_colours(1 - picture), (0, 1, 0, 1))
        steps = np.arange(1, len(d.p) + 1)
        self.curve.set_data(steps, d.p[:, d.digit])
        self.point.set_data(steps[-1:], d.p[-1:, d.digit])
        read = f"The guess is read as {int(d.p[-1].argmax())}." if len(d.p) else "The guess comes with the first step."
        self.note.set_text(f"Asked for {d.digit}. {d.alpha_bar:.0%} of the variance is picture, the rest noise. {read}")


def goes_astray(d: Denoised) -> bool:
    """Whether the first guess is read as asked, the finished digit as another one, and the label was not ignored."""
    return d.guidance >= 1 and len(d.p) == COUNT and d.p[0].argmax() == d.digit != d.p[-1].argmax()


def denoise_explorer() -> Explorer:
    """Sample one digit, in twenty steps."""
    _net()
    return Explorer(
        compute=denoised,
        draw=DenoiseView,
        controls={
            "digit": Slider(0, 9, 1, 3, label="digit to draw"),
            "guidance": Slider(0.0, 5.0, 0.5, 1.5, label="strength of guidance"),
            "noise": Slider(0, 50, 1, 7, label="noise, by number"),
        },
        run=Run(begin=_begin, advance=_advance, length=COUNT, shown=8, per_frame=1, pause=0.15),
        goal=Goal(
            "With guidance of at least 1, find a digit that goes astray: the first guess is read as asked, the end as "
            "another digit. Does more guidance save it?",
            goes_astray,
            solution=dict(digit=5, guidance=1.0, noise=0),
            steps=COUNT,
        ),
        size=(7.2, 3.0),
        alt="A digit between noise and ink, the network's guess of the end, and how sure a classifier is of it.",
    )
