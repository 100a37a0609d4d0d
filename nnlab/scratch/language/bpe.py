"""Byte-pair encoding: a vocabulary between letters and words, learned by counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from nnlab.checks import describe, need_axes, need_integers, need_size

Pair = tuple[int, int]


class BytePairs:
    """A tokenizer that starts with the 256 bytes and joins the most frequent pair of neighbours again and again.

        tokenizer = BytePairs(words, merges=200)
        tokenizer.encode("johnson") -> [..., ...];  tokenizer.decode(numbers) -> "johnson"

    words: texts to count in; no token crosses the end of a word. Of pairs that are equally frequent, the one with the
    smaller numbers is joined. `tokens`: the bytes of each number, the 256 single ones first; `merges`: the pairs in
    their order. Every text can be encoded, since every byte is a token. Learning ends early where no pair is left.
    Raises TypeError for words that are no texts, ValueError for a half of a surrogate pair, which UTF-8 cannot
    write. Source: Sennrich et al. 2016; on bytes: Radford et al. 2019.
    Twin: the package `tokenizers`, whose trainer makes the same merges.
    """

    def __init__(self, words: Iterable[str], merges: int):
        need_size(merges, "merges", 0)
        if isinstance(words, str):
            raise TypeError("words should be a list of texts; got one text: split it, or write [text].")
        if not isinstance(words, Iterable):
            raise TypeError(f"words should be a list of texts; got {describe(words)}.")
        self.tokens = [bytes([i]) for i in range(256)]
        self.merges: list[Pair] = []
        counted = Counter(map(_text, words))
        pieces = {word: _bytes(word) for word in counted}
        pairs: Counter[Pair] = Counter()
        places: dict[Pair, set[str]] = {}  # the words that a pair is in: only these change when it is joined
        for word, row in pieces.items():
            _count(pairs, places, word, row, counted[word])
        while len(self.merges) < merges and pairs:
            best = max(pairs, key=lambda pair: (pairs[pair], -pair[0], -pair[1]))
            new = len(self.tokens)
            self.merges.append(best)
            self.tokens.append(self.tokens[best[0]] + self.tokens[best[1]])
            for word in list(places[best]):
                _count(pairs, places, word, pieces[word], -counted[word])
                pieces[word] = join(pieces[word], best, new)
                _count(pairs, places, word, pieces[word], counted[word])
        self._rank = {pair: 256 + i for i, pair in enumerate(self.merges)}

    def encode(self, text: str) -> list[int]:
        """Numbers of tokens: of all pairs in the text, the one that was learned first is joined first."""
        row = _bytes(text)
        while len(row) > 1:
            first = min(pairwise(row), key=lambda pair: self._rank.get(pair, len(self.tokens)))
            if first not in self._rank:
                break
            row = join(row, first, self._rank[first])
        return row

    def decode(self, numbers: Sequence[int]) -> str:
        """The text of these tokens. Raises ValueError for a number that is no token, TypeError for what is no
        whole number; broken characters become �."""
        row = need_integers(numbers if len(numbers) else np.zeros(0, int), "numbers", len(self.tokens))
        need_axes(row, "tokens", "numbers")
        return b"".join(self.tokens[number] for number in row).decode(errors="replace")

    def pieces(self, text: str) -> list[str]:
        """The text of each token of `text`."""
        return [self.tokens[number].decode(errors="replace") for number in self.encode(text)]


def _text(word: object) -> str:
    if not isinstance(word, str):
        raise TypeError(f"Texts should be str; got {describe(word)}.")
    return word


def _bytes(text: str) -> list[int]:
    try:
        return list(_text(text).encode())
    except UnicodeEncodeError as error:
        raise ValueError(f"A text should be one that UTF-8 can write; got {text!r}: {error.reason}.") from None


def join(row: Sequence[int], pair: Pair, new: int) -> list[int]:
    """`row` with each neighbouring pair replaced by `new`, from left to right: 1 1 1 -> new 1."""
    out: list[int] = []
    i = 0
    while i < len(row):
        if i + 1 < len(row) and (row[i], row[i + 1]) == pair:
            out.append(new)
            i += 2
        else:
            out.append(row[i])
            i += 1
    return out


def _count(pairs: Counter[Pair], places: dict[Pair, set[str]], word: str, row: list[int], times: int) -> None:
    """Count the pairs of a word `times` more often, or less; a pair that is nowhere any more is dropped."""
    for pair in pairwise(row):
        pairs[pair] += times
        if times > 0:
            places.setdefault(pair, set()).add(word)
        elif pair in places:
            places[pair].discard(word)
        if pairs[pair] <= 0:
            del pairs[pair]
