"""Explorer of chapter 05: a digit, drawn or from the test set, on its way through a network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.datasets import mnist
from nnlab.datasets.digits import SHOWN, centred, first_test_digits
from nnlab.datasets.digits import shifted as shift_digit
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.pad import Pad, Strokes, raster
from nnlab.scratch import MLP, Adam, CrossEntropyLoss, Sequential, softmax
from nnlab.scratch.train import fit


@cache
def trained_mlp() -> Sequential:
    """A small network after one epoch on 50,000 digits, for learners without one of their own: about two seconds."""
    x, labels = mnist("train")
    rng = np.random.default_rng(0)
    net = MLP([784, 128, 64, 10], rng=rng, dtype=np.float32)
    flat = (x.reshape(len(x), 784) / 255).astype(np.float32)
    for _ in fit(net, CrossEntropyLoss(), Adam(net.params), flat, labels, epochs=1, batch_size=128, rng=rng):
        pass
    net.eval()
    return net


@dataclass
class DigitActivations:
    """A digit (28, 28), the output of each hidden layer, the probabilities p (10,), and the label if it is known."""

    digit: np.ndarray
    hidden: list[np.ndarray]
    p: np.ndarray
    label: int | None
    shifted: bool = False

    @property
    def predicted(self) -> int:
        """The most probable digit."""
        return int(self.p.argmax())


def digit_activations(
    net: Sequential, digit: np.ndarray, label: int | None = None, shifted: bool = False
) -> DigitActivations:
    """Send one digit (28, 28) through Linear and activation layers, and keep the output of each activation."""
    a, hidden = digit.reshape(1, 784).astype(np.float32), []
    for layer in list(net)[:-1]:
        a = layer(a)
        if not layer.params:
            hidden.append(a[0])
    return DigitActivations(digit, hidden, softmax(net[-1](a))[0], label, shifted)


class DigitView:
    """The digit, the activations of two hidden layers as tiles, the ten probabilities."""

    def __init__(self, figure: Figure):
        axes = figure.subplots(1, 4, width_ratios=[1.25, 0.9, 0.7, 1.5])
        titles = ("The digit", "Layer 1", "Layer 2", "The answer")
        for ax, title in zip(axes, titles, strict=True):
            ax.set_title(title)
        for ax in axes[:3]:
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
        self.digit = axes[0].imshow(np.zeros((28, 28)), cmap="gray_r", vmin=0, vmax=1, animated=True)
        self.tiles = [ax.imshow(np.zeros((1, 1)), cmap="Blues", vmin=0, vmax=2.5, animated=True) for ax in axes[1:3]]
        axes[3].set(xlim=(0, 1.05), ylim=(9.6, -0.6), yticks=range(10), xticks=[0, 0.5, 1], xlabel="probability")
        self.bars = axes[3].barh(range(10), [0] * 10, color=plots.SKY, animated=True)
        self.text = axes[0].text(0, 33, "", animated=True, weight="bold", clip_on=False)

    def update(self, d: DigitActivations) -> None:
        self.digit.set_data(d.digit)
        for tile, values in zip(self.tiles, d.hidden[:2], strict=True):
            columns = 16 if len(values) > 128 else 8
            padded = np.zeros(-(-len(values) // columns) * columns)
            padded[: len(values)] = values
            tile.set_data(padded.reshape(-1, columns))
            extent = (0, columns, len(padded) // columns, 0)
            if tuple(tile.get_extent()) != extent:  # moves the axes' limits, so only for a network of another size
                tile.set_extent(extent)
        for digit, (bar, p) in enumerate(zip(self.bars, d.p, strict=True)):
            bar.set_width(float(p))
            bar.set_color(plots.BLUE if digit == d.predicted else plots.SKY)
        truth = "" if d.label is None else f", it is {d.label}"
        self.text.set_text(f"read as {d.predicted} ({d.p.max():.0%}){truth}")


def digit_explorer(net: Sequential | None = None) -> Explorer:
    """Draw a digit, or take one from the test set and shift it, and watch every layer of `net` respond.

    net: two hidden layers between 784 inputs and 10 logits; without one, a small network is trained first."""

    def compute(drawing: Strokes, which: int, right: int, down: int) -> DigitActivations:
        digits, labels = first_test_digits()
        drawn = len(drawing) > 0
        digit = centred(raster(drawing, 28)) if drawn else digits[which]
        label = None if drawn else int(labels[which])
        return digit_activations(
            net or trained_mlp(), shift_digit(digit, right, down), label, shifted=bool(right or down)
        )

    return Explorer(
        compute=compute,
        draw=DigitView,
        controls={
            "drawing": Pad(kind="lines", width=0.08, label="draw a digit", help="clear it to go back to test digits"),
            "which": Slider(0, SHOWN - 1, 1, 3, label="or take test digit"),
            "right": Slider(-8, 8, 1, 0, label="shift to the right", unit="pixels"),
            "down": Slider(-8, 8, 1, 0, label="shift down", unit="pixels"),
        },
        goal=Goal(
            "Take a digit that is classified correctly, and find a shift after which it no longer is.",
            lambda d: d.shifted and d.label is not None and d.predicted != d.label,
            solution=dict(which=0, right=8),
        ),
        alt="A digit, the responses of two hidden layers as tiles, and the probabilities of the ten digits.",
    )
