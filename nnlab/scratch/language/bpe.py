"""Byte-pair encoding: a vocabulary between letters and words, learned by counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from nnlab.checks import describe, need_size

Pair = tuple[int, int]


class BytePairs:
    """A tokeniser that starts with the 256 bytes and joins the most frequent pair of neighbours again and again.

        tokeniser = BytePairs(words, merges=200)
        tokeniser.encode("johnson") -> [..., ...];  tokeniser.decode(numbers) -> "johnson"

    words: texts to count in; no token crosses the end of a word. Of pairs that are equally frequent, the one with the
    smaller numbers is joined. `tokens`: the bytes of each number, the 256 single ones first; `merges`: the pairs in
    their order. Every text can be encoded, since every byte is a token. Learning ends early where no pair is left.
    Raises TypeError for words that are no texts. Source: Sennrich et al. 2016; on bytes: Radford et al. 2019.
    Twin: the package `tokenizers`, whose trainer makes the same merges.
    """

    def __init__(self, words: Iterable[str], merges: int):
        need_size(merges, "merges", 0)
        if isinstance(words, str):
            raise TypeError("words should be a list of texts; got one text: split it, or write [text].")
        self.tokens = [bytes([i]) for i in range(256)]
        self.merges: list[Pair] = []
        counted = Counter(words)
        if any(not isinstance(word, str) for word in counted):
            raise TypeError(
                f"words should be texts; got {describe(next(w for w in counted if not isinstance(w, str)))}."
            )
        pieces = {word: list(word.encode()) for word in counted}
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
        row = list(text.encode())
        while len(row) > 1:
            first = min(pairwise(row), key=lambda pair: self._rank.get(pair, len(self.tokens)))
            if first not in self._rank:
                break
            row = join(row, first, self._rank[first])
        return row

    def decode(self, numbers: Sequence[int]) -> str:
        """The text of these tokens. Raises ValueError for a number that is no token; broken characters become �."""
        for number in numbers:
            if not 0 <= number < len(self.tokens):
                raise ValueError(f"numbers should be from 0 to {len(self.tokens) - 1}, the tokens; got {number}.")
        return b"".join(self.tokens[number] for number in numbers).decode(errors="replace")

    def pieces(self, text: str) -> list[str]:
        """The text of each token of `text`."""
        return [self.tokens[number].decode(errors="replace") for number in self.encode(text)]


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
