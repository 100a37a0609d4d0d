"""Explorer of chapter 16: words as points; which are nearest to a word, or to a sum such as king - man + woman?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import word_vectors
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.text import Text

Array = NDArray[np.float64]
MOST, LONGEST = 12, 48
SHOWN = 16  # letters of a word that is drawn
WIDTH, HEIGHT = 3.9, 3.3  # inches of the map's axes, about: for where names fit


@cache
def _table() -> tuple[list[str], dict[str, int], NDArray[np.float32]]:
    """Words, their places, and their vectors at length 1. They are cached: do not write into them."""
    words, vectors = word_vectors()
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return words, {word: i for i, word in enumerate(words)}, unit


@dataclass
class NearestWords:
    """query: signs and words, [(1.0, "king"), (-1.0, "man")]; unknown: words without a vector, which are left out.
    words, similarity: (n,) the nearest words that are not in the query, cosine from -1 to 1; places: (k + n, 2) the
    query's words and the nearest ones in the plane in which these points differ most; middle: (2,) the query's place.
    """

    query: list[tuple[float, str]]
    unknown: list[str]
    words: list[str]
    similarity: Array
    places: Array
    middle: Array


def parse(query: str) -> list[tuple[float, str]]:
    """The words of a query with their signs: "king - man + woman". A sign stands between blanks, so that well-known is
    one word; without one, words are added."""
    sign, found = 1.0, []
    for part in re.split(r"\s+", query.strip().lower()):
        if part in ("+", "-", "−"):
            sign = 1.0 if part == "+" else -1.0
        elif part:
            found.append((sign, part))
            sign = 1.0
    return found


def nearest_words(query: str, count: int) -> NearestWords:
    """The words whose vectors point most nearly where the query's sum points: each word of it counts at length 1."""
    words, places, unit = _table()
    asked = parse(query)
    known = [(sign, word) for sign, word in asked if word in places]
    unknown = [word for _, word in asked if word not in places]
    total = np.sum([sign * unit[places[word]] for sign, word in known], axis=0) if known else np.zeros(unit.shape[1])
    length = float(np.linalg.norm(total))
    if length < 1e-6:  # nothing known, or a word less itself
        return NearestWords(known, unknown, [], np.zeros(0), np.zeros((0, 2)), np.zeros(2))
    similarity = unit @ (total / length).astype(np.float32)
    similarity[[places[word] for _, word in known]] = -2
    top = np.argsort(-similarity, kind="stable")[:count]
    own = [places[word] for _, word in known]
    points = unit[[*own, *top]].astype(np.float64)
    centre = points.mean(axis=0)
    axes = np.linalg.svd(points - centre, full_matrices=False)[2][:2]
    axes = axes * np.where(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)] < 0, -1.0, 1.0)[:, None]  # one sign
    flat, middle = (points - centre) @ axes.T, (total / length - centre) @ axes.T
    return NearestWords(known, unknown, [words[i] for i in top], similarity[top].astype(np.float64), flat, middle)


def label_spots(points: Array, labels: list[str], span: Array) -> list[tuple[float, float, str] | None]:
    """Where each label fits: right, left, above or below its point, over no point and no earlier label, or None.
    points, span: in the map's units; a letter is about 0.075 inches wide, a line 0.17 high."""
    letter, line = 0.078 * span[0] / WIDTH, 0.19 * span[1] / HEIGHT
    dot = 0.06 * span / np.array([WIDTH, HEIGHT])
    taken = [(x - dot[0], y - dot[1], x + dot[0], y + dot[1]) for x, y in points]
    spots: list[tuple[float, float, str] | None] = []
    for (x, y), label in zip(points, labels, strict=True):
        w, gap = letter * len(label), 1.2 * letter
        for dx, dy in ((gap, 0.0), (-gap - w, 0.0), (-w / 2, 0.8 * line), (-w / 2, -0.8 * line)):
            box = (x + dx, y + dy - line / 2, x + dx + w, y + dy + line / 2)
            free = all(box[0] > b[2] or box[2] < b[0] or box[1] > b[3] or box[3] < b[1] for b in taken)
            if free and abs(box[0]) < span[0] / 2 and abs(box[2]) < span[0] / 2:
                taken.append(box)
                spots.append((x + dx, y + dy, label))
                break
        else:
            spots.append(None)
    return spots


def drawable(word: str) -> str:
    """The word as the picture's font can show it, not too long."""
    plain = "".join(c if ord(c) < 0x250 else "?" for c in word)
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"


class WordMapView:
    """Left the nearest words as bars, right the words in a plane."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1, 1.35])
        left.set(xlim=(0, 1), ylim=(MOST - 0.4, -0.9), yticks=[], xlabel="cosine similarity")
        left.set_title("Nearest words")
        left.grid(False)
        self.bars = left.hlines(np.arange(MOST), 0, 0, color=plots.SKY, lw=11, animated=True)
        self.names = [
            left.text(0.03, row, "", va="center", fontsize=9, parse_math=False, animated=True) for row in range(MOST)
        ]
        self.note = left.text(0.03, -0.5, "", fontsize=8.5, color=plots.VERMILLION, parse_math=False, animated=True)
        right.set(xlim=(-1, 1), ylim=(-1, 1), xticks=[], yticks=[])
        right.set_title("The plane in which they differ most")
        right.grid(False)
        (self.near,) = right.plot([], [], "o", color=plots.SKY, ms=6, animated=True)
        (self.own,) = right.plot([], [], "s", color=plots.ORANGE, ms=8, animated=True)
        (self.middle,) = right.plot([], [], "*", color=plots.VERMILLION, ms=13, animated=True)
        handles = [self.own, self.near, self.middle]
        figure.legend(handles, ["what you typed", "nearest", "the sum"], loc="outside lower right", ncols=3, fontsize=9)
        self.labels = [
            right.text(0, 0, "", va="center", fontsize=8.5, parse_math=False, animated=True)
            for _ in range(MOST + LONGEST)
        ]
        for text in (*self.names, *self.labels, self.note):
            text.set_in_layout(False)

    def update(self, d: NearestWords) -> None:
        n, k = len(d.words), len(d.query)
        widths = [max(0.0, s) for s in d.similarity] + [0.0] * (MOST - n)
        self.bars.set_segments([[(0, row), (w, row)] for row, w in enumerate(widths)])
        for row, text in enumerate(self.names):
            text.set_text(f"{drawable(d.words[row])}  {d.similarity[row]:.2f}" if row < n else "")
        lost = f"no vector: {drawable(d.unknown[0])}" if d.unknown else "" if n else "type a word"
        self.note.set_text(lost)
        reach = 1.45 * max(1e-6, float(np.abs(np.vstack([d.places, d.middle])).max())) if n else 1.0
        places, middle = d.places / reach, d.middle / reach
        self.own.set_data(*places[:k].T)
        self.near.set_data(*places[k:].T)
        self.middle.set_data(*middle[:, None])
        self.middle.set_visible(k > 1)
        names = [drawable(word) for word in [*(word for _, word in d.query), *d.words]] if n else []
        spots = label_spots(places, names, np.array([2.0, 2.0])) if n else []
        for i, text in enumerate(self.labels):
            spot = spots[i] if i < len(spots) else None
            text.set_text(spot[2] if spot else "")
            if spot:
                text.set_position(spot[:2])


def word_map_explorer() -> Explorer:
    """Type a word, or add and subtract words, and see which words are nearest."""
    _table()  # read now, so that no letter typed has to wait for it
    return Explorer(
        compute=nearest_words,
        draw=WordMapView,
        controls={
            "query": Text("good", LONGEST, ["king - man + woman", "not good"], label="words, with + or - between"),
            "count": Slider(3, MOST, 1, MOST, label="how many"),
        },
        goal=Goal(
            "Calculate a capital: type three words, other than Tokyo, whose sum is nearest to tokyo.",
            lambda d: len(d.query) == 3 and d.words[:1] == ["tokyo"],
            solution=dict(query="paris - france + japan"),
        ),
        presets={
            "good": dict(query="good"),
            "king - man + woman": dict(query="king - man + woman"),
            "dull": dict(query="dull"),
        },
        size=(7.0, 4.2),
        alt="The words nearest to what was typed, as bars of cosine similarity and as points in a plane.",
    )
