"""Explorer of chapter 16: type a sentence; what would a network say without each word, and where does it look?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.text import Text

if TYPE_CHECKING:
    from nnlab.pytorch.text import TextPipeline

Array = NDArray[np.float64]
LONGEST, ROWS = 90, 18  # letters of a sentence; tokens that are drawn
START = "A dull story, but the music is wonderful."
SURE = 0.9


@cache
def _pipeline() -> TextPipeline:
    from nnlab.pytorch.text import trained_pipeline  # here: PyTorch is not loaded before the explorer is opened

    return trained_pipeline()


@dataclass
class WordEffects:
    """tokens: of the sentence (T); known, dropped: (T,) booleans; positive: probability of "positive" for the sentence
    with one token dropped, or none; whole: for all of it; effects: (T,) probability of "positive" less what it is
    without the token, of the sentence as it is read, 0 for the dropped one; attention: (T,) weights that add up to 1,
    0 for the dropped one."""

    tokens: list[str]
    known: NDArray[np.bool_]
    dropped: NDArray[np.bool_]
    positive: float
    whole: float
    effects: Array
    attention: Array


def word_effects(sentence: str, drop: int) -> WordEffects:
    """Ask the network about the sentence, and about the sentence without each of its tokens. drop: the number of a
    token that is taken out first, counted from 1; 0 for none."""
    import torch

    from nnlab.pytorch.text import without_each_token

    pipeline = _pipeline()
    tokens = pipeline.tokenizer.tokens(sentence)
    known = np.array([token in pipeline.tokenizer.ids for token in tokens], bool)
    dropped = np.arange(1, len(tokens) + 1) == drop
    ids = np.array(pipeline.tokenizer.encode(sentence))
    kept = np.flatnonzero(~dropped) if tokens else np.array([0])
    read = torch.from_numpy(ids[kept] if len(kept) else np.array([1]))
    whole = float(pipeline.probabilities_of(torch.from_numpy(ids)[None])[0, 1])
    positive = float(pipeline.probabilities_of(read[None])[0, 1])
    effects, attention = np.zeros(len(tokens)), np.zeros(len(tokens))
    if tokens and len(kept):
        effects[kept] = positive - pipeline.probabilities_of(without_each_token(read))[:, 1]
        attention[kept] = pipeline.model.attention(read[None])[0].double().numpy()
    return WordEffects(tokens, known, dropped, positive, whole, effects, attention)


def drawable(token: str) -> str:
    """The token as the picture's font can show it, not too long."""
    plain = "".join(c if ord(c) < 0x250 else "?" for c in token)
    return plain if len(plain) <= 14 else plain[:13] + "…"


class WordEffectsView:
    """Left the effect of each token, right its attention weight, above the answer."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1.75, 1])
        left.set(xlim=(-1.62, 1.02), ylim=(ROWS - 0.4, -2.1), yticks=[], xlabel="P(positive) less P without the word")
        left.set_xticks([-1, -0.5, 0, 0.5, 1])
        left.set_title("What each word adds")
        right.set(xlim=(0, 1.02), ylim=(ROWS - 0.4, -2.1), yticks=[], xlabel="attention weight, adds up to 1")
        right.set_title("Where it looks")
        for ax in (left, right):
            ax.grid(False)
        left.axvline(0, ymax=0.9, color=plots.GREY, lw=0.8)
        rows = np.arange(ROWS)
        self.effects = left.hlines(rows, 0, 0, lw=8, animated=True)
        self.weights = right.hlines(rows, 0, 0, color=plots.PURPLE, lw=8, animated=True)
        self.names = [
            left.text(-1.58, row, "", va="center", fontsize=9, parse_math=False, animated=True) for row in rows
        ]
        self.answer = left.text(-1.58, -1.45, "", va="center", weight="bold", fontsize=10.5, animated=True)
        self.more = right.text(1.0, -1.45, "", va="center", ha="right", fontsize=8.5, color=plots.GREY, animated=True)
        for text in (*self.names, self.answer, self.more):
            text.set_in_layout(False)

    def update(self, d: WordEffects) -> None:
        n = min(len(d.tokens), ROWS)
        effects, weights = np.zeros(ROWS), np.zeros(ROWS)
        effects[:n], weights[:n] = d.effects[:n], d.attention[:n]
        self.effects.set_segments([[(0, row), (value, row)] for row, value in enumerate(effects)])
        self.effects.set_color([plots.BLUE if value >= 0 else plots.ORANGE for value in effects])
        self.weights.set_segments([[(0, row), (value, row)] for row, value in enumerate(weights)])
        for row, text in enumerate(self.names):
            text.set_text(
                "" if row >= n else f"({drawable(d.tokens[row])})" if d.dropped[row] else drawable(d.tokens[row])
            )
            text.set_color(
                plots.GREY
                if row < n and d.dropped[row]
                else plots.VERMILLION
                if row < n and not d.known[row]
                else plots.BLACK
            )
        label, p = ("positive", d.positive) if d.positive >= 0.5 else ("negative", 1 - d.positive)
        self.answer.set_text(f"{label}, {p:.0%} sure")
        lost = int((~d.known).sum())
        notes = [f"{lost} unknown (red)"] if lost else []
        notes += [f"{len(d.tokens) - n} more not drawn"] if len(d.tokens) > n else []
        self.more.set_text(", ".join(notes))


def word_effects_explorer() -> Explorer:
    """A trained BiLSTM with attention pooling on any sentence."""
    word_effects(START, 0)  # loads the network, so that no letter typed has to wait for it
    return Explorer(
        compute=word_effects,
        draw=WordEffectsView,
        controls={
            "sentence": Text(
                START, LONGEST, ["It isn't bad at all.", "I laughed at how bad it is."], label="a sentence"
            ),
            "drop": Slider(0, ROWS, 1, 0, label="drop word number"),
        },
        goal=Goal(
            f"Make it at least {SURE:.0%} sure of “positive” with a sentence in which the word bad stays.",
            lambda d: (
                any(t == "bad" and not gone for t, gone in zip(d.tokens, d.dropped, strict=True)) and d.positive >= SURE
            ),
            solution=dict(sentence="The bad guys are funny, and the music is wonderful and moving.", drop=0),
        ),
        presets={
            "good": dict(sentence="This film is good.", drop=0),
            "not good": dict(sentence="This film is not good.", drop=0),
            "irony": dict(sentence="Oh great, another two hours of my life that I will treasure.", drop=0),
        },
        size=(7.0, 5.2),
        alt="A sentence's words with bars: how much each one moves the answer, and the attention weight it gets.",
    )
