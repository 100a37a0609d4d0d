"""Explorer of chapter 02, the gallery: each activation, its derivative and its tangent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import silu, silu_grad
from nnlab.scratch.activations import ACTIVATIONS

_X = np.linspace(-6, 6, 481)


@dataclass
class ActivationCurve:
    """An activation and its derivative at the marker x, (y, slope), and at 481 inputs from -6 to 6, (ys, slopes)."""

    name: str
    setting: str
    x: float
    y: float
    slope: float
    ys: np.ndarray
    slopes: np.ndarray


def swish_curve(parameter: float, x: float) -> ActivationCurve:
    """Swish, x sigmoid(beta x) = silu(beta x) / beta, so its slope is SiLU's at beta x. parameter: 0 to 1, beta from
    0.1 to 10, each step the same factor; in the middle beta is 1, which is SiLU."""
    beta = 10 ** (2 * parameter - 1)
    at = np.array([x])
    y, slope = float(silu(beta * at)[0] / beta), float(silu_grad(beta * at)[0])
    return ActivationCurve("silu", f"beta = {beta:.2f}", x, y, slope, silu(beta * _X) / beta, silu_grad(beta * _X))


def activation_curve(name: str, parameter: float, x: float) -> ActivationCurve:
    """A row of ACTIVATIONS as a curve. parameter: 0 to 1, from the least to the greatest value of its own setting."""
    if name == "silu":  # PyTorch's SiLU has no setting; swish, of which it is a case, has one
        return swish_curve(parameter, x)
    row = ACTIVATIONS[name]
    params = {key: p.low + parameter * (p.high - p.low) for key, p in row.params.items()}
    setting = ", ".join(f"{key} = {value:.2f}" for key, value in params.items())
    at = np.array([x])
    y, slope = float(row.fn(at, **params)[0]), float(row.grad(at, **params)[0])
    return ActivationCurve(name, setting, x, y, slope, row.fn(_X, **params), row.grad(_X, **params))


class ActivationView:
    """Left the function with its tangent, right the derivative."""

    def __init__(self, figure: Figure):
        self.left, self.right = figure.subplots(1, 2, sharex=True)
        self.left.set(xlim=(-6, 6), ylim=(-2.2, 4), xlabel="input x", ylabel="output f(x)")
        self.right.set(ylim=(-0.3, 1.4), xlabel="input x", ylabel="slope f'(x)")
        self.right.set_title("Slope: what a gradient is multiplied by", fontsize=9.5)
        (self.curve,) = self.left.plot(_X, _X, color=plots.FORWARD, animated=True)
        (self.tangent,) = self.left.plot([], [], color=plots.GRADIENT, lw=1.5, ls="--", animated=True)
        (self.point,) = self.left.plot([], [], "o", color=plots.GRADIENT, ms=8, animated=True)
        (self.slopes,) = self.right.plot(_X, _X, color=plots.GRADIENT, animated=True)
        (self.at,) = self.right.plot([], [], "o", color=plots.GRADIENT, ms=8, animated=True)
        box = dict(facecolor=plots.PAPER, edgecolor="none", pad=2)
        self.value = self.left.text(-5.7, 3.5, "", animated=True, bbox=box)
        self.slope = self.right.text(-5.7, 1.27, "", animated=True, bbox=box)

    def update(self, d: ActivationCurve) -> None:
        self.curve.set_ydata(d.ys)
        self.slopes.set_ydata(d.slopes)
        self.point.set_data([d.x], [d.y])
        self.at.set_data([d.x], [d.slope])
        self.tangent.set_data([d.x - 1.5, d.x + 1.5], [d.y - 1.5 * d.slope, d.y + 1.5 * d.slope])
        self.value.set_text(f"f({d.x:z.2f}) = {d.y:z.3f}")
        self.slope.set_text(f"f'({d.x:z.2f}) = {d.slope:z.3f}")
        title = f"{d.name}  {d.setting}"
        if title != self.left.get_title(loc="left"):
            self.left.set_title(title)


def activation_explorer() -> Explorer:
    """Every row of ACTIVATIONS that takes one input, with its slope: pick one, move its setting and the marker."""
    names = [name for name, row in ACTIVATIONS.items() if row.backward is None]  # softmax has no curve of one input
    adjustable = [name for name in names if ACTIVATIONS[name].params or name == "silu"]
    return Explorer(
        compute=activation_curve,
        draw=ActivationView,
        controls={
            "name": Choice(names, "gelu", label="activation"),
            "parameter": Slider(0.0, 1.0, 0.05, 0.5, label="its own setting", help=f"of {', '.join(adjustable)}"),
            "x": Slider(-6.0, 6.0, 0.05, 1.0, label="marker x"),
        },
        goal=Goal(
            "GELU dips below zero. Put the marker on its lowest point: where is the slope zero?",
            lambda d: d.name == "gelu" and abs(d.x + 0.75) < 0.03,
            solution=dict(name="gelu", x=-0.75),
        ),
        alt="An activation function with the tangent at a marker on the left, and its derivative on the right.",
    )
