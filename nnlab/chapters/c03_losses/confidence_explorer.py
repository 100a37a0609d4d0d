"""Cross-entropy against how sure the answer is and whether it is right."""

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
class Confidence:
    """The cross-entropy of saying p when the truth is t: here, and for every p."""

    p: float
    t: float
    loss: float
    curve: np.ndarray
    best: float


def confidence(p: float, t: float) -> Confidence:
    """-t log p - (1 - t) log(1 - p); for a given truth the best answer is p = t, and costs the truth's own entropy."""
    t_all = np.full_like(_P, t)
    best = float(bce(np.array([t]), np.array([t]))[0])
    return Confidence(p, t, float(bce(np.array([p]), np.array([t]))[0]), bce(_P, t_all), best)


class ConfidenceView:
    """Left the loss over p for this truth, right over p and truth."""

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

    def update(self, d: Confidence) -> None:
        self.curve.set_ydata(d.curve)
        self.at.set_data([d.p], [min(d.loss, 4.9)])
        self.best.set_data([d.t], [d.best])
        self.point.set_data([d.p], [d.t])
        self.text.set_text(f"loss {d.loss:.3f}, at best {d.best:.3f}")


def confidence_explorer() -> Explorer:
    """Binary cross-entropy: what you say against what is true."""
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
