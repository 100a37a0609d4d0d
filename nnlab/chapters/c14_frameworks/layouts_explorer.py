"""Explorer of chapter 14: a layer's weight in NumPy, PyTorch and Keras, and what a wrong order of its axes does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots, scratch
from nnlab.chapters.c14_frameworks.moving import dense_kernel
from nnlab.explore.controls import Choice
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[np.float64]
SIZE, CHANNELS, HIDDEN, CLASSES = 6, 4, 8, 3  # a picture of 6 x 6 pixels; units of both hidden layers alike
LAYERS = {"convolution": 0, "dense after flatten": 4, "square dense": 6, "output": 8}
AXES = {4: "out, in, height, width", 2: "out, in"}


def _regrouped(weight: Array) -> Array:
    return dense_kernel(weight, CHANNELS)


TURNS: dict[str, Callable[[Array], Array]] = {
    "as it is": lambda weight: weight,
    ".T": lambda weight: weight.T,
    "transpose(2, 3, 1, 0)": lambda weight: weight.transpose(2, 3, 1, 0),
    "regroup channels, .T": _regrouped,
}


@cache
def network() -> tuple[scratch.Sequential, Array]:
    """The network with PyTorch's layouts, and a picture (1, 1, 6, 6). They are cached: do not write into them."""
    rng = np.random.default_rng(4)
    net = scratch.Sequential(
        scratch.Conv2d(1, CHANNELS, 3, padding=1, rng=rng),
        scratch.ReLU(),
        scratch.MaxPool2d(2),
        scratch.Flatten(),
        scratch.Linear(CHANNELS * (SIZE // 2) ** 2, HIDDEN, rng=rng),
        scratch.ReLU(),
        scratch.Linear(HIDDEN, HIDDEN, rng=rng),
        scratch.ReLU(),
        scratch.Linear(HIDDEN, CLASSES, rng=rng),
    )
    for value in net.params.values():
        value *= 2
    return net, rng.normal(size=(1, 1, SIZE, SIZE))


def weight_of(layer: str) -> Array:
    """A layer's weight as NumPy and PyTorch hold it."""
    return np.asarray(network()[0].params[f"{LAYERS[layer]}.weight"])


def right_kernel(layer: str) -> Array:
    """The same as Keras must get it."""
    weight = weight_of(layer)
    if weight.ndim == 4:
        return weight.transpose(2, 3, 1, 0)
    return dense_kernel(weight, CHANNELS if layer == "dense after flatten" else 1)


def channels_last(kernels: dict[str, Array]) -> Array:
    """The network as Keras computes it: pictures (H, W, C), kernels in Keras's layout -> logits (3,)."""
    net, picture = network()
    bias = {name: net.params[f"{place}.bias"] for name, place in LAYERS.items()}
    padded = np.pad(picture[0].transpose(1, 2, 0), ((1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))  # (H, W, C, 3, 3)
    x = np.einsum("hwcij,ijco->hwo", windows, kernels["convolution"]) + bias["convolution"]
    x = np.maximum(x, 0).reshape(SIZE // 2, 2, SIZE // 2, 2, CHANNELS).max(axis=(1, 3)).ravel()
    x = np.maximum(x @ kernels["dense after flatten"] + bias["dense after flatten"], 0)
    x = np.maximum(x @ kernels["square dense"] + bias["square dense"], 0)
    return np.asarray(x @ kernels["output"] + bias["output"])


@dataclass
class Layout:
    """A layer's weight and what Keras is given. `weight`, `given`: as rows and columns, to be drawn; `shape`,
    `given_shape`, `wanted`: their shapes and Keras's; fits: whether Keras takes it. `answers`, `keras_answers`: logits,
    (3,), the latter zero where it does not fit; difference: the largest between them, None where it does not fit.
    possible: whether NumPy can turn a weight with this many axes that way; if not, Keras is given nothing."""

    layer: str
    turn: str
    weight: Array
    shape: tuple[int, ...]
    given: Array
    given_shape: tuple[int, ...]
    wanted: tuple[int, ...]
    answers: Array
    keras_answers: Array
    difference: float | None
    possible: bool

    @property
    def fits(self) -> bool:
        return self.difference is not None

    @property
    def equal(self) -> bool:
        return self.difference is not None and self.difference < 1e-9


def layout(layer: str, turn: str) -> Layout:
    """Give Keras this layer's weight after this turn, and all other layers' weights right."""
    net, picture = network()
    weight, kernels = weight_of(layer), {name: right_kernel(name) for name in LAYERS}
    possible = {"as it is", ".T", "transpose(2, 3, 1, 0)" if weight.ndim == 4 else "regroup channels, .T"}
    given = TURNS[turn](weight) if turn in possible else np.zeros((1, 1))
    wanted, answers = kernels[layer].shape, net(picture)[0]
    fits = turn in possible and given.shape == wanted
    theirs = channels_last(kernels | {layer: given}) if fits else np.zeros(CLASSES)
    return Layout(
        layer,
        turn,
        weight.reshape(len(weight), -1).copy(),
        weight.shape,
        given.reshape(-1, given.shape[-1]).copy(),
        given.shape,
        wanted,
        np.asarray(answers, float).copy(),
        theirs,
        float(np.abs(theirs - answers).max()) if fits else None,
        turn in possible,
    )


def _numbers(rows: Array) -> str:
    return "  ".join(f"{round(float(v), 2) + 0.0:.2f}" for v in rows.ravel()[:4])


class LayoutView:
    """Left the weight in NumPy and PyTorch, in the middle what Keras gets, right the answers of both networks."""

    def __init__(self, figure: Figure):
        (left, middle, right), words = figure.subplots(2, 3, height_ratios=[1, 0.3], width_ratios=[1, 1, 0.85])
        self.images = []
        sides = (left, "NumPy and PyTorch", "out"), (middle, "What Keras gets", "in")
        for ax, title, rows in sides:
            ax.set(title=title, xticks=[], yticks=[], ylabel=rows, xlabel="in" if rows == "out" else "out")
            ax.grid(False)
            ax.spines[:].set_visible(False)
            self.images.append(
                ax.imshow(
                    np.zeros((2, 2)),
                    cmap=plots.DIVERGING,
                    vmin=-1.2,
                    vmax=1.2,
                    aspect="auto",
                    extent=(0, 1, 0, 1),
                    interpolation="nearest",
                    animated=True,
                )
            )
        right.set(title="Its answers", xlim=(-0.6, 2.6), ylim=(-1.4, 2.8), xticks=range(CLASSES), ylabel="logit")
        right.axhline(0, color=plots.GREY, lw=0.8)
        self.bars = right.bar(range(CLASSES), np.zeros(CLASSES), 0.5, color=plots.GREEN, alpha=0.7, animated=True)
        (self.marks,) = right.plot([], [], ls="", ms=10, mew=2.5, **plots.TORCH, animated=True)
        for ax in words:
            ax.set(xlim=(0, 1), ylim=(0, 1))
            ax.axis("off")
        self.texts = [ax.text(0, 1, "", va="top", fontsize=8.5, linespacing=1.5, animated=True) for ax in words]
        figure.legend(
            handles=[self.marks, self.bars],
            labels=["PyTorch and NumPy", "Keras"],
            loc="outside lower right",
            ncols=2,
            fontsize=9,
        )

    def update(self, d: Layout) -> None:
        for image, rows in zip(self.images, (d.weight, d.given), strict=True):
            image.set_data(rows)
        for bar, height in zip(self.bars, d.keras_answers, strict=True):
            bar.set_height(height)
        self.marks.set_data(range(CLASSES), d.answers)
        self.texts[0].set_text(f"shape {d.shape}\n({AXES[len(d.shape)]})\n{_numbers(d.weight)} …")
        took = "takes it" if d.fits else "refuses it"
        given = f"shape {d.given_shape}\nwanted {d.wanted}: {took}\n{_numbers(d.given)} …"
        axes = len(d.shape)
        self.texts[1].set_text(given if d.possible else f"nothing: a weight with\n{axes} axes has no such turn")
        if d.difference is None:
            verdict = "no answers:\na ValueError"
        else:
            verdict = "the same answers" if d.equal else f"no error, and wrong\nby {d.difference:.2f}"
        self.texts[2].set_text(verdict)


def layouts_explorer() -> Explorer:
    """One network in three frameworks: the weight of each layer, and how its axes must be turned for Keras."""
    return Explorer(
        compute=layout,
        draw=LayoutView,
        controls={
            "layer": Choice(tuple(LAYERS), "square dense", label="layer"),
            "turn": Choice(tuple(TURNS), label="turn"),
        },
        goal=Goal(
            "Turning the axes is not enough for one of the layers. Find it, and make its answers the same.",
            lambda d: d.layer == "dense after flatten" and d.equal,
            solution=dict(layer="dense after flatten", turn="regroup channels, .T"),
        ),
        size=(7.0, 3.9),
        alt="A layer's weight in PyTorch, the array that Keras gets, and the answers of both networks.",
    )
