"""Explorer of chapter 04: one weight's loss curve with the tangent that backpropagation finds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

_RNG = np.random.default_rng(8)
_IN = _RNG.normal(size=(24, 2))
_TARGET = np.tanh(_IN @ np.array([1.5, -1.0]))[:, None]
_WEIGHTS = {
    "w1": np.array([[1.3, -0.7], [0.6, 0.4], [-0.5, 0.9]]),
    "w2": np.array([[0.7, 0.4, -0.5]]),
}
PICK = {"first layer": ("w1", (0, 0)), "second layer": ("w2", (0, 1))}
_RANGE = np.linspace(-4, 4, 161)


@dataclass
class Tangent:
    """The loss as a function of one weight at 161 values, curve (161,); at w, the loss and the slope that
    backpropagation finds; and both w and the loss after one step of gradient descent."""

    w: float
    loss: float
    slope: float
    curve: np.ndarray
    after: float
    loss_after: float


def _loss_and_slope(which: str, w: float) -> tuple[float, float]:
    """Forward and backward through 2-3-1 with tanh, one weight set to w: mean squared error and its derivative."""
    name, at = PICK[which]
    weights = {key: value.copy() for key, value in _WEIGHTS.items()}
    weights[name][at] = w
    hidden = np.tanh(_IN @ weights["w1"].T)
    error = hidden @ weights["w2"].T - _TARGET
    dy = 2 * error / len(error)
    grads = {"w2": dy.T @ hidden, "w1": ((dy @ weights["w2"]) * (1 - hidden**2)).T @ _IN}
    return float(np.mean(error**2)), float(grads[name][at])


_CURVES = {which: np.array([_loss_and_slope(which, w)[0] for w in _RANGE]) for which in PICK}


def weight_tangent(which: str, w: float, lr: float) -> Tangent:
    """The loss and its slope at w, and where one step of gradient descent, w - lr * slope, leads."""
    loss, slope = _loss_and_slope(which, w)
    after = w - lr * slope
    return Tangent(w, loss, slope, _CURVES[which], after, _loss_and_slope(which, after)[0])


class TangentView:
    """The loss curve, the tangent, and one step of gradient descent."""

    def __init__(self, figure: Figure):
        ax = figure.subplots()
        ax.set(xlim=(-4, 4), ylim=(0, 1.6), xlabel="one weight, all others held still", ylabel="loss")
        ax.set_title("The gradient is the slope of this curve")
        (self.curve,) = ax.plot(_RANGE, _RANGE, color=plots.FORWARD, animated=True)
        (self.tangent,) = ax.plot([], [], color=plots.GRADIENT, ls="--", animated=True)
        (self.point,) = ax.plot([], [], "o", color=plots.GRADIENT, ms=9, animated=True)
        (self.after,) = ax.plot([], [], "o", mfc="none", mec=plots.BLACK, ms=10, mew=2, animated=True)
        self.text = ax.text(-3.9, 1.48, "", animated=True)

    def update(self, d: Tangent) -> None:
        self.curve.set_ydata(d.curve)
        self.tangent.set_data([d.w - 0.9, d.w + 0.9], [d.loss - 0.9 * d.slope, d.loss + 0.9 * d.slope])
        self.point.set_data([d.w], [d.loss])
        self.after.set_data([d.after], [d.loss_after])
        self.text.set_text(f"slope {d.slope:+z.3f}    loss {d.loss:.3f}, after one step (ring) {d.loss_after:.3f}")


def tangent_explorer() -> Explorer:
    """One weight of a small network: its loss curve, and the slope that backpropagation finds."""
    return Explorer(
        compute=weight_tangent,
        draw=TangentView,
        controls={
            "which": Choice(list(PICK), label="weight of the"),
            "w": Slider(-4.0, 4.0, 0.02, -2.0, label="its value"),
            "lr": Slider(0.1, 4.0, 0.1, 2.0, label="learning rate"),
        },
        goal=Goal(
            "Find a step that jumps right over the valley and lands higher than it started.",
            lambda d: d.loss_after > d.loss + 0.01 and abs(d.slope) > 0.05,
            solution=dict(which="second layer", w=-1.0, lr=3.5),
        ),
        alt="The loss as a function of one weight, its tangent, and where one gradient step leads.",
    )
