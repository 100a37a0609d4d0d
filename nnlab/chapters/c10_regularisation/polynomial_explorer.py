"""Explorer of chapter 10: a polynomial through noisy points, and its error on points that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Levels, Slider
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[np.float64]
MAX_POINTS, VALIDATION_POINTS = 60, 500
DEGREES = np.arange(16)
_GRID = np.linspace(-1, 1, 301)
GOAL_ERROR, GOAL_POINTS, GOAL_NOISE = 0.13, 20, 0.3
STRENGTHS = (0, 1e-7, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1)


def truth(x: Array) -> Array:
    """The function without noise: sin(pi x)."""
    return np.sin(np.pi * x)


def powers(x: Array, degree: int) -> Array:
    """Columns 1, x, x^2, ... x^degree, (N, degree + 1). With x from -1 to 1 no entry exceeds 1."""
    return x[:, None] ** np.arange(degree + 1)


def ridge(x: Array, y: Array, degree: int, strength: float) -> Array:
    """The weights w (degree + 1,) with the least mean (f(x) - y)^2 + strength * (w_1^2 + ... + w_degree^2).

    The constant w_0 is free. The penalty is written as further rows of the least-squares problem, which keeps it well
    posed: row k asks for sqrt(N strength) w_k = 0."""
    penalty = np.sqrt(len(x) * strength) * np.eye(degree + 1)[1:]
    rows, targets = np.vstack([powers(x, degree), penalty]), np.append(y, np.zeros(degree))
    return np.linalg.lstsq(rows, targets, rcond=None)[0]


@cache
def _draws(seed: int) -> tuple[Array, Array, Array, Array]:
    """x and noise, (60,) each, of the training points, and x and noise, (500,) each, of the validation points; the
    noise has standard deviation 1."""
    rng = np.random.default_rng(seed)
    return tuple(a for n in (MAX_POINTS, VALIDATION_POINTS) for a in (rng.uniform(-1, 1, n), rng.normal(size=n)))  # type: ignore[return-value]


@dataclass
class PolynomialFits:
    """Training points x, y (N,); the chosen polynomial's weights w (degree + 1,) and its values on a grid (301,);
    mean squared errors by degree 0 to 15, train and validation (16,)."""

    x: Array
    y: Array
    degree: int
    noise: float
    strength: float
    curve: Array
    w: Array
    train: Array
    validation: Array

    @property
    def error(self) -> float:
        """The chosen polynomial's mean squared error on the points that it was not fitted to."""
        return float(self.validation[self.degree])


def fits(degree: int, strength: float, points: int, noise: float, seed: int) -> PolynomialFits:
    """Fit polynomials of all degrees to `points` noisy points, and measure each on these and on 500 others."""
    x, e, x_new, e_new = _draws(seed)
    x, y, y_new = x[:points], truth(x[:points]) + noise * e[:points], truth(x_new) + noise * e_new
    weights = [ridge(x, y, int(n), strength) for n in DEGREES]
    train_powers, validation_powers = powers(x, 15), powers(x_new, 15)  # a lower degree uses their first columns
    train = [np.mean((train_powers[:, : len(w)] @ w - y) ** 2) for w in weights]
    validation = [np.mean((validation_powers[:, : len(w)] @ w - y_new) ** 2) for w in weights]
    w = weights[degree]
    curve = powers(_GRID, degree) @ w
    return PolynomialFits(x, y, degree, noise, strength, curve, w, np.array(train), np.array(validation))


class PolynomialView:
    """Left the points and the polynomial, right both errors over the degree."""

    LOW, HIGH = 1e-3, 1e3

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
        left.set(xlim=(-1, 1), ylim=(-2.4, 2.4), xlabel="input x", ylabel="target y")
        left.set_title("Freedom fits the noise as well")
        (true,) = left.plot(_GRID, truth(_GRID), color=plots.GREY, ls="--", lw=1.5, label="truth")
        (self.points,) = left.plot([], [], "o", color=plots.BLACK, ms=5, animated=True, label="training points")
        (self.curve,) = left.plot([], [], color=plots.FORWARD, lw=2.5, animated=True, label="polynomial")
        self.weight = left.text(0.96, -2.2, "", ha="right", fontsize=9, animated=True)
        self.weight.set_bbox(dict(facecolor=plots.PAPER, edgecolor="none", pad=1.5))
        right.set(xlim=(-0.5, 15.5), yscale="log", xlabel="degree", ylabel="mean squared error")
        right.set(ylim=(self.LOW, self.HIGH), xticks=range(0, 16, 3))
        right.set_title("Only new points notice")
        look = dict(ms=4, animated=True)
        (self.train,) = right.plot([], [], "o", ls=plots.TRAIN, color=plots.BLUE, label="on them", **look)
        new: dict[str, Any] = dict(color=plots.VERMILLION, label="on 500 new points (validation)", **look)
        (self.validation,) = right.plot([], [], "s", ls=plots.VALIDATION, **new)
        keys = [true, self.points, self.curve, self.train, self.validation]  # below: a wild curve is everywhere
        figure.legend(handles=keys, loc="outside lower center", ncols=5, fontsize=9, columnspacing=1)
        (self.now,) = right.plot([], [], "o", ms=13, mfc="none", mec=plots.BLACK, mew=1.5, ls="", animated=True)
        self.text = right.text(15.2, 1.4e-3, "", ha="right", weight="bold", fontsize=9, animated=True)

    def update(self, d: PolynomialFits) -> None:
        self.points.set_data(d.x, d.y)
        self.curve.set_data(_GRID, np.clip(d.curve, -99, 99))
        steepest = float(np.abs(d.w[1:]).max(initial=0.0))
        self.weight.set_text(f"largest weight {steepest:,.1f}" if steepest < 1e6 else f"largest weight {steepest:.0e}")
        for line, errors in ((self.train, d.train), (self.validation, d.validation)):
            line.set_data(DEGREES, np.clip(errors, self.LOW, self.HIGH))
        both = np.clip([d.train[d.degree], d.error], self.LOW, self.HIGH)
        self.now.set_data([d.degree] * 2, both)
        new = f"{d.error:.3f}" if d.error < 1000 else f"{d.error:.0e}"
        self.text.set_text(f"training {d.train[d.degree]:.3f}, new {new}")


def polynomial_explorer() -> Explorer:
    """A polynomial of a chosen degree, with and without a penalty on its weights, on few noisy points."""
    return Explorer(
        compute=fits,
        draw=PolynomialView,
        controls={
            "degree": Slider(0, 15, 1, 1, label="degree"),
            "strength": Levels(STRENGTHS, 0, label="L2 strength"),
            "points": Slider(16, MAX_POINTS, 1, GOAL_POINTS, label="training points"),
            "noise": Slider(0.0, 0.6, 0.05, GOAL_NOISE, label="noise on y"),
            "seed": Slider(0, 9, 1, 1, label="seed of the points"),
        },
        goal=Goal(
            f"With {GOAL_POINTS} points and noise {GOAL_NOISE}, bring the error on new points below {GOAL_ERROR} at "
            "degree 15. Which low degree gets there without a penalty?",
            lambda d: d.degree == 15 and len(d.x) == GOAL_POINTS and d.noise == GOAL_NOISE and d.error < GOAL_ERROR,
            solution=dict(degree=15, strength=0.003),
        ),
        presets={"too simple": dict(degree=1, strength=0), "too flexible": dict(degree=15, strength=0)},
        alt="Noisy points with a polynomial, and its error on training and on new points over the degree.",
    )
