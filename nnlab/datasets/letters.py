"""Surnames letter by letter, cut into parts and written as rows of numbers, for models that write letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import describe, need_integers, need_size

from .files import names

Array = NDArray[Any]
LETTERS = ".abcdefghijklmnopqrstuvwxyz"  # 0 stands before the first letter and after the last one
IGNORED = -100  # a target that no loss counts, as PyTorch's ignore_index
LONGEST = 13
HELD_BACK = 8_000


class LetterNames(NamedTuple):
    """What `letter_names` returns: three lists of names in small letters."""

    train: list[str]
    validation: list[str]
    test: list[str]


def letter_names(seed: int = 0) -> LetterNames:
    """The 88,799 last names of `names` in small letters: 72,799 to train on, 8,000 for every choice, 8,000 to judge by.

    Each name occurs once, however many people have it. The cut is drawn by `seed`."""
    found = [name.lower() for name in names("last").names]
    order = np.random.default_rng(seed).permutation(len(found))
    held = HELD_BACK
    parts = (order[: -2 * held], order[-2 * held : -held], order[-held:])
    return LetterNames(*([found[i] for i in part] for part in parts))


def encode_names(texts: Sequence[str], length: int = LONGEST + 1) -> tuple[Array, Array]:
    """Names as inputs x and targets y, both (N, length) int64: y[:, t] is the symbol that follows x[:, : t + 1].

    "ann" becomes x = . a n n . . and y = a n n . - -: a dot before the first letter and after the last, numbers as in
    LETTERS, and IGNORED where the name is over. length: at least one more than the longest name has letters. Raises
    ValueError for a longer name or another symbol, TypeError for what is no list of names."""
    need_size(length, "length")
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise TypeError(f"texts should be a list of names; got {describe(texts)}.")
    x = np.zeros((len(texts), length), np.int64)
    y = np.full((len(texts), length), IGNORED, np.int64)
    for row, text in enumerate(texts):
        if len(text) >= length:
            raise ValueError(f"Names should have at most {length - 1} letters; got {text!r} with {len(text)}.")
        codes = [LETTERS.find(letter) for letter in text]
        if not all(code > 0 for code in codes):
            raise ValueError(f"Names should be small letters from a to z; got {text!r}.")
        x[row, 1 : len(text) + 1] = codes
        y[row, : len(text) + 1] = [*codes, 0]
    return x, y


def decode_names(x: Any) -> list[str]:
    """Rows of numbers as names: from the first letter to the next dot. x: (N, L), with or without the dot in front."""
    rows = need_integers(x, "x, rows of symbols,", len(LETTERS))
    if rows.ndim != 2:
        raise ValueError(f"x should have shape (N, L), a row for each name; got {rows.shape}.")
    texts = ("".join(LETTERS[i] for i in row) for row in rows)
    return [text.removeprefix(".").split(".")[0] for text in texts]
