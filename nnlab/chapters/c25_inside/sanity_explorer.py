"""Explorer of chapter 25: does an explanation change when the network forgets what it has learned?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.drawing.numbers import grey_colours, signed_colours
from nnlab.explore.explorer import Explorer, Goal

from .methods import METHODS, WEIGHTED, half_random, similarity
from .subjects import COUNT, digits, pictures

Array = NDArray[Any]
LOOKS = ("with its sign", "strength only")
GOAL_SIMILARITY = 0.9


@lru_cache(maxsize=400)
def explanation(method: str, digit: int, layers: int) -> Array:
    """(28, 28), for the label, by the network whose last `layers` layers are random. Cached: do not write into it."""
    x, labels = (part[digit : digit + 1] for part in digits())
    return np.asarray(METHODS[method](half_random(layers), x, labels)[0, 0], np.float64)


@dataclass
class Sanity:
    """x, trained, drawn: (28, 28), the digit and its explanations by the trained and the partly random network.
    similar: (5,), rank correlation with the trained one for 0 to 4 random layers; layers: how many are now."""

    x: Array
    trained: Array
    drawn: Array
    similar: Array
    layers: int
    method: str
    strength: bool


def sanity(method: str, layers: int, digit: int, look: str) -> Sanity:
    """One method on one digit. look: whether signs count, or only how large an entry is."""
    maps = [explanation(method, digit, k) for k in range(len(WEIGHTED) + 1)]
    if look == LOOKS[1]:
        maps = [np.abs(each) for each in maps]
    similar = np.array([similarity(maps[0], each) for each in maps])
    x = digits()[0][digit, 0]
    return Sanity(x, maps[0].copy(), maps[layers].copy(), similar, layers, method, look == LOOKS[1])


class SanityView:
    """The digit, both explanations, and how alike they are by the number of random layers."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")
        places = [(0.01 + 0.215 * k, 0.25, 0.2, 0.465) for k in range(3)]
        titles = ["the digit", "trained network", "random layers"]
        self.pictures = pictures(figure, places, titles)
        ax = figure.add_axes((0.725, 0.25, 0.25, 0.465))
        ax.set(xlim=(-0.2, 4.2), ylim=(-1.05, 1.08), xticks=range(5), yticks=[-1, 0, 1])
        ax.set_title("similarity", loc="center", fontsize=9.5)
        ax.set_xlabel("random layers", fontsize=9)
        (self.curve,) = ax.plot([], [], "-o", ms=4, color=plots.BLUE, animated=True)
        (self.here,) = ax.plot([], [], "o", ms=9, color=plots.VERMILLION, animated=True, clip_on=False)
        self.title = figure.text(0.015, 0.91, "", weight="bold", va="center", animated=True)
        self.note = figure.text(0.015, 0.1, "", va="center", fontsize=9.5, animated=True)

    def update(self, d: Sanity) -> None:
        self.pictures[0].show(grey_colours(1 - d.x), (0, 1, 0, 1))
        for raster, values in zip(self.pictures[1:], (d.trained, d.drawn), strict=True):
            most = max(float(np.abs(values).max()), 1e-12)
            raster.show(signed_colours(values, most), (0, 1, 0, 1))
        self.curve.set_data(range(5), d.similar)
        self.here.set_data([d.layers], d.similar[d.layers : d.layers + 1])
        now = d.similar[d.layers]
        changes = "it hardly changes" if now > 0.8 else "it keeps a likeness" if now > 0.3 else "it changes"
        what = changes if d.layers else "nothing is random yet"
        self.title.set_text(f"{d.method[0].upper()}{d.method[1:]}: {what}")
        which = ("no layer", "the last layer", "the last 2 layers", "the last 3 layers", "all 4 layers")[d.layers]
        self.note.set_text(
            f"similarity {abs(now) if abs(now) < 0.005 else now:.2f} with {which} random"
            f"{', signs left out' if d.strength else ''}"
        )


def is_blind(d: Sanity) -> bool:
    """Whether the explanation stays nearly the same with all layers random."""
    return d.layers == len(WEIGHTED) and d.similar[-1] > GOAL_SIMILARITY


def sanity_explorer() -> Explorer:
    """Seven explanations of 60 digits, with none to all of the network's four layers random."""
    return Explorer(
        compute=sanity,
        draw=SanityView,
        controls={
            "method": Choice(list(METHODS), "gradient", label="explanation"),
            "layers": Slider(0, len(WEIGHTED), 1, 2, label="random layers"),
            "digit": Slider(0, COUNT - 1, 1, 0, label="test digit"),
            "look": Choice(LOOKS, LOOKS[0], label="compare"),
        },
        goal=Goal(
            f"All four layers random: find an explanation that is still more than {GOAL_SIMILARITY} similar.",
            is_blind,
            solution=dict(method="integrated gradients", layers=4, look=LOOKS[1]),
        ),
        size=(7.2, 3.0),
        alt="A digit, its explanation by a trained and by a partly random network, and how similar the two are.",
    )
