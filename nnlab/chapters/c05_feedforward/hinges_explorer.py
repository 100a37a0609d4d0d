"""Explorer of chapter 05: a hidden layer of ReLU units as a sum of hinges that follows a curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.checks import Array
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal

MOST = 16
_X = np.linspace(0, 1, 201)
TARGET = np.sin(2 * np.pi * _X**2)  # slow on the left, fast on the right


@dataclass
class HingeFit:
    """The best sum of ReLU hinges at `places` (count,), fit (201,), and its largest error. errors: the same for 1 to 16
    hinges, (16,), spaced alike."""

    places: Array
    fit: Array
    error: float
    errors: Array


def hinge_fit(places: Array) -> Array:
    """b + sum of v_i max(0, x - place_i), with b and v from least squares, at 201 x from 0 to 1. -> (201,)"""
    units = np.maximum(0, _X[:, None] - places)
    hidden = np.column_stack([units, np.ones(len(_X))])
    best, *_ = np.linalg.lstsq(hidden, TARGET, rcond=None)
    return hidden @ best


def hinge_places(count: int, lean: float) -> Array:
    """`count` places from 0 up, evenly spaced at lean 0, closer to each other on the right for a positive lean."""
    return (np.arange(count) / count) ** (2.0**-lean)


def fit_hinges(count: int, lean: float) -> HingeFit:
    """Hinges at the places given, their heights the best ones."""
    fits = [hinge_fit(hinge_places(n, lean)) for n in range(1, MOST + 1)]
    errors = np.array([np.abs(fit - TARGET).max() for fit in fits])
    return HingeFit(hinge_places(count, lean), fits[count - 1], float(errors[count - 1]), errors)


class HingeView:
    """Left the curve, the sum of hinges and their places; right the largest error over the number of hinges."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(-0.02, 1.02), ylim=(-2.3, 2.3), xlabel="input x", ylabel="output")
        left.set_title("Straight pieces, bent at the hinges")
        left.plot(_X, TARGET, color=plots.GREY, lw=5, alpha=0.4, label="curve")
        (self.fit,) = left.plot(_X, TARGET, color=plots.FORWARD, label="network", animated=True)
        (self.places,) = left.plot([], [], "^", color=plots.VERMILLION, ms=7, label="hinges", animated=True)
        left.legend(loc="lower left", ncols=3, columnspacing=0.7, handlelength=1.2)
        right.set(xlim=(0, MOST + 1), ylim=(0.01, 3), yscale="log", xlabel="hinges", ylabel="largest error")
        right.set_title("How far off")
        right.axhline(0.1, color=plots.GREEN, ls="--", lw=1.5)
        right.text(0.4, 0.085, "0.1", color="#00664b", va="top")
        (self.errors,) = right.plot([], [], "o-", ms=4, color=plots.GREY, animated=True)
        (self.at,) = right.plot([], [], "o", ms=9, color=plots.VERMILLION, animated=True)
        self.text = right.text(MOST + 0.5, 2, "", ha="right", weight="bold", animated=True)

    def update(self, d: HingeFit) -> None:
        self.fit.set_ydata(d.fit)
        self.places.set_data(d.places, np.interp(d.places, _X, d.fit))
        self.errors.set_data(range(1, MOST + 1), d.errors)
        self.at.set_data([len(d.places)], [d.error])
        self.text.set_text(f"off by {d.error:.3f}")


def hinges_explorer() -> Explorer:
    """How many hinges a curve needs, and where."""
    return Explorer(
        compute=fit_hinges,
        draw=HingeView,
        controls={
            "count": Slider(1, MOST, 1, 4, label="hinges"),
            "lean": Slider(-1.0, 1.5, 0.1, 0.0, label="crowd them", help="to the left below 0, to the right above"),
        },
        goal=Goal(
            "Bring the largest error below 0.1 with at most 8 hinges.",
            lambda d: len(d.places) <= 8 and d.error < 0.1,
            solution=dict(count=8, lean=0.5),
        ),
        alt="A wavy curve with a network's straight pieces on it, and the largest error over the number of hinges.",
    )
