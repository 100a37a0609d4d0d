"""Explorer of chapter 08: what is inside Adam. One parameter, a sequence of gradients, and the steps Adam takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Levels, Slider
from nnlab.explore.drawing.words import Words, short
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import Adam

Array = NDArray[Any]
STEPS = 100
SIGNALS = ("constant", "noisy", "alternating", "one spike", "sparse")


@cache
def signal(name: str) -> Array:
    """Gradients of 100 steps, each of a size of about 1."""
    t = np.arange(STEPS)
    values = {
        "constant": np.ones(STEPS),
        "noisy": 0.5 + np.random.default_rng(0).normal(0, 1, STEPS).clip(-2.4, 2.4),
        "alternating": np.where(t % 2 == 0, 1.0, -1.0),
        "one spike": np.where(t == 29, 2.8, 0.2),
        "sparse": np.where(t % 20 == 0, 2.0, 0.0),
    }[name]
    values.flags.writeable = False  # the cache gives it out again
    return values


@dataclass
class AdamTrace:
    """By step, (100,) each: the gradient g, its running means m and of g² v, both corrected for their start at 0, and
    the step with and without this correction. All but the steps are in units of the gradients' `size`."""

    g: Array
    m: Array
    v: Array
    m_hat: Array
    v_hat: Array
    step: Array
    raw_step: Array
    lr: float
    at: int

    @property
    def first_ratio(self) -> float:
        """The first step without the correction divided by the first step with it."""
        return float(self.raw_step[0] / self.step[0])


def adam_trace(
    kind: str, beta1: float, beta2: float, lr: float, eps: float, size: float, at: int, steps: int = STEPS
) -> AdamTrace:
    """Let `nnlab.scratch.Adam` take 100 steps on one parameter, and record its state after each."""
    g = size * signal(kind)[:steps]
    theta = np.zeros(1)
    opt = Adam({"theta": theta}, lr, (beta1, beta2), eps)
    m, v, step = np.zeros(steps), np.zeros(steps), np.zeros(steps)
    for t in range(steps):
        theta[...] = 0  # so that its value afterwards is the step
        opt.step({"theta": g[t : t + 1]})
        m[t], v[t], step[t] = opt.state["m"][0], opt.state["v"][0], -theta[0]
    count = np.arange(1, steps + 1)
    m_hat, v_hat = m / (1 - beta1**count), v / (1 - beta2**count)
    raw_step = lr * m / (np.sqrt(v) + eps)
    return AdamTrace(g / size, m / size, v / size**2, m_hat / size, v_hat / size**2, step, raw_step, lr, at)


class AdamView:
    """Three rows over the same steps: g with m, the square root of v, and the step in units of the learning rate."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")
        self.axes = [figure.add_axes((0.09, bottom, 0.60, 0.235)) for bottom in (0.7, 0.395, 0.09)]
        titles = ("Gradient g and its running mean m", "√v, the gradients' size", "Step, in units of the learning rate")
        for ax, title in zip(self.axes, titles, strict=True):
            ax.set(xlim=(0, STEPS + 1), title=title)
            ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))
        for ax in self.axes[:2]:
            ax.tick_params(labelbottom=False)
        means, sizes, steps = self.axes
        means.set(ylim=(-3.1, 3.1))
        sizes.set(ylim=(-0.1, 3.1))
        steps.set_yscale("symlog", linthresh=1)
        steps.set(ylim=(-100, 100), yticks=[-100, -10, -1, 0, 1, 10, 100], xlabel="step t")
        steps.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:.0f}"))
        (self.g,) = means.plot([], [], ".", color=plots.GREY, ms=5, animated=True)
        self.raw = [ax.plot([], [], "--", lw=1.8, color=plots.ORANGE, animated=True)[0] for ax in self.axes]
        self.corrected = [ax.plot([], [], lw=1.8, color=plots.BLUE, animated=True)[0] for ax in self.axes]
        self.marker = [ax.axvline(1, color=plots.BLACK, lw=1, animated=True) for ax in self.axes]
        self.words = Words(figure, 495, 0, 205, 520)
        key = figure.add_axes((0.71, 0, 0.29, 1))
        key.set(xlim=(0, 203), ylim=(0, 520))
        key.set_axis_off()
        for y, look, text in ((490, ".", "g, one gradient"), (470, "-", "corrected"), (450, "--", "not corrected")):
            colour = {".": plots.GREY, "-": plots.BLUE, "--": plots.ORANGE}[look]
            key.plot([8, 17, 26], [y + 4] * 3, look, color=colour, lw=1.8, ms=6)
            key.text(36, y, text)

    def update(self, d: AdamTrace) -> None:
        t = np.arange(1, len(d.g) + 1)
        self.g.set_data(t, d.g)
        raw, corrected = (d.m, np.sqrt(d.v), d.raw_step / d.lr), (d.m_hat, np.sqrt(d.v_hat), d.step / d.lr)
        for line, values in zip((*self.raw, *self.corrected), (*raw, *corrected), strict=True):
            line.set_data(t, values)
        for line in self.marker:
            line.set_xdata([d.at, d.at])
        self.words.wipe()
        k, write = d.at - 1, self.words.write
        write(f"At step {d.at}", 6, 408, bold=True)
        rows = [("g", d.g[k]), ("m", d.m[k]), ("m̂", d.m_hat[k]), ("v", d.v[k]), ("v̂", d.v_hat[k])]
        for i, (name, value) in enumerate(rows):
            colour = plots.BLUE if "\u0302" in name else plots.GREY if name == "g" else "#8a5f00"
            write(name, 20, 385 - 21 * i, colour, bold=True)
            write(short(float(value)), 110, 385 - 21 * i, align="right")
        write("the step", 6, 258, bold=True)
        write(short(float(d.step[k])), 20, 236, plots.BLUE)
        write(short(float(d.raw_step[k])), 110, 236, "#8a5f00")
        ratio = "" if d.step[k] == 0 else f"{short(float(d.raw_step[k] / d.step[k]))} times as long"
        write("without correction", 6, 205)
        write(ratio, 20, 184, bold=True)


def adam_explorer() -> Explorer:
    """What Adam remembers of the gradients, how that is corrected, and the step that results."""
    return Explorer(
        compute=adam_trace,
        draw=AdamView,
        controls={
            "kind": Choice(list(SIGNALS), label="gradients"),
            "at": Slider(1, STEPS, 1, 1, label="look at step"),
            "beta1": Levels([0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99], 0.9, label="β1, of the mean m"),
            "beta2": Levels(
                [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9995, 0.9999], 0.999, label="β2, of v"
            ),
            "lr": Levels(
                [float(f"{m}e{k}") for k in range(-4, 0) for m in (1, 3)] + [1.0], 0.001, label="learning rate"
            ),
            "eps": Levels([float(f"1e{k}") for k in range(-8, 1)], 1e-8, label="ε"),
            "size": Levels([float(f"1e{k}") for k in range(-6, 4)], 1.0, label="all gradients times"),
        },
        goal=Goal(
            "With β1 = 0.9, find the β2 with which the first step would be 10 times too long without the correction.",
            lambda d: abs(d.first_ratio - 10) < 0.1 and abs(d.m[0] / d.g[0] - 0.1) < 1e-9,
            solution=dict(beta2=0.9999),
        ),
        size=(7.0, 5.2),
        alt="By step: the gradient with its running mean m, the square root of v, and Adam's step, each with the "
        "correction for the start at 0 and without it.",
    )
