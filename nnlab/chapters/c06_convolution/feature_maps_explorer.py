"""Explorer of chapter 06: a digit on its way through a trained convolutional network, at rest and moved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import trained_cnn
from nnlab.datasets.digits import SHOWN, centred, first_test_digits, shifted
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.drawing.numbers import grey_colours, signed_colours
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.pad import Pad, Strokes, raster
from nnlab.scratch import CNN, softmax

Array = NDArray[Any]
# name -> how many layers of the network come before it; how many pixels one cell's step is; margin in cells that the
# zeros around the picture reach
STAGES = {"conv 1": (1, 1, 1), "relu 1": (3, 1, 1), "pool 1": (4, 2, 1), "conv 2": (5, 2, 2), "relu 2": (7, 2, 2)}
STAGES |= {"pool 2": (8, 4, 1), "hidden": (11, 0, 0)}


@cache
def _net() -> CNN:
    return trained_cnn()


def layer_outputs(net: CNN, digit: Array) -> list[Array]:
    """The output of each layer for a digit (28, 28): outputs[k] comes after k layers, outputs[0] is the digit."""
    outputs = [digit[None, None].astype(np.float32)]
    for layer in net:
        outputs.append(layer(outputs[-1]))
    return [each[0] for each in outputs]


def shift_maps(maps: Array, right: int, down: int) -> tuple[Array, Array]:
    """maps: (C, H, W), shifted by whole cells, and which of their cells (H, W) come from inside."""
    h, w = maps.shape[1:]
    out, inside = np.zeros_like(maps), np.zeros((h, w), bool)
    if abs(down) < h and abs(right) < w:
        to = np.s_[max(0, down) : h + min(0, down), max(0, right) : w + min(0, right)]
        of = np.s_[max(0, -down) : h + min(0, -down), max(0, -right) : w + min(0, -right)]
        out[:, *to], inside[to] = maps[:, *of], True
    return out, inside


def away_from_border(inside: Array, margin: int, right: int, down: int) -> Array:
    """The cells that no zeros around the picture have touched, neither here nor where they came from."""
    whole = np.zeros_like(inside)
    whole[margin:-margin, margin:-margin] = True
    return inside & whole & shift_maps(whole[None].astype(float), right, down)[0][0].astype(bool)


@dataclass
class FeatureMaps:
    """A digit in the network. maps: (C, H, W) of the chosen layer, (units,) for the hidden one; p, p_at_rest:
    probabilities (10,), now and before the shift. shift: (right, down), pixels; cells: the same in cells of the layer.
    ink_lost: whether ink left the picture. error: the largest difference between the maps of the shifted digit and the
    shifted maps of the digit at rest, divided by the largest value; None where the layer has no maps."""

    digit: Array
    layer: str
    maps: Array
    p: Array
    p_at_rest: Array
    shift: tuple[int, int]
    ink_lost: bool
    cells: tuple[float, float]
    error: float | None

    @property
    def predicted(self) -> int:
        """The most probable digit."""
        return int(self.p.argmax())


def feature_maps(net: CNN, digit: Array, layer: str, right: int, down: int) -> FeatureMaps:
    """Send a digit (28, 28), moved by `right` and `down` pixels, through the network, and look at one layer."""
    shifted_digit = shifted(digit, right, down)
    at_rest, now = layer_outputs(net, digit), layer_outputs(net, shifted_digit)
    k, step, margin = STAGES[layer]
    maps, error, cells = now[k], None, (0.0, 0.0)
    if step:
        cells = (right / step, down / step)
        by = (round(cells[0]), round(cells[1]))
        expected, inside = shift_maps(at_rest[k], *by)
        kept = away_from_border(inside, margin, *by)
        difference = np.abs(maps - expected)[:, kept]
        error = float(difference.max(initial=0.0) / np.abs(at_rest[k]).max())
    ink_lost = abs(float(shifted_digit.sum()) - float(digit.sum())) > 1e-3
    return FeatureMaps(
        shifted_digit, layer, maps, softmax(now[-1]), softmax(at_rest[-1]), (right, down), ink_lost, cells, error
    )


def tiles(maps: Array) -> Array:
    """(C, H, W) as one picture, maps side by side in a square with a line of NaN between; (units,) as rows of eight."""
    if maps.ndim == 1:
        return maps.reshape(-1, 8)
    c, h, w = maps.shape
    side = int(np.ceil(np.sqrt(c)))
    out = np.full((side, h + 1, side, w + 1), np.nan, np.float32)
    for k in range(side**2):
        out[k // side, :h, k % side, :w] = maps[k] if k < c else 0
    return out.reshape(side * (h + 1), side * (w + 1))[:-1, :-1]


class FeatureMapsView:
    """The digit, the maps of one layer as tiles, the ten probabilities; below, whether the maps moved along."""

    def __init__(self, figure: Figure):
        axes = figure.subplots(1, 3, width_ratios=[1, 1.6, 1])
        for ax, title in zip(axes, ("The digit", " ", "The answer"), strict=True):
            ax.set_title(title)
        for ax in axes[:2]:
            ax.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(1, 0), aspect="equal")
            ax.grid(False)
        axes[0].set_anchor("N")
        axes[0].spines[:].set(visible=True, color=plots.GREY)
        axes[1].spines[:].set_visible(False)
        style: dict[str, Any] = dict(interpolation="nearest", animated=True, aspect="equal")
        blank = np.zeros((1, 1, 4), np.uint8)
        self.digit = axes[0].imshow(blank, extent=(0, 1, 1, 0), **style)
        self.maps = axes[1].imshow(blank, extent=(0, 1, 1, 0), **style)
        axes[1].set(xlim=(0, 1), ylim=(1, 0))
        self.title = axes[1].text(0, 1.03, "", transform=axes[1].transAxes, weight="bold", animated=True)
        axes[2].set(xlim=(0, 1.02), ylim=(9.6, -0.6), yticks=range(10), xticks=[0, 0.5, 1], xlabel="probability")
        self.bars = axes[2].barh(range(10), [0] * 10, color=plots.SKY, animated=True)
        self.at_rest = axes[2].plot([0] * 10, range(10), "|", ms=9, mew=2, color=plots.BLACK, animated=True)[0]
        self.prediction = axes[0].text(
            0, -0.06, "", transform=axes[0].transAxes, va="top", animated=True, linespacing=1.6
        )
        self.note = figure.text(0.006, 0.02, "", animated=True)

    def update(self, d: FeatureMaps) -> None:
        self.digit.set_data(grey_colours(1 - d.digit))
        values = tiles(d.maps)
        colours = signed_colours(np.nan_to_num(values), float(np.abs(d.maps).max()))
        colours[np.isnan(values)] = (107, 107, 107, 255)
        self.maps.set_data(colours)
        extent = (0.0, 1.0, values.shape[0] / values.shape[1], 0.0)
        if tuple(self.maps.get_extent()) != extent:
            self.maps.set_extent(extent)
        what = f"{len(d.maps)} numbers" if d.maps.ndim == 1 else "{} maps of {} × {}".format(*d.maps.shape)
        self.title.set_text(f"{d.layer}: {what}")
        self.note.set_text(_note(d))
        for digit, (bar, p) in enumerate(zip(self.bars, d.p, strict=True)):
            bar.set_width(float(p))
            bar.set_color(plots.BLUE if digit == d.predicted else plots.SKY)
        self.at_rest.set_xdata(d.p_at_rest)
        before = "" if d.shift == (0, 0) else f"\n| at rest: {int(d.p_at_rest.argmax())} ({d.p_at_rest.max():.0%})"
        self.prediction.set_text(f"read as {d.predicted} ({d.p.max():.0%}){before}")


def _note(d: FeatureMaps) -> str:
    """Whether the maps moved along, in words."""
    if d.error is None:
        return "This layer has no maps: nothing here can move along."
    if d.shift == (0, 0):
        return "At rest. Shift the digit: do the maps move along?"
    right, down = d.cells
    if right % 1 or down % 1:
        return f"Moved by {right:g} and {down:g} cells: not whole numbers, so off by {d.error:.0%}."
    how = "exactly" if d.error < 1e-5 else f"except for {d.error:.0%}"
    return f"Away from the border the maps moved along by {right:g} and {down:g} cells, {how}."


def _compute(drawing: Strokes, which: int, layer: str, right: int, down: int) -> FeatureMaps:
    digit = centred(raster(drawing, 28)) if len(drawing) else first_test_digits()[0][which]
    return feature_maps(_net(), digit, layer, right, down)


def feature_maps_explorer() -> Explorer:
    """Draw a digit or take one from the test set, move it, and see the maps of each layer of a trained CNN move along.

    The network is `datasets.trained_cnn()`, which data/train_cnn.py made."""
    return Explorer(
        compute=_compute,
        draw=FeatureMapsView,
        controls={
            "drawing": Pad(kind="lines", width=0.08, label="draw a digit", help="clear it to go back to test digits"),
            "which": Slider(0, SHOWN - 1, 1, 0, label="or take test digit"),
            "layer": Choice(list(STAGES), label="look at layer"),
            "right": Slider(-6, 6, 1, 0, label="shift to the right", unit="pixels"),
            "down": Slider(-6, 6, 1, 0, label="shift down", unit="pixels"),
        },
        goal=Goal(
            "Look at relu 1 and shift a digit without losing any of it, so that the maps move along exactly and yet "
            "the prediction changes.",
            lambda d: (
                d.layer == "relu 1"
                and d.error < 1e-5
                and d.shift != (0, 0)
                and not d.ink_lost
                and d.predicted != int(d.p_at_rest.argmax())
            ),
            solution=dict(which=2, layer="relu 1", right=4),
        ),
        size=(7.0, 3.5),
        alt="A digit, the feature maps of one layer of a trained network as tiles, and the ten probabilities.",
    )
