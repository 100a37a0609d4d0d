"""Explorer of chapter 03: three logits, their softmax, the loss and its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.activations import softmax

CLASSES = ("cat", "dog", "owl")


@dataclass
class LogitsLoss:
    """The true class, the probabilities p (3,), the loss, and its gradient with respect to each logit, (3,)."""

    label: int
    p: np.ndarray
    loss: float
    gradient: np.ndarray


def logits_to_loss(cat: float, dog: float, owl: float, truth: str) -> LogitsLoss:
    """Softmax, minus the logarithm of the true class's probability, and softmax minus one-hot."""
    label = CLASSES.index(truth)
    p = softmax(np.array([cat, dog, owl]))
    return LogitsLoss(label, p, -float(np.log(p[label])), p - np.eye(3)[label])


class LogitsView:
    """Left the probabilities, right the gradient that each logit gets."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        ticks = dict(xlim=(-0.6, 2.6), xticks=[0, 1, 2], xticklabels=CLASSES)
        left.set(ylim=(0, 1.15), ylabel="probability", **ticks)
        left.set_title("From logits to probabilities")
        right.set(ylim=(-1.2, 1.2), ylabel="gradient of the loss", **ticks)
        right.set_title("The gradient that each logit gets")
        right.axhline(0, color=plots.GREY, lw=1)
        self.bars = left.bar([0, 1, 2], [0, 0, 0], color=plots.BLUE, animated=True)
        self.gradients = right.bar([0, 1, 2], [0, 0, 0], color=plots.GRADIENT, animated=True)
        (self.truth,) = left.plot([], [], "*", color=plots.BLACK, ms=14, animated=True)
        self.values = [ax.text(k, 0, "", ha="center", animated=True) for ax in (left, right) for k in range(3)]
        self.loss = left.text(2.5, 1.06, "", ha="right", weight="bold", animated=True)

    def update(self, d: LogitsLoss) -> None:
        self.truth.set_data([d.label], [0.04])
        for k in range(3):
            self.bars[k].set_height(d.p[k])
            self.gradients[k].set_height(d.gradient[k])
            self.values[k].set_y(d.p[k] + 0.02)
            self.values[k].set_text(f"{d.p[k]:.2f}")
            self.values[3 + k].set_y(d.gradient[k] + (0.04 if d.gradient[k] >= 0 else -0.12))
            self.values[3 + k].set_text(f"{d.gradient[k]:+z.2f}")
        self.loss.set_text(f"loss {d.loss:.3f}")


def logits_explorer() -> Explorer:
    """From three logits to a loss and its gradient."""
    logit = partial(Slider, -5.0, 5.0, 0.1)
    return Explorer(
        compute=logits_to_loss,
        draw=LogitsView,
        controls={
            "cat": logit(1.0, label="logit of cat"),
            "dog": logit(2.0, label="logit of dog"),
            "owl": logit(-1.0, label="logit of owl"),
            "truth": Choice(CLASSES, label="the truth (star)"),
        },
        presets={"sure and right": dict(cat=5, dog=-1, owl=-2), "sure and wrong": dict(cat=-2, dog=5, owl=-1)},
        goal=Goal(
            "Find logits that leave the three gradients at 0.33, 0.33 and -0.67. What does the network know there?",
            lambda d: float(np.ptp(d.p)) < 0.005,
            solution=dict(cat=0.0, dog=0.0, owl=0.0),
        ),
        alt="Probabilities of three classes with the true one marked, and the gradient of the loss with respect to "
        "each logit.",
    )
