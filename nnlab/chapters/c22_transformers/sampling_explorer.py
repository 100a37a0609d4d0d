"""Explorer of chapter 22: the shipped GPT writes surnames, a letter at a time, by your temperature, top-k and top-p."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets.letters import LETTERS
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.run import Run
from nnlab.scratch import next_probabilities

from .writer import LONGEST, real_names, writer

Array = NDArray[Any]
WANTED, REAL, LENGTH, SHOWN = 12, 6, 600, 75


@dataclass
class Writing:
    """Where a run stands: names that are done, symbols of the present one, the generator that draws, and the logits."""

    rng: np.random.Generator
    done: list[str] = field(default_factory=list)
    row: list[int] = field(default_factory=lambda: [0])
    logits: Array | None = None

    def next_logits(self) -> Array:
        """Logits of what comes after the row, (27,), computed once a letter."""
        if self.logits is None:
            self.logits = writer()(np.array([self.row]))[0, -1].astype(np.float64)
        return self.logits


def _begin(temperature: float, top_k: int, top_p: float) -> Writing:
    return Writing(np.random.default_rng(0))


def _advance(state: Writing, temperature: float, top_k: int, top_p: float) -> None:
    """Draw one symbol; a dot, or a name of 13 letters, ends the name."""
    p = next_probabilities(state.next_logits(), temperature, top_k, top_p)
    new = int(state.rng.choice(len(p), p=p))
    if new:
        state.row.append(new)
    if new == 0 or len(state.row) > LONGEST:
        state.done.append("".join(LETTERS[i] for i in state.row[1:]))
        state.row = [0]
    state.logits = None


@dataclass
class Sampling:
    """plain, cut: (27,) probabilities of the next symbol by the model, and as they are drawn from; kept: how many are
    left. begun: the present name; names: the last 12 that are done; real: which of them are in the census, (n,)."""

    plain: Array
    cut: Array
    kept: int
    begun: str
    names: list[str]
    real: list[bool]
    count: int


def sampling(state: Writing, temperature: float, top_k: int, top_p: float) -> Sampling:
    """The next letter, and what was written so far."""
    logits = state.next_logits()
    cut = next_probabilities(logits, temperature, top_k, top_p)
    last = state.done[-WANTED:]
    real = [name in real_names() for name in last]
    begun = "".join(LETTERS[i] for i in state.row[1:])
    return Sampling(next_probabilities(logits), cut, int((cut > 0).sum()), begun, last, real, len(state.done))


class SamplingView:
    """Left the probabilities of the next symbol, right the names."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.6, 1])
        left.set(xlim=(-0.7, 26.7), ylim=(0, 1.24), yticks=np.arange(6) / 5, ylabel="probability")
        left.set_xticks(range(27), ["\nend", *LETTERS[1:]], fontsize=8)
        left.set_title("The next letter is drawn from the blue bars")
        places = np.arange(27)
        self.cut = left.bar(places, np.zeros(27), 0.85, color=plots.BLUE, label="drawn from", animated=True)
        (self.plain,) = left.plot([], [], "_", color=plots.BLACK, ms=9, mew=1.6, label="the model", animated=True)
        self.begun = left.text(0.02, 0.9, "", transform=left.transAxes, ha="left", fontsize=12, animated=True)
        self.kept = left.text(0.98, 0.9, "", transform=left.transAxes, ha="right", fontsize=9, animated=True)
        right.set(xlim=(0, 1), ylim=(WANTED + 1.4, -0.6), xticks=[], yticks=[])
        right.grid(False)
        right.spines[:].set_visible(False)
        right.set_title("The last 12 names")
        self.names = [right.text(0.16, i, "", va="center", fontsize=9.5, animated=True) for i in range(WANTED)]
        self.marks = [right.text(0.04, i, "", va="center", fontsize=9.5, animated=True) for i in range(WANTED)]
        self.sum = right.text(0.04, WANTED + 0.7, "", va="center", fontsize=8.5, color=plots.GREY, animated=True)
        figure.legend(handles=[self.cut, self.plain], loc="outside lower left", ncols=2, fontsize=9)

    def update(self, d: Sampling) -> None:
        for bar, height in zip(self.cut, d.cut, strict=True):
            bar.set_height(float(height))
        self.plain.set_data(np.arange(27), d.plain)
        self.begun.set_text(f"{d.begun}_")
        self.kept.set_text(f"{d.kept} of 27 can come")
        for i, (text, mark) in enumerate(zip(self.names, self.marks, strict=True)):
            there = i < len(d.names)
            text.set_text(d.names[i] or "(empty)" if there else "")
            mark.set_text("✓" if there and d.real[i] else "")
            text.set_color(plots.BLUE if there and d.real[i] else plots.BLACK)
        self.sum.set_text(f"✓ in the census: {sum(d.real)} of {len(d.names)}")


def sampling_explorer() -> Explorer:
    """A GPT of 104,448 parameters writes surnames, live."""
    real_names()  # read now, so that no move of a control has to wait for it
    writer()
    return Explorer(
        compute=sampling,
        draw=SamplingView,
        controls={
            "temperature": Slider(0.1, 3.0, 0.1, 1.0, label="temperature"),
            "top_k": Slider(1, 27, 1, 27, label="top-k"),
            "top_p": Slider(0.05, 1.0, 0.05, 1.0, label="top-p"),
        },
        run=Run(
            begin=_begin,
            advance=_advance,
            length=LENGTH,
            unit="letter",
            live=["temperature", "top_k", "top_p"],
            shown=SHOWN,
            per_frame=1,
            pause=0.06,
            caption=lambda d: f"{d.count} names",
        ),
        goal=Goal(
            f"Let it write {WANTED} names, all different, of which at least {REAL} are real. "
            "Too bold, and they are not real; too timid, and they repeat.",
            lambda d: len(d.names) == WANTED == len(set(d.names)) and sum(d.real) >= REAL,
            solution=dict(temperature=0.3, top_k=27, top_p=1.0),
            steps=150,
        ),
        presets={
            "plain": dict(temperature=1.0, top_k=27, top_p=1.0),
            "hot": dict(temperature=2.5, top_k=27, top_p=1.0),
            "hot, top-p 0.7": dict(temperature=2.5, top_k=27, top_p=0.7),
            "greedy": dict(temperature=1.0, top_k=1, top_p=1.0),
        },
        size=(7.4, 3.9),
        alt="Bars: probabilities of a name's next letter, before and after temperature and cuts; a list of names.",
    )
