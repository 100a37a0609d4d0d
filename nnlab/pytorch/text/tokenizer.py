"""From a text to whole numbers, one for each token, and back."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence, Sized
from typing import Any

import numpy as np

from nnlab.checks import describe, need_integers, need_size

PAD, UNKNOWN = "<pad>", "<unk>"
PAD_ID, UNKNOWN_ID = 0, 1
# "don't" -> do n't, "it's" -> it 's, as the shipped word vectors have them; then words, then any other sign by itself
_TOKEN = re.compile(r"\w+(?=n't\b)|n't\b|'(?:s|re|ve|ll|d|m)\b|\w+|[^\w\s]")


class Tokenizer:
    """Text -> tokens -> numbers, in the same way wherever it is used: when the vocabulary is made, in training and when
    somebody types a sentence.

        tokenizer = Tokenizer.fit(training_texts, min_count=2, max_length=60)
        ids = tokenizer.encode("It isn't good.")        # 5 or 6 whole numbers
        tokenizer.decode(ids)                           # ["it", "is", "n't", "good", "."]

    vocabulary: the known tokens, without repeats; the first gets number 2. Number 0 is padding and 1 an unknown token.
    max_length: tokens after this many are cut off; None keeps all.

    Tokens are made from small letters in Unicode's normal form NFKC: a run of letters and digits is one, a
    contraction's end ("n't", "'s") is one, and so is any other sign. Raises ValueError for tokens that occur twice or
    that are no text, TypeError where a text is expected and something else comes.
    """

    def __init__(self, vocabulary: Sequence[str], *, max_length: int | None = None):
        if isinstance(vocabulary, str) or not isinstance(vocabulary, Iterable):
            raise TypeError(f"vocabulary should be a list of tokens (strings); got {describe(vocabulary)}.")
        self.vocabulary = [PAD, UNKNOWN, *vocabulary]
        if bad := [token for token in self.vocabulary if not isinstance(token, str)]:
            raise TypeError(f"vocabulary should be a list of tokens (strings); got {describe(bad[0])}.")
        self.ids = {token: number for number, token in enumerate(self.vocabulary)}
        if len(self.ids) < len(self.vocabulary):
            twice = next(token for token, n in Counter(self.vocabulary).items() if n > 1)
            raise ValueError(
                f"Each token should occur once in the vocabulary, besides {PAD} and {UNKNOWN}; got {twice!r} twice."
            )
        self.max_length = None if max_length is None else need_size(max_length, "max_length")

    @classmethod
    def fit(
        cls,
        texts: Iterable[str],
        *,
        min_count: int = 1,
        max_size: int | None = None,
        max_length: int | None = None,
    ) -> Tokenizer:
        """A tokenizer that knows the tokens of these texts, the most frequent first (ties in alphabetical order).

        min_count: a token is kept if it occurs at least this often; max_size: at most this many are kept. Give it
        training texts only: the vocabulary is learned, like a weight."""
        need_size(min_count, "min_count")
        counts = Counter(token for text in need_texts(texts) for token in tokenize(text))
        kept = sorted((token for token, n in counts.items() if n >= min_count), key=lambda t: (-counts[t], t))
        size = None if max_size is None else need_size(max_size, "max_size")
        return cls(kept[:size], max_length=max_length)

    def __len__(self) -> int:
        """How many numbers there are, padding and unknown included: the rows of an embedding."""
        return len(self.vocabulary)

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text, at most max_length; none for a text without any sign."""
        return tokenize(text)[: self.max_length]

    def encode(self, text: str) -> list[int]:
        """The numbers of a text's tokens. A text without tokens gives one unknown token, so that a network has
        something to read."""
        return [self.ids.get(token, UNKNOWN_ID) for token in self.tokens(text)] or [UNKNOWN_ID]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The tokens of these numbers, without padding; "<unk>" where the token was unknown. Raises ValueError for a
        number that is none, TypeError for what is no whole number."""
        row = np.asarray(ids if isinstance(ids, (str, Sized)) else list(ids))
        found = need_integers(row if row.size else row.astype(int), "A token's number", len(self))
        return [self.vocabulary[i] for i in found if i != PAD_ID]

    def unknown(self, texts: Iterable[str]) -> float:
        """The share of all tokens of these texts that are unknown, 0 to 1; nan if there are no tokens."""
        known = [token in self.ids for text in need_texts(texts) for token in self.tokens(text)]
        return 1 - float(np.mean(known)) if known else float("nan")

    def state(self) -> dict[str, Any]:
        """What `from_state` makes the same tokenizer of: text and numbers, which a checkpoint or JSON can hold."""
        return {"vocabulary": self.vocabulary[2:], "max_length": self.max_length}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Tokenizer:
        """The tokenizer whose `state` this is. Raises ValueError if something is missing."""
        try:
            return cls(state["vocabulary"], max_length=state["max_length"])
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"This is no tokenizer's state, which has a vocabulary and a max_length: {error}."
            ) from None

    def __repr__(self) -> str:
        return f"Tokenizer({len(self) - 2:,} tokens, max_length={self.max_length})"


def need_texts(texts: Any) -> Any:
    """`texts`, or TypeError for one text, whose letters would be taken for texts, and for what is no list."""
    if isinstance(texts, str):
        raise TypeError('texts should be a list of texts; got one text: write ["..."].')
    if not isinstance(texts, Iterable):
        raise TypeError(f"texts should be a list of texts; got {describe(texts)}.")
    return texts


def tokenize(text: str) -> list[str]:
    """All tokens of a text: the rule, without a vocabulary. Raises TypeError for anything that is no text."""
    if not isinstance(text, str):
        raise TypeError(f"A text should be a string, got {describe(text)}.")
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").replace("''", '"').lower()
    return _TOKEN.findall(plain)
