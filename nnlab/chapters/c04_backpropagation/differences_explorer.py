"""Explorer of chapter 04: the error of a finite difference against its step size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

EXPONENTS = np.arange(-13.0, -0.49, 0.25)
FUNCTIONS: dict[str, tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]] = {
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "exp": (np.exp, np.exp),
    "sine": (np.sin, np.cos),
}


@dataclass
class DifferenceErrors:
    """Relative errors of the forward and the central difference: at steps of 10^EXPONENTS, (51,) each, and `here`, at
    10^exponent."""

    exponent: float
    forward: np.ndarray
    central: np.ndarray
    here: tuple[float, float]


def _errors(name: str, x: float, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Relative errors of (f(x+h) - f(x)) / h and (f(x+h) - f(x-h)) / 2h, averaged over 40 points near x.

    A single point would show how its own digits happen to round."""
    f, slope = FUNCTIONS[name]
    points = x + np.linspace(0, 0.1, 40)[:, None]
    true = slope(points)
    forward = np.abs((f(points + h) - f(points)) / h - true) / np.abs(true)
    central = np.abs((f(points + h) - f(points - h)) / (2 * h) - true) / np.abs(true)
    return forward.mean(axis=0), central.mean(axis=0)


def difference_errors(function: str, x: float, exponent: float) -> DifferenceErrors:
    """Errors of finite differences of a row of FUNCTIONS near x, for steps of 10^-13 to 10^-0.5."""
    forward, central = _errors(function, x, 10**EXPONENTS)
    here = _errors(function, x, np.array([10**exponent]))
    return DifferenceErrors(exponent, forward, central, (float(here[0][0]), float(here[1][0])))


class DifferencesView:
    """The U-shaped error of both differences on logarithmic axes."""

    def __init__(self, figure: Figure):
        ax = figure.subplots()
        ax.set(xlim=(1e-13, 0.4), ylim=(1e-13, 10), xscale="log", yscale="log")
        ax.set(xlabel="step size h", ylabel="relative error of the slope")
        ax.set_title("How wrong the slope is, for every step size")
        (self.forward,) = ax.plot([], [], color=plots.ORANGE, ls="--", animated=True, label="(f(x+h) - f(x)) / h")
        (self.central,) = ax.plot([], [], color=plots.BLUE, animated=True, label="(f(x+h) - f(x-h)) / 2h")
        ax.legend(loc="lower left")
        self.line = ax.axvline(1, color=plots.GREY, lw=1, animated=True)
        self.dots = [ax.plot([], [], "o", color=c, ms=8, animated=True)[0] for c in (plots.ORANGE, plots.BLUE)]
        self.text = ax.text(0.25, 2, "", ha="right", animated=True)

    def update(self, d: DifferenceErrors) -> None:
        steps, h = 10**EXPONENTS, 10**d.exponent
        self.forward.set_data(steps, np.maximum(d.forward, 1e-13))
        self.central.set_data(steps, np.maximum(d.central, 1e-13))
        self.line.set_xdata([h, h])
        for dot, error in zip(self.dots, d.here, strict=True):
            dot.set_data([h], [max(error, 1e-13)])
        self.text.set_text(f"h = {h:.1e}    forward {d.here[0]:.0e}    central {d.here[1]:.0e}")


def differences_explorer() -> Explorer:
    """How small a step finite differences should take."""
    return Explorer(
        compute=difference_errors,
        draw=DifferencesView,
        controls={
            "exponent": Slider(-13.0, -0.5, 0.25, -1.0, label="step size h = 10^"),
            "function": Choice(list(FUNCTIONS), label="function f"),
            "x": Slider(-1.5, 1.5, 0.1, 0.5, label="near x"),
        },
        goal=Goal(
            "Find a step for which the central difference has a relative error below 1e-10.",
            lambda d: d.here[1] < 1e-10,
            solution=dict(exponent=-5.0),
        ),
        alt="Errors of the forward and the central difference against the step size, both U-shaped.",
    )
