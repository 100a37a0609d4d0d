"""Explorer of chapter 22: where each head of the shipped GPT looks, on any name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets.letters import LETTERS
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.text import Text
from nnlab.scratch import softmax

from .stream_explorer import WHITE_TO_BLUE
from .writer import BLOCKS, HEADS, LONGEST, shown, symbols, writer

Array = NDArray[Any]
SIZE = LONGEST + 1
BEFORE = 0.5


@dataclass
class Heads:
    """weights: (T, T) of the head, row i asks; before: its mean weight on the letter right before the asking one (of
    rows 1 to T - 1, 0 where there are none); start: its mean weight on the dot; p: (27,) of the next symbol."""

    letters: list[str]
    place: int
    weights: Array
    before: float
    start: float
    p: Array


def heads(name: str, block: int, head: int, place: int) -> Heads:
    """Attention of one head on one name, and what the whole model expects after `place` letters."""
    x = symbols(name)
    net = writer()
    at = min(place, x.shape[1] - 1)
    p = softmax(net(x)[0, at]).astype(np.float64)
    w = net.blocks[block - 1].attn_weights[0, head - 1].astype(np.float64)
    rows = np.arange(1, len(w))
    before = float(w[rows, rows - 1].mean()) if len(rows) else 0.0
    start = float(w[rows, 0].mean()) if len(rows) else 0.0
    return Heads(shown(x[0]), at, w, before, start, p)


class HeadsView:
    """Left the table of weights, right the row of the chosen letter as bars."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
        for ax in (left, right):
            ax.grid(False)
        left.set(xlim=(-0.5, SIZE - 0.5), ylim=(SIZE - 0.5, -1.5), xticks=[], yticks=[], xlabel="is looked at")
        left.set_ylabel("looks")
        left.set_title("One head's attention")
        self.image = left.imshow(
            np.zeros((SIZE, SIZE)), cmap=WHITE_TO_BLUE, vmin=0, vmax=1, interpolation="nearest", animated=True
        )
        self.columns = [left.text(i, -1, "", ha="center", va="center", fontsize=9, animated=True) for i in range(SIZE)]
        self.rows = [left.text(SIZE - 0.9, i, "", ha="center", va="center", animated=True) for i in range(SIZE)]
        (self.frame,) = left.plot([], [], color=plots.VERMILLION, lw=1.6, animated=True)
        right.set(xlim=(0, 1.02), ylim=(SIZE - 0.5, -1.5), yticks=[], xlabel="weight of each letter")
        right.set_title("The framed row")
        self.bars = right.barh(range(SIZE), np.zeros(SIZE), 0.7, color=plots.BLUE, animated=True)
        self.names = [
            right.text(-0.04, i, "", ha="center", va="center", fontsize=9, animated=True) for i in range(SIZE)
        ]
        self.note = figure.text(0.02, 0.02, "", fontsize=9, animated=True)
        figure.get_layout_engine().set(rect=(0, 0.07, 1, 0.93))  # type: ignore[union-attr, call-arg]

    def update(self, d: Heads) -> None:
        n = len(d.letters)
        table = np.zeros((SIZE, SIZE))
        table[:n, :n] = d.weights
        self.image.set_data(table)
        for i in range(SIZE):
            letter = d.letters[i] if i < n else ""
            self.columns[i].set_text(letter)
            self.rows[i].set_text(letter)
            self.rows[i].set_position((min(i + 1.2, SIZE - 0.9) if i + 1 < SIZE else -9, i))
            seen = i <= d.place
            self.bars[i].set_width(float(table[d.place, i]))
            self.names[i].set_text(letter if seen else "")
        x0, x1, y0, y1 = -0.5, d.place + 0.5, d.place - 0.5, d.place + 0.5
        self.frame.set_data([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0])
        best = np.argsort(-d.p, kind="stable")[:3]
        then = ", ".join(f"{'end' if i == 0 else LETTERS[i]} {d.p[i]:.0%}" for i in best)
        self.note.set_text(f"mean weight: letter before {d.before:.0%}, start {d.start:.0%}   next letter: {then}")


def heads_explorer() -> Explorer:
    """The eight heads of the shipped GPT."""
    heads("anderson", 1, 1, 4)
    return Explorer(
        compute=heads,
        draw=HeadsView,
        controls={
            "name": Text("anderson", LONGEST, ["mississippi", "o'brien"], label="a surname"),
            "block": Slider(1, BLOCKS, 1, 2, label="block"),
            "head": Slider(1, HEADS, 1, 1, label="head"),
            "place": Slider(0, LONGEST, 1, 4, label="row"),
        },
        goal=Goal(
            f"Find a head that gives more than {BEFORE:.0%} of its weight to the letter right before.",
            lambda d: len(d.letters) > 5 and d.before > BEFORE,
            solution=dict(block=1, head=1),
        ),
        size=(7.2, 4.0),
        alt="A table of attention weights between the letters of a name, and one of its rows as bars.",
    )
