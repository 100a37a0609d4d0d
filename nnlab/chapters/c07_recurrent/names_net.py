"""The trained network that reads surnames letter by letter, for the explorer and for the notebook."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np

from nnlab.datasets import names_by_country, recurrent_weights
from nnlab.scratch import GRU, Linear, softmax


@cache
def _network() -> tuple[GRU, Linear, dict[str, int], list[str]]:
    """The GRU, its output layer, the index of each letter, and the countries."""
    weights = recurrent_weights("names")
    rng = np.random.default_rng(0)  # what it draws is overwritten
    units = weights["weight_hh_l0"].shape[1]
    cell, out = GRU(len(weights["letters"]), units, rng=rng), Linear(units, len(weights["out_bias"]), rng=rng)
    for layer, prefix in ((cell, ""), (out, "out_")):
        for name, value in layer.params.items():
            value[...] = weights[prefix + name]
    places = {letter: place for place, letter in enumerate(weights["letters"].tolist())}
    return cell, out, places, names_by_country().countries


@dataclass
class NamePrediction:
    """A name read letter by letter. `hidden`: (letters, units), the state after each letter; `p`: (letters, countries),
    the probabilities after each letter; `known`: (letters,), whether the network knows the letter; `shown`: the
    letter shown, counted from 0, -1 for a name without letters."""

    name: str
    hidden: np.ndarray
    p: np.ndarray
    countries: list[str]
    known: np.ndarray
    shown: int

    def answer(self, letter: int) -> tuple[str, float]:
        """The most probable country and its probability after this letter, counted from 0."""
        best = int(self.p[letter].argmax())
        return self.countries[best], float(self.p[letter, best])

    def changes_its_mind(self, sure: float) -> bool:
        """Whether the last prediction and an earlier one of another country both have at least probability `sure`."""
        answers = [self.answer(letter) for letter in range(len(self.p))]
        certain = {country for country, p in answers if p >= sure}
        return bool(answers) and answers[-1][1] >= sure and len(certain) > 1


def read_name(name: str, letters: int | None = None) -> NamePrediction:
    """Read a name. Capitals count as small letters; a letter the network doesn't know is all zeros to it.

    letters: after how many of them to look, all if left out or if the name is shorter."""
    cell, out, places, countries = _network()
    name = unicodedata.normalize("NFC", name)  # an accent typed separately joins its letter
    small = [letter.lower() for letter in name]
    x = np.zeros((1, max(1, len(small)), len(places)))
    for t, letter in enumerate(small):
        if letter in places:
            x[0, t, places[letter]] = 1
    hidden = cell(x)[:, : len(small)]
    known = np.array([letter in places for letter in small], bool)
    shown = min(letters or len(small), len(small)) - 1
    return NamePrediction(name, hidden[0], softmax(out(hidden))[0], countries, known, shown)
