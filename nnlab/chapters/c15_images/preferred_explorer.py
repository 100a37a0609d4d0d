"""Explorer of chapter 15: the input that excites one unit of a trained network most, found by gradient ascent."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import trained_digits
from nnlab.explore.controls import Choice, Slider, Toggle
from nnlab.explore.drawing.numbers import grey_colours
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.run import Run
from nnlab.scratch import CNN, softmax

Array = NDArray[Any]
# name -> how many layers of the network are asked; maps before their ReLU, behind which a map of zeros has no gradient
LAYERS = {"filter 1": 2, "filter 2": 6, "digit": 13}
STEPS, SHOWN, RATE, BLUR = 120, 60, 0.05, 0.08
GOAL_PROBABILITY = 0.99


@cache
def _net() -> CNN:
    return trained_digits()


@dataclass
class Ascent:
    """Where a run stands. x: (28, 28) from 0 to 1; history: the unit's activation so far; rng moves the picture."""

    x: Array
    rng: np.random.Generator
    history: list[float] = field(default_factory=list)


def activation_and_gradient(net: CNN, x: Array, layer: str, unit: int) -> tuple[float, Array]:
    """The unit's activation on a picture (28, 28), and the gradient with respect to x.

    Of a map the activation is its mean. Of a digit it is its probability, and the gradient is that of the logarithm:
    one-hot - p at the logits, so that it does not vanish where p is small."""
    y = x[None, None].astype(np.float32)
    asked = [each for each, _ in zip(net, range(LAYERS[layer]), strict=False)]
    for each in asked:
        y = each(y)
    if layer == "digit":
        p = softmax(y)[0]
        value, dy = float(p[unit]), -p[None]
        dy[0, unit] += 1
    else:
        value, dy = float(y[0, unit].mean()), np.zeros_like(y)
        dy[0, unit] = 1 / y[0, unit].size
    for each in reversed(asked):
        dy = each.backward(dy)
    return value, dy[0, 0]


def _begin(layer: str, unit: int, calm: bool) -> Ascent:
    rng = np.random.default_rng(unit)
    return Ascent(rng.uniform(0.3, 0.5, (28, 28)), rng)


def _advance(state: Ascent, layer: str, unit: int, calm: bool) -> None:
    """x <- x + RATE g / std(g), kept between 0 and 1; calm: the picture is also moved by a pixel and blurred a bit."""
    right, down = state.rng.integers(-1, 2, 2) if calm else (0, 0)
    moved = np.roll(state.x, (down, right), (0, 1))
    value, g = activation_and_gradient(_net(), moved, layer, unit)
    moved = moved + RATE * g / (g.std() + 1e-8)
    if calm:
        around = sum(np.roll(moved, by, axis) for by in (-1, 1) for axis in (0, 1)) / 4
        moved = (1 - BLUR) * moved + BLUR * around - 0.01
    state.x = np.clip(np.roll(moved, (-down, -right), (0, 1)), 0, 1)
    state.history.append(value)


@dataclass
class Preferred:
    """x: (28, 28), the input as it is now; history: (T,) the unit's activation; p: (10,) what the network says of x."""

    layer: str
    unit: int
    calm: bool
    x: Array
    history: Array
    p: Array


def preferred(state: Ascent, layer: str, unit: int, calm: bool) -> Preferred:
    """The picture so far and the network's answer to it."""
    p = softmax(_net()(state.x[None, None].astype(np.float32)))[0].astype(np.float64)
    return Preferred(layer, unit, calm, state.x.copy(), np.array(state.history), p)


class PreferredView:
    """The input, the unit's activation over the steps, and the probabilities of the ten digits."""

    def __init__(self, figure: Figure):
        picture, middle, right = figure.subplots(1, 3, width_ratios=[1.1, 1.2, 1])
        picture.set(xticks=[], yticks=[])
        picture.grid(False)
        picture.set_title("The input")
        blank = np.zeros((28, 28, 4), np.uint8)
        self.picture = picture.imshow(blank, interpolation="nearest", animated=True)
        middle.set(xlim=(0, STEPS), ylim=(0, 1.05), xlabel="step", ylabel="activation / largest so far")
        middle.set_title("The unit's activation")
        (self.curve,) = middle.plot([], [], color=plots.BLUE, animated=True)
        (self.gradient,) = middle.plot([], [], "o", color=plots.GRADIENT, ms=7, animated=True, clip_on=False)
        right.set(xlim=(0, 1.02), ylim=(9.6, -0.6), yticks=range(10), xticks=[0, 0.5, 1], xlabel="probability")
        right.set_title("The network's answer")
        self.bars = right.barh(range(10), [0] * 10, color=plots.SKY, animated=True)
        self.note = figure.text(0.02, 0.02, "", animated=True)
        figure.get_layout_engine().set(rect=(0, 0.09, 1, 0.91))  # type: ignore[union-attr, call-arg]

    def update(self, d: Preferred) -> None:
        self.picture.set_data(grey_colours(1 - d.x))
        share = np.maximum(d.history, 0) / max(float(d.history.max(initial=0.0)), 1e-9)
        self.curve.set_data(np.arange(len(share)), share)
        self.gradient.set_data([len(share) - 1] if len(share) else [], share[-1:])
        for digit, (bar, p) in enumerate(zip(self.bars, d.p, strict=True)):
            bar.set_width(float(p))
            bar.set_color(plots.BLUE if digit == int(d.p.argmax()) else plots.SKY)
        unit = f"the digit {d.unit}" if d.layer == "digit" else f"{d.layer}, map {d.unit}"
        self.note.set_text(f"Climbing for {unit}. The network says {int(d.p.argmax())}, {d.p.max():.0%} sure.")


def preferred_explorer() -> Explorer:
    """Change a picture of noise, step by step, so that one unit of the digits' network answers more strongly."""
    return Explorer(
        compute=preferred,
        draw=PreferredView,
        controls={
            "layer": Choice(list(LAYERS), "filter 2", label="unit of"),
            "unit": Slider(0, 9, 1, 3, label="map or digit"),
            "calm": Toggle(False, label="move and blur it a little"),
        },
        run=Run(begin=_begin, advance=_advance, length=STEPS, shown=SHOWN),
        goal=Goal(
            f"Digit, without moving and blurring: make the network more than {GOAL_PROBABILITY:.0%} sure of it. "
            "Would you read it?",
            lambda d: d.layer == "digit" and not d.calm and d.p[d.unit] > GOAL_PROBABILITY,
            solution=dict(layer="digit", unit=8),
            steps=60,
        ),
        size=(7.2, 3.1),
        alt="A picture that excites one unit, the unit's activation over the steps, and the network's answer.",
    )
