"""Explorer of chapter 22: one token's way through the blocks, read out after each half."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets.letters import LETTERS
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.text import Text

from .writer import HALVES, LONGEST, read_out, shown, stages, symbols

Array = NDArray[Any]
ROWS = ["letter + position", *HALVES]
WHITE_TO_BLUE = LinearSegmentedColormap.from_list("nnlab_white_blue", ["#ffffff", plots.BLUE])
SURE = 0.8


@dataclass
class Stream:
    """p: (5, 27) next-symbol probabilities read out after each stage; added: (4,) length of what each half added,
    divided by the length of the sum before it; whole: (27,), the answer with nothing left out."""

    letters: list[str]
    place: int
    left_out: str
    p: Array
    added: Array
    whole: Array


def stream(name: str, place: int, left_out: str) -> Stream:
    """Follow the position after `place` letters of a name."""
    x = symbols(name)
    at = min(place, x.shape[1] - 1)
    sums, added = stages(x[:, : at + 1], left_out)
    lengths = np.linalg.norm(sums[:-1, at], axis=1)
    whole = read_out(stages(x[:, : at + 1])[0][-1, at])
    share = np.linalg.norm(added[:, at], axis=1) / lengths
    return Stream(shown(x[0]), at, left_out, read_out(sums[:, at]), share.astype(np.float64), whole)


class StreamView:
    """Left the read-outs as a table of colours, right how much each half adds."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[3.2, 1])
        left.grid(False)
        left.set_xticks(range(27), ["\nend", *LETTERS[1:]], fontsize=8)
        left.set_yticks(range(5), ROWS)
        left.set(xlim=(-0.5, 26.5), ylim=(4.5, -0.5), xlabel="next letter, read out after each half")
        left.set_title("The guess takes shape on its way")
        self.image = left.imshow(
            np.zeros((5, 27)), cmap=WHITE_TO_BLUE, vmin=0, vmax=1, aspect="auto", interpolation="nearest", animated=True
        )
        self.best = [
            left.text(0, i, "", ha="center", va="center", fontsize=8, weight="bold", animated=True) for i in range(5)
        ]
        right.set(xlim=(0, 6), ylim=(4.5, -0.5), yticks=[], xlabel="relative length")
        right.set_title("Added by each")
        self.bars = right.barh(range(5), np.zeros(5), 0.6, color=plots.ORANGE, animated=True)
        self.numbers = [right.text(0, i, "", va="center", fontsize=8, animated=True) for i in range(5)]
        self.note = figure.text(0.02, 0.02, "", fontsize=10, animated=True)
        figure.get_layout_engine().set(rect=(0, 0.09, 1, 0.91))  # type: ignore[union-attr, call-arg]

    def update(self, d: Stream) -> None:
        self.image.set_data(d.p)
        for i, (text, p) in enumerate(zip(self.best, d.p, strict=True)):
            best = int(p.argmax())
            text.set_position((best, i))
            text.set_text(f"{100 * p[best]:.0f}")
            text.set_color("white" if p[best] > 0.55 else plots.BLACK)
        for i, (bar, number) in enumerate(zip(self.bars, self.numbers, strict=True)):
            share = 0.0 if i == 0 else float(d.added[i - 1])
            bar.set_width(min(share, 6.0))
            number.set_position((min(share, 4.4) + 0.15, i))
            number.set_text("" if i == 0 else "left out" if HALVES[i - 1] == d.left_out else f"{share:.1f}")
        begun = "".join(d.letters[1 : d.place + 1])
        final, whole = int(d.p[-1].argmax()), int(d.whole.argmax())
        names = ["the end" if i == 0 else LETTERS[i] for i in (final, whole)]
        less = "" if d.left_out == "nothing" else f" Without {d.left_out}; with it {names[1]}, {d.whole[whole]:.0%}."
        where = f"After “{begun}” comes" if begun else "At the beginning comes"
        self.note.set_text(f"{where} {names[0]}, {d.p[-1, final]:.0%}.{less}")


def stream_explorer() -> Explorer:
    """The sum that runs through a small GPT, read out after each half of each block."""
    stream("hutchinson", 9, "nothing")
    return Explorer(
        compute=stream,
        draw=StreamView,
        controls={
            "name": Text("hutchinson", LONGEST, ["washington", "fitzgerald"], label="a surname"),
            "place": Slider(0, LONGEST, 1, 9, label="letters read"),
            "left_out": Choice(["nothing", *HALVES], label="leave out"),
        },
        goal=Goal(
            f"Find a name and a place where the model is more than {SURE:.0%} sure, and gives a different answer "
            "without one of the two attentions.",
            lambda d: (
                d.left_out.startswith("attention")
                and d.whole.max() > SURE
                and int(d.p[-1].argmax()) != int(d.whole.argmax())
            ),
            solution=dict(name="washington", place=8, left_out="attention 1"),
        ),
        size=(7.6, 3.4),
        alt="Probabilities of the next letter read out after each half of two blocks, and how much each half adds.",
    )
