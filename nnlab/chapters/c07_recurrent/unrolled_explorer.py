"""Explorer of chapter 07: a recurrent network unrolled over the letters of a name that you type."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from nnlab import plots
from nnlab.chapters.c07_recurrent.names_net import NamePrediction, read_name
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.text import Text

LONGEST, SURE = 16, 0.6


def _cells(ax: Axes, rows: int, colours: Any, low: float) -> QuadMesh:
    """Coloured cells, one column a letter, for values from `low` to 1. (An image takes ten times as long to draw.)"""
    x, y = np.arange(LONGEST + 1) - 0.5, np.arange(rows + 1) - 0.5
    return ax.pcolormesh(x, y, np.full((rows, LONGEST), np.nan), cmap=colours, vmin=low, vmax=1, animated=True)


class UnrolledView:
    """One column a letter: above the hidden state after it, below the probability of each country, at one letter
    as bars."""

    def __init__(self, figure: Figure):
        units, countries = 32, read_name("a").countries
        (state, side), (answers, bars) = figure.subplots(2, 2, width_ratios=[2.4, 1], height_ratios=[1.05, 1])
        edges = (-0.5, LONGEST - 0.5)
        state.set(xticks=[], yticks=[], ylabel=f"{units} units")
        state.set_title("Each letter rewrites the hidden state", pad=22)
        self.state = _cells(state, units, plots.DIVERGING, -1)
        self.letters = [
            state.text(t, -1.2, "", ha="center", va="bottom", weight="bold", fontsize=11, animated=True, clip_on=False)
            for t in range(LONGEST)
        ]
        answers.set(xticks=[], yticks=range(len(countries)), yticklabels=countries)
        answers.set_title("… and with it the answer")
        answers.tick_params(axis="y", labelsize=8, length=0)
        self.answers = _cells(answers, len(countries), "Blues", 0)
        self.frames = []
        for ax, rows in ((state, units), (answers, len(countries))):
            ax.grid(False)
            ax.spines[:].set_visible(False)
            ax.set(xlim=edges, ylim=(rows - 0.5, -0.5))
            ax.vlines(np.arange(1, LONGEST) - 0.5, -0.5, rows - 0.5, color=plots.PAPER, lw=1.5, animated=True)
            box = Rectangle((0, -0.5), 1, rows, fill=False, ec=plots.BLACK, lw=2, animated=True, clip_on=False)
            self.frames.append(ax.add_patch(box))
        bars.set(xlim=(0, 1.05), ylim=answers.get_ylim(), xticks=[0, 0.5, 1], yticks=range(len(countries)))
        bars.set_xlabel("probability")
        bars.set_yticklabels([])
        bars.set_title("In the frame")
        self.bars = bars.hlines(range(len(countries)), 0, 0, color=plots.SKY, lw=8, animated=True, capstyle="butt")
        side.text(0, 0.16, "−1", ha="center", fontsize=8)
        side.text(1, 0.16, "1", ha="center", fontsize=8)
        side.text(0.5, 0.16, "a unit", ha="center", fontsize=8)
        scale = np.linspace(-1, 1, 64)[None]
        side.imshow(scale, cmap=plots.DIVERGING, vmin=-1, vmax=1, extent=(0, 1, 0.05, 0.12), aspect="auto")
        side.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[], frame_on=False)
        self.read = side.text(0, 1.0, "", va="top", animated=True)
        self.answer = side.text(0, 0.72, "", va="top", weight="bold", fontsize=12, animated=True)
        self.note = side.text(0, 0.52, "", va="top", fontsize=9, color=plots.VERMILLION, animated=True)
        for text in (*self.letters, self.read, self.answer, self.note):
            text.set_in_layout(False)  # else the first name shown would determine where the axes are

    def update(self, d: NamePrediction) -> None:
        count = len(d.p)
        for cells, values in ((self.state, d.hidden), (self.answers, d.p)):
            columns = np.full((values.shape[1], LONGEST), np.nan)
            columns[:, :count] = values.T
            cells.set_array(columns)
        for t, text in enumerate(self.letters):
            text.set_text("" if t >= count else d.name[t] if d.known[t] else "?")
            text.set_color(plots.BLACK if t >= count or d.known[t] else plots.VERMILLION)
        for box in self.frames:
            box.set_x(d.shown - 0.5)
            box.set_visible(d.shown >= 0)
        p = d.p[d.shown] if count else np.zeros(d.p.shape[1])
        self.bars.set_segments([[(0, row), (width, row)] for row, width in enumerate(p.tolist())])
        self.bars.set_color([plots.BLUE if row == p.argmax() else plots.SKY for row in range(len(p))])
        if not count:
            self.read.set_text("Type a name.")
            self.answer.set_text("")
        else:
            so_far = "".join(c if known else "?" for c, known in zip(d.name, d.known, strict=True))[: d.shown + 1]
            self.read.set_text(f"after\n“{so_far}”:")
            self.answer.set_text("{}, {:.0%}".format(*d.answer(d.shown)))
        unknown = int((~d.known).sum())
        self.note.set_text(
            f"? was in no training name:\nthe network reads\nnothing there ({unknown}×)" if unknown else ""
        )


def unrolled_explorer() -> Explorer:
    """Type a surname: a trained GRU reads it letter by letter, and predicts after each which country it comes from."""
    return Explorer(
        compute=read_name,
        draw=UnrolledView,
        controls={
            "name": Text("Bergström", LONGEST, ["Petrović", "Rossinen"], label="a surname", help="type any name"),
            "letters": Slider(1, LONGEST, 1, LONGEST, label="look after letter"),
        },
        goal=Goal(
            "Make it change its mind: type a name for which it is at least 60% sure of one country after some letter, "
            "and at least 60% sure of a different one after the last.",
            lambda d: d.changes_its_mind(SURE),
            solution=dict(name="Rossinen"),
        ),
        presets={name: dict(name=name) for name in ("Müller", "Muller", "Wanjiku", "Kowalski")},
        size=(7.0, 5.0),
        alt="A name's letters as columns: above, the hidden state after each letter as coloured cells; below, the "
        "probability of 14 countries after each letter.",
    )
