"""Explorer of chapter 03: cross-entropy against the predicted probability, for every truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.losses import bce

_P = np.linspace(0.002, 0.998, 249)


@dataclass
class BinaryCrossEntropy:
    """The cross-entropy of predicting p when the truth is t: here, and at 249 values of p, curve (249,). best: its
    least value for this t."""

    p: float
    t: float
    loss: float
    curve: np.ndarray
    best: float


def confidence(p: float, t: float) -> BinaryCrossEntropy:
    """-t log p - (1 - t) log(1 - p); for a given truth the best p is t, with the entropy of t as its loss."""
    t_all = np.full_like(_P, t)
    best = float(bce(np.array([t]), np.array([t]))[0])
    return BinaryCrossEntropy(p, t, float(bce(np.array([p]), np.array([t]))[0]), bce(_P, t_all), best)


class ConfidenceView:
    """Left the loss over p for this truth, right the loss over p and truth."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(0, 1), ylim=(0, 5), xlabel="you say p", ylabel="loss")
        left.set_title("Sure and wrong is what costs")
        (self.curve,) = left.plot(_P, _P, color=plots.BLUE, animated=True)
        (self.at,) = left.plot([], [], "o", color=plots.VERMILLION, ms=9, animated=True)
        (self.best,) = left.plot([], [], "v", color=plots.GREEN, ms=9, animated=True, clip_on=False)
        self.text = left.text(0.5, 4.6, "", ha="center", animated=True)
        truths = np.linspace(0, 1, 121)
        field = bce(np.tile(_P, (121, 1)), np.tile(truths[:, None], (1, len(_P))))
        shown = right.imshow(
            field, extent=(0, 1, 0, 1), origin="lower", aspect="auto", cmap="cividis_r", vmin=0, vmax=4
        )
        right.grid(False)
        right.plot([0, 1], [0, 1], color="white", ls="--", lw=1.5)
        right.set(xlabel="you say p", ylabel="truth t")
        right.set_title("For every answer and every truth")
        figure.colorbar(shown, ax=right, label="loss")
        (self.point,) = right.plot(
            [], [], "o", color=plots.VERMILLION, mec="white", ms=10, animated=True, clip_on=False
        )

    def update(self, d: BinaryCrossEntropy) -> None:
        self.curve.set_ydata(d.curve)
        self.at.set_data([d.p], [min(d.loss, 4.9)])
        self.best.set_data([d.t], [d.best])
        self.point.set_data([d.p], [d.t])
        self.text.set_text(f"loss {d.loss:z.3f}, at best {d.best:z.3f}")


def confidence_explorer() -> Explorer:
    """Binary cross-entropy: the probability you state against the truth."""
    return Explorer(
        compute=confidence,
        draw=ConfidenceView,
        controls={
            "p": Slider(0.01, 0.99, 0.01, 0.1, label="you say p"),
            "t": Slider(0.0, 1.0, 0.05, 1.0, label="truth t"),
        },
        goal=Goal(
            "It rains on 70 days of 100. Set the truth to 0.7 and find the p that costs least.",
            lambda d: abs(d.t - 0.7) < 1e-9 and d.loss - d.best < 3e-5,
            solution=dict(p=0.7, t=0.7),
        ),
        alt="Cross-entropy as a curve over the stated probability, and as a field over probability and truth.",
    )
