"""Explorer of chapter 25: six networks, trained on attacks or not, and how many digits they still classify correctly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import robust_networks
from nnlab.datasets.trained import ROBUST
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[Any]
ATTACKS = ("noise", "FGSM", "PGD")
COLOURS, MARKERS = (plots.GREEN, plots.BLUE, plots.VERMILLION), ("s", "^", "o")
EPS = (0.0, *ROBUST["eps"])
HIGH, LOW = 0.6, 0.1


@cache
def table() -> Array:
    """(6 networks, 3 attacks, 7 strengths), accuracy of seed 0. Cached: do not write into it."""
    found = robust_networks()
    rows = []
    for name in ROBUST["names"]:
        run = found.names.index(name)  # its first seed
        clean = np.full((3, 1), found.clean[run])
        rows.append(np.hstack([clean, found.accuracy[run]]))
    return np.array(rows)


@dataclass
class Robustness:
    """curves: (3, 7), accuracy of one network by attack and strength. here: the place of the strength. every: (6, 2),
    clean accuracy and accuracy under PGD of that strength, of all networks; which: the one that is chosen."""

    curves: Array
    here: int
    every: Array
    which: int


def robustness(training: str, eps: float) -> Robustness:
    """Looked up. eps: one of EPS."""
    here, which = round(eps / 0.05), ROBUST["names"].index(training)
    t = table()
    return Robustness(t[which].copy(), here, np.stack([t[:, 2, 0], t[:, 2, here]], axis=1), which)


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
        right.set(xlim=(0.78, 1.0), ylim=(-0.03, 1.04), xlabel="accuracy without attack", ylabel="accuracy under PGD")
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
    """Whether one step does little where twenty do nearly everything."""
    return bool(d.curves[1, d.here] > HIGH and d.curves[2, d.here] < LOW)


def robustness_explorer() -> Explorer:
    """Recorded accuracies of six networks under three changes of the digits."""
    table()  # read now, so that no move of a control has to wait for it
    return Explorer(
        compute=robustness,
        draw=RobustnessView,
        controls={
            "training": Choice(ROBUST["names"], "standard", label="trained on"),
            "eps": Slider(0.0, 0.3, 0.05, 0.1, label="strength"),
        },
        goal=Goal(
            f"Find a network and a strength where FGSM leaves more than {HIGH:.0%} right, and PGD less than {LOW:.0%}.",
            hides_its_gradients,
            solution=_solution(),
        ),
        size=(7.2, 3.6),
        alt="Accuracy of a network under noise, FGSM and PGD by strength, and the price of protection of six networks.",
    )


def _solution() -> dict[str, Any]:
    for which, here in np.argwhere((table()[:, 1] > HIGH) & (table()[:, 2] < LOW)):
        return dict(training=ROBUST["names"][which], eps=EPS[here])
    raise LookupError("no network hides its gradients")
