"""Explorer of chapter 07: how much of the last step's gradient reaches the steps before it, in RNN, LSTM and GRU."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import GRU, LSTM, RNN

INPUT_SIZE, HIDDEN_SIZE, MAX_LENGTH = 4, 16, 100
CELLS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}


@dataclass
class GradientsByStep:
    """By cell, ||dL/dh_t|| / ||dL/dh_T|| for t = 1 ... T: (T,), the last is 1."""

    RNN: np.ndarray
    LSTM: np.ndarray
    GRU: np.ndarray

    def first(self, cell: str) -> float:
        """The first step's gradient divided by the last's."""
        return float(getattr(self, cell)[0])


@lru_cache(maxsize=256)
def gradients(cell: str, length: int, scale: float, keep: float, seed: int) -> np.ndarray:
    """||dL/dh_t|| / ||dL/dh_T||, (length,): forward over random inputs, back one step at a time.

    The layer starts as in PyTorch. Then its recurrent weights are multiplied by `scale`, and `keep` is added to the
    bias of the gate that keeps the old state: the LSTM's forget gate, the GRU's update gate. dL/dh_T is random."""
    rng = np.random.default_rng(seed)
    layer = CELLS[cell](INPUT_SIZE, HIDDEN_SIZE, rng=rng)
    w = {name.removesuffix("_l0"): value for name, value in layer.params.items()}
    w["weight_hh"] *= scale
    if cell != "RNN":
        w["bias_ih"][HIDDEN_SIZE : 2 * HIDDEN_SIZE] += keep
    x, last = rng.normal(size=(MAX_LENGTH, 1, INPUT_SIZE))[:length], rng.normal(size=(1, HIDDEN_SIZE))
    zero = np.zeros((1, HIDDEN_SIZE))
    _, _, cache = layer.run(x, w, (zero,) * len(layer.states))
    d = (last, zero)[: len(layer.states)]  # the gradient of h, and of c where there is one
    weights = {name: w[name] for name in ("weight_ih", "weight_hh")}  # the biases' gradients are not needed
    sizes = [float(np.linalg.norm(last))]
    for t in reversed(range(1, length)):
        # What forward kept for step t only; of the states, those before and after it, there is one more.
        step = tuple(part[t : t + 1 + len(part) - length] for part in cache)
        _, d, _ = layer.run_back(zero[None], d, weights, step)
        sizes.append(float(np.linalg.norm(d[0])))
    ratios = np.array(sizes[::-1]) / sizes[0]
    ratios.flags.writeable = False  # the cache gives it out again
    return ratios


def gradients_by_step(length: int, scale: float, keep: float, seed: int) -> GradientsByStep:
    """The gradients of all three cells, `length` steps each."""
    return GradientsByStep(**{cell: gradients(cell, length, scale, keep, seed) for cell in CELLS})


class ThroughTimeView:
    """Gradient by step, on a logarithmic axis; the last step is on the right, earlier ones to its left."""

    STYLES: ClassVar[dict[str, tuple[str, str]]] = {
        "RNN": (plots.VERMILLION, "o"),
        "LSTM": (plots.BLUE, "^"),
        "GRU": (plots.GREEN, "s"),
    }

    def __init__(self, figure: Figure):
        ax = figure.subplots()
        ax.set(xlim=(-MAX_LENGTH, 3), ylim=(1e-24, 1e10), yscale="log", xlabel="steps before the last")
        ax.set(xticks=range(-100, 1, 20), yticks=[10.0**k for k in range(-24, 11, 6)])
        ax.set_xticklabels([str(k) for k in range(100, -1, -20)])
        ax.set_ylabel("gradient, last step = 1")
        ax.set_title("How much of the last step's gradient comes back to each step before")
        ax.axhspan(1e3, 1e10, color=plots.VERMILLION, alpha=0.1, lw=0)
        ax.axhspan(1e-24, 1e-6, color=plots.GREY, alpha=0.12, lw=0)
        ax.text(-MAX_LENGTH + 1, 3e8, "explodes: more than 1,000 times", fontsize=9, color=plots.VERMILLION)
        ax.text(-MAX_LENGTH + 1, 3e-8, "vanishes: less than a millionth", fontsize=9, color=plots.GREY)
        self.lines = {
            cell: ax.plot([], [], color=colour, marker=marker, ms=4, markevery=8, label=cell, animated=True)[0]
            for cell, (colour, marker) in self.STYLES.items()
        }
        ax.text(-1, 10**8.7, "the first step gets", ha="right", va="center", fontsize=9)
        self.words = []
        for k, (cell, (colour, marker)) in enumerate(self.STYLES.items()):
            at: dict[str, Any] = dict(y=10.0 ** (7 - 1.5 * k), color=colour, weight="bold", va="center")
            ax.text(-12, s=cell, ha="right", **at)
            ax.plot(-21.5, at["y"], marker=marker, color=colour, ms=5)
            self.words.append(ax.text(-1, s="", ha="right", animated=True, **at))  # short: each letter takes 0.1 ms

    def update(self, d: GradientsByStep) -> None:
        for (cell, line), words in zip(self.lines.items(), self.words, strict=True):
            sizes = getattr(d, cell)
            line.set_data(np.arange(1 - len(sizes), 1), sizes)
            words.set_text(f"{sizes[0]:.0e}")


def through_time_explorer() -> Explorer:
    """Vanishing and exploding over time: the length, the size of the recurrent weights, and a gate that begins open."""
    return Explorer(
        compute=gradients_by_step,
        draw=ThroughTimeView,
        controls={
            "length": Slider(5, MAX_LENGTH, 1, 50, label="length of the sequence"),
            "scale": Slider(0.1, 5.0, 0.1, 1.0, label="recurrent weights times"),
            "keep": Slider(-1.0, 6.0, 0.1, 0.0, label="bias added to the gate f or z"),
            "seed": Slider(0, 9, 1, 0, label="seed"),
        },
        goal=Goal(
            "Over 100 steps, make the plain RNN explode: its first step gets at least 1,000 times the last step's "
            "gradient.",
            lambda d: len(d.RNN) == MAX_LENGTH and d.first("RNN") >= 1e3,
            solution=dict(length=MAX_LENGTH, scale=5.0),
        ),
        presets={"as PyTorch starts": dict(scale=1.0, keep=0.0), "gates begin open": dict(scale=1.0, keep=4.0)},
        size=(7.0, 4.0),
        alt="The size of the gradient by steps before the last one, for RNN, LSTM and GRU, on a logarithmic axis.",
    )
