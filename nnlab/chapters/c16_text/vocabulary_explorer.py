"""Explorer of chapter 16: a larger vocabulary leaves fewer words unknown. What does it cost, and what does it gain?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import recorded_text
from nnlab.datasets.recorded_text import RecordedText
from nnlab.explore.controls import Choice, Levels
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[np.float64]
DIMENSION = 50  # parameters a word in a network's embedding
GOAL_LOSS, GOAL_WORDS = 0.02, 5000


@cache
def _recorded() -> RecordedText:
    return recorded_text()


@dataclass
class Vocabulary:
    """At one size, the most words that are kept: words known, shares of unknown words in training and held-out texts,
    accuracy of a bag of words; sizes (S,) and the same four over them, curve (S, 4); texts: how many the vocabulary was
    made of."""

    size: float
    texts: int
    words: int
    unknown_seen: float
    unknown: float
    accuracy: float
    sizes: Array
    curve: Array

    @property
    def best(self) -> float:
        """The highest accuracy over all sizes."""
        return float(self.curve[:, 3].max())


def vocabulary(size: float, texts: str) -> Vocabulary:
    """Keep the `size` most frequent words of `texts` training texts. Means over five folds, as data/train_text.py
    recorded them."""
    found = _recorded()
    row = found.curve[[f"{n:,}" for n in found.texts].index(texts)]
    at = row[int(np.flatnonzero(found.sizes == size)[0])]
    count, (seen, new, accuracy) = int(texts.replace(",", "")), at[1:].tolist()
    return Vocabulary(size, count, round(at[0]), seen, new, accuracy, found.sizes.astype(float), row.copy())


class VocabularyView:
    """Left the share of unknown words, right the accuracy, over the size."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        for ax in (left, right):
            ax.set(xscale="log", xlim=(40, 25_000), xlabel="words kept at most")
            ax.set_xticks([100, 1000, 10_000], ["100", "1,000", "10,000"])
            ax.minorticks_off()
        left.set(ylim=(0, 0.62), ylabel="share of words that are unknown")
        left.set_title("New texts bring new words")
        right.set(ylim=(0.5, 0.95), ylabel="accuracy, 5 folds")
        right.set_title("Accuracy of a bag of words")
        (self.new,) = left.plot([], [], "o-", color=plots.BLUE, ms=4, label="held-out texts", animated=True)
        (self.seen,) = left.plot([], [], "s--", color=plots.ORANGE, ms=4, label="training texts", animated=True)
        (self.accuracy,) = right.plot([], [], "o-", color=plots.BLUE, ms=4, animated=True)
        self.here = [ax.plot([], [], "o", color=plots.VERMILLION, ms=10, animated=True)[0] for ax in (left, right)]
        figure.legend(handles=[self.new, self.seen], loc="outside lower left", ncols=2, fontsize=9)
        self.text = right.text(0.03, 0.97, "", va="top", fontsize=9, linespacing=1.5, transform=right.transAxes)
        self.text.set(animated=True, in_layout=False)

    def update(self, d: Vocabulary) -> None:
        self.new.set_data(d.sizes, d.curve[:, 2])
        self.seen.set_data(d.sizes, d.curve[:, 1])
        self.accuracy.set_data(d.sizes, d.curve[:, 3])
        self.here[0].set_data([d.size], [d.unknown])
        self.here[1].set_data([d.size], [d.accuracy])
        self.text.set_text(
            f"{d.words:,} words, {DIMENSION * d.words:,} parameters\n"
            f"unknown in held-out texts {d.unknown:.1%}\naccuracy {d.accuracy:.3f}"
        )


def vocabulary_explorer() -> Explorer:
    """How many words to keep, out of how many texts."""
    found = _recorded()
    return Explorer(
        compute=vocabulary,
        draw=VocabularyView,
        controls={
            "size": Levels([float(n) for n in found.sizes], 200.0, label="words kept at most"),
            "texts": Choice([f"{n:,}" for n in found.texts], f"{found.texts[-1]:,}", label="training texts"),
        },
        goal=Goal(
            f"8,000 texts: keep at most {GOAL_WORDS:,} words, and stay within {GOAL_LOSS:.0%} of the best accuracy.",
            lambda d: d.texts == 8000 and d.words <= GOAL_WORDS and d.accuracy >= d.best - GOAL_LOSS,
            solution=dict(size=5000.0, texts="8,000"),
        ),
        size=(7.0, 3.7),
        alt="The share of unknown words and the accuracy of a bag of words over the size of the vocabulary.",
    )
