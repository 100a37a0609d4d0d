"""Explorer of chapter 25: one digit, attacked as strongly as you like, and what the network answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.drawing.numbers import grey_colours, signed_colours
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import fgsm, pgd

from .subjects import COUNT, digits, network, pictures, probabilities

Array = NDArray[Any]
NETWORKS = {"standard": "standard", "trained on PGD": "PGD 0.2"}  # shown name -> name of the weights
METHODS = ("noise", "FGSM", "PGD")
STEPS, MOST = 10, 0.4


@dataclass
class Attack:
    """x: (3, 28, 28), the digit with noise, after FGSM, after PGD; p: (3, 10) of each. before: (28, 28) and p_before:
    (10,) of the digit itself. shown: which of the three is drawn."""

    before: Array
    p_before: Array
    x: Array
    p: Array
    label: int
    shown: int
    eps: float


def attack(digit: int, eps: float, method: str, net: str, aim: str) -> Attack:
    """All three changes of one digit. aim: "away" from the label, or at the "next digit" (after 9 comes 0)."""
    x, labels = (part[digit : digit + 1] for part in digits())
    model = network(NETWORKS[net])
    target = None if aim == "away" else (labels + 1) % 10
    signs = 2 * np.random.default_rng(digit).integers(0, 2, x.shape) - 1
    noisy = np.clip(x + np.float32(eps) * signs, 0, 1).astype(np.float32)
    one = fgsm(model, x, labels, eps, target=target)
    many = pgd(model, x, labels, eps, target=target, steps=STEPS)
    found = np.concatenate([noisy, one, many])
    p = probabilities(model, np.concatenate([x, found]))
    return Attack(x[0, 0], p[0], found[:, 0], p[1:], int(labels[0]), METHODS.index(method), eps)


class AttackView:
    """The digit, the change, their sum; on the right the probabilities before (hollow) and after."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")
        places = [(0.01 + 0.235 * k, 0.25, 0.215, 0.504) for k in range(3)]
        self.pictures = pictures(figure, places, ["the digit", "the change", "their sum"])
        ax = figure.add_axes((0.765, 0.2, 0.215, 0.62))
        ax.set(xlim=(0, 1.02), ylim=(9.6, -0.6), yticks=range(10), xticks=[0, 0.5, 1])
        ax.set_xlabel("probability", fontsize=9)
        self.before = ax.barh(range(10), [0] * 10, 0.8, fill=False, ec=plots.GREY, animated=True)
        self.after = ax.barh(range(10), [0] * 10, 0.55, color=plots.SKY, animated=True)
        self.title = figure.text(0.015, 0.93, "", weight="bold", va="center", animated=True)
        self.note = figure.text(0.015, 0.09, "", va="center", fontsize=9.5, animated=True)

    def update(self, d: Attack) -> None:
        x, p = d.x[d.shown], d.p[d.shown]
        for raster, colours in zip(
            self.pictures,
            (grey_colours(1 - d.before), signed_colours(x - d.before, MOST), grey_colours(1 - x)),
            strict=True,
        ):
            raster.show(colours, (0, 1, 0, 1))
        said = int(p.argmax())
        for k in range(10):
            self.before[k].set_width(float(d.p_before[k]))
            self.after[k].set_width(float(p[k]))
            self.after[k].set_color(plots.SKY if k != said else plots.BLUE if k == d.label else plots.VERMILLION)
        words = "still" if said == d.label else "now"
        self.title.set_text(f"A {d.label}, {words} taken for a {said}, with probability {p[said]:.0%}")
        each = (f"{name}: {int(q.argmax())}" for name, q in zip(METHODS, d.p, strict=True))
        self.note.set_text(f"at most {d.eps:.2f} a pixel, ink is 1      answers:  " + "   ".join(each))


def only_pgd_fools(d: Attack) -> bool:
    """Whether the digit survives noise and FGSM of this strength, and PGD fools the network."""
    answers = d.p.argmax(axis=1)
    return bool(d.p_before.argmax() == d.label == answers[0] == answers[1] != answers[2])


def _solution() -> dict[str, Any]:
    for digit in range(COUNT):
        for eps in (0.1, 0.15, 0.2):
            if only_pgd_fools(attack(digit, eps, "PGD", "standard", "away")):
                return dict(digit=digit, eps=eps, method="PGD")
    raise LookupError("no digit survives FGSM and not PGD")


def attack_explorer() -> Explorer:
    """60 test digits, two networks, three ways to change a picture."""
    return Explorer(
        compute=attack,
        draw=AttackView,
        controls={
            "digit": Slider(0, COUNT - 1, 1, 7, label="test digit"),
            "eps": Slider(0.0, MOST, 0.01, 0.2, label="strength"),
            "method": Choice(METHODS, "FGSM", label="method"),
            "net": Choice(list(NETWORKS), "standard", label="network"),
            "aim": Choice(("away", "next digit"), "away", label="aim"),
        },
        goal=Goal(
            "Find a digit and a strength where noise and FGSM leave the answer right, and PGD changes it.",
            only_pgd_fools,
            solution=_solution(),
        ),
        size=(7.2, 3.1),
        alt="A digit, the change that an attack adds, the sum of both, and the network's answers before and after.",
    )
