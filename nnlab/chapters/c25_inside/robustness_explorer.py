"""Explorer of chapter 25: seven networks, trained on attacks or not, and what they still classify correctly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import RobustNetworks, robust_networks
from nnlab.datasets.robust import ROBUST
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[Any]
ATTACKS = ("noise", "FGSM", "PGD")
COLOURS, MARKERS = (plots.GREEN, plots.BLUE, plots.VERMILLION), ("s", "^", "o")
EPS = ROBUST["eps"]
RISE = 0.05  # more right under a stronger FGSM than under a weaker one: what no robust network shows


@cache
def recorded() -> RobustNetworks:
    """The file's contents. Cached: do not write into them."""
    return robust_networks()


@cache
def table() -> Array:
    """(7 networks, 3 attacks, 7 strengths), accuracy of seed 0 on 300 digits. Cached: do not write into it."""
    return recorded().accuracy[[recorded().names.index(name) for name in ROBUST["names"]]]


@dataclass
class Robustness:
    """curves: (3, 7), accuracy of one network by attack and strength. here: the place of the strength. every: (7, 2),
    clean accuracy on 5,000 digits and accuracy under PGD of that strength, of all networks; which: the chosen one."""

    curves: Array
    here: int
    every: Array
    which: int


def robustness(training: str, eps: float) -> Robustness:
    """Looked up. eps: one of EPS."""
    here, which = round(eps / 0.05), ROBUST["names"].index(training)
    t, found = table(), recorded()
    clean = [found.clean[found.names.index(name)] for name in ROBUST["names"]]
    return Robustness(t[which].copy(), here, np.stack([clean, t[:, 2, here]], axis=1), which)


class RobustnessView:
    """Left accuracy over strength, right what the protection costs."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.25, 1])
        left.set(xlim=(0, 0.305), ylim=(0, 1.04), xlabel="strength of the attack", ylabel="accuracy")
        left.set_title("Under attack")
        self.curves = [
            left.plot([], [], "-" + marker, ms=5, color=colour, label=name, animated=True, clip_on=False)[0]
            for name, colour, marker in zip(ATTACKS, COLOURS, MARKERS, strict=True)
        ]
        (self.cut,) = left.plot([], [], color=plots.GREY, lw=1, animated=True)
        right.set(
            xlim=(0.925, 0.985), ylim=(-0.03, 1.04), xlabel="accuracy without attack", ylabel="accuracy under PGD"
        )
        right.set_xticks([0.93, 0.95, 0.97])
        right.set_title("What it costs")
        (self.all,) = right.plot([], [], "o", ms=6, color=plots.SKY, animated=True, clip_on=False)
        (self.one,) = right.plot([], [], "o", ms=10, color=plots.VERMILLION, animated=True, clip_on=False)
        self.note = figure.text(0.02, 0.03, "", fontsize=9.5, va="center", animated=True)
        figure.legend(handles=self.curves, loc="outside upper left", ncols=3, fontsize=9)
        figure.get_layout_engine().set(rect=(0, 0.08, 1, 0.92))  # type: ignore[union-attr, call-arg]

    def update(self, d: Robustness) -> None:
        for line, values in zip(self.curves, d.curves, strict=True):
            line.set_data(EPS, values)
        self.cut.set_data([EPS[d.here]] * 2, [0, 1.04])
        self.all.set_data(*d.every.T)
        self.one.set_data(*d.every[d.which : d.which + 1].T)
        noise, one, many = d.curves[:, d.here]
        self.note.set_text(
            f"strength {EPS[d.here]:.2f}:  noise {noise:.0%}, FGSM {one:.0%}, PGD {many:.0%} of the digits right"
        )


def hides_its_gradients(d: Robustness) -> bool:
    """Whether FGSM does less harm at this strength than at a smaller one."""
    return bool(d.curves[1, d.here] > d.curves[1, : d.here + 1].min() + RISE)


def robustness_explorer() -> Explorer:
    """Recorded accuracies of seven networks under three changes of the digits."""
    table()  # read now, so that no move of a control has to wait for it
    return Explorer(
        compute=robustness,
        draw=RobustnessView,
        controls={
            "training": Choice(ROBUST["names"], "standard", label="trained on"),
            "eps": Slider(0.0, 0.3, 0.05, 0.1, label="strength"),
        },
        goal=Goal(
            "Find a network and a strength where FGSM does less harm than a weaker FGSM. Is that network robust?",
            hides_its_gradients,
            solution=_solution(),
        ),
        size=(7.2, 3.6),
        alt="Accuracy of a network under noise, FGSM and PGD by strength, and what seven networks pay for protection.",
    )


def _solution() -> dict[str, Any]:
    for which, here in np.ndindex(table()[:, 0].shape):
        setting = dict(training=ROBUST["names"][which], eps=EPS[here])
        if hides_its_gradients(robustness(**setting)):
            return setting
    raise LookupError("no network hides its gradients")
