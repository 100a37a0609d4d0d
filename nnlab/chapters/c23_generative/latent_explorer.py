"""Explorer of chapter 23: walk through the latent plane of a VAE, whose code has two numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import digit_features, generative_weights
from nnlab.explore.controls import Slider
from nnlab.explore.drawing.numbers import Raster, grey_colours
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.spot import Spot
from nnlab.scratch import relu, sigmoid

Array = NDArray[Any]
REACH, STEP = 3.0, 0.05  # the plane that is shown, from -REACH to REACH, and the sliders' step
TILES = 13  # decoded digits along each side of the map
WIDTH, HEIGHT = 7.2, 4.2  # inches
MAP = (0.085, 0.14, 0.44, 0.7543)  # left, bottom, width, height, as shares of the picture: a square
GOAL_SURE = 0.4
SOLUTION = dict(first=1.5, second=0.25)  # in the middle of where several digits meet


@cache
def _decoder() -> tuple[Array, ...]:
    """Weights and biases of the decoder's two linear layers."""
    found = generative_weights("vae2")
    return tuple(found[f"halves.decoder.{layer}.{part}"] for layer in (0, 2) for part in ("weight", "bias"))


def decoded(z: Array) -> Array:
    """Codes (N, 2) -> the probabilities of ink (N, 28, 28)."""
    w1, b1, w2, b2 = _decoder()
    return sigmoid(relu(z.astype(np.float32) @ w1.T + b1) @ w2.T + b2).reshape(-1, 28, 28)


@cache
def plane() -> Array:
    """The map: (TILES 28, TILES 28), digits decoded from evenly spaced codes, from the upper left corner. Cached: do
    not write into it."""
    middles = REACH * (2 * (np.arange(TILES) + 0.5) / TILES - 1)
    across, up = np.meshgrid(middles, middles[::-1])
    tiles = decoded(np.stack([across.ravel(), up.ravel()], axis=1)).reshape(TILES, TILES, 28, 28)
    return tiles.transpose(0, 2, 1, 3).reshape(TILES * 28, TILES * 28)


@dataclass
class Place:
    """z: (2,) the code; picture: (28, 28) from 0 to 1; p: (10,) what chapter 06's network says of it."""

    z: Array
    picture: Array
    p: Array


def place(click: tuple[float, ...], first: float, second: float) -> Place:
    """Decode one code, and let the classifier read it. The explorer itself reads `click`."""
    z = np.array([first, second])
    picture = decoded(z[None])
    return Place(z, picture[0].astype(np.float64), digit_features(picture)[1][0].astype(np.float64))


def code_at(spot: tuple[float, ...], values: Mapping[str, Any]) -> dict[str, float]:
    """The code at a place (u, v) of the whole picture, on the sliders' steps; {} outside of the map."""
    left, bottom, width, height = MAP
    shares = (spot[0] - left) / width, (spot[1] - bottom) / height
    if not all(0 <= share <= 1 for share in shares):
        return {}
    across, up = (round(round(REACH * (2 * share - 1) / STEP) * STEP, 10) for share in shares)
    return {"first": across, "second": up}


class LatentView:
    """Left the map with the place, right the digit there and how it is read."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")  # clicks are looked for at MAP
        ax = figure.add_axes(MAP)
        ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="first number", ylabel="second number")
        ax.grid(False)
        ax.set_title("Neighbouring codes, similar digits")
        Raster(ax).show(grey_colours(1 - np.round(15 * plane()) / 15), (-REACH, REACH, -REACH, REACH))
        (self.spot,) = ax.plot([], [], "o", color=plots.VERMILLION, ms=9, mec="white", animated=True, clip_on=False)
        digit = figure.add_axes((0.6, 0.47, 0.22, 0.43))
        digit.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
        digit.grid(False)
        digit.spines[:].set_visible(False)
        digit.set_title("The digit at this code")
        self.picture = Raster(digit)
        bars = figure.add_axes((0.6, 0.14, 0.37, 0.2))
        bars.set(xlim=(-0.6, 9.6), ylim=(0, 1.02), xticks=range(10), yticks=[0, 1], ylabel="probability")
        self.bars = bars.bar(range(10), [0] * 10, color=plots.SKY, animated=True)
        self.note = figure.text(0.6, 0.38, "", va="center", animated=True)

    def update(self, d: Place) -> None:
        self.spot.set_data([d.z[0]], [d.z[1]])
        self.picture.show(grey_colours(1 - d.picture), (0, 1, 0, 1))
        for k, (bar, p) in enumerate(zip(self.bars, d.p, strict=True)):
            bar.set_height(float(p))
            bar.set_color(plots.BLUE if k == int(d.p.argmax()) else plots.SKY)
        self.note.set_text(f"read as {int(d.p.argmax())}, {d.p.max():.0%} sure")


def latent_explorer() -> Explorer:
    """Decode any place of the plane."""
    plane()  # made now, so that no move of a control has to wait for it
    return Explorer(
        compute=place,
        draw=LatentView,
        controls={
            "click": Spot(label="Click on the map to go there.", leads_to=code_at),
            "first": Slider(-REACH, REACH, STEP, 0.5, label="first number"),
            "second": Slider(-REACH, REACH, STEP, 0.5, label="second number"),
        },
        goal=Goal(
            f"Find a digit that the classifier is less than {GOAL_SURE:.0%} sure of. Between which digits does it lie?",
            lambda d: d.p.max() < GOAL_SURE,
            solution=SOLUTION,
        ),
        size=(WIDTH, HEIGHT),
        alt="A map of digits decoded from codes in a plane, the digit at one place, and how the classifier reads it.",
    )
