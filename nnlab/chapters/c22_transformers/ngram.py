"""Models that count: how often does each symbol follow the last few ones? The baseline that a GPT has to beat."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import need_size
from nnlab.datasets.letters import IGNORED

Array = NDArray[Any]


class NGram:
    """Probabilities of the next symbol from the last n - 1 ones, smoothed by Witten and Bell's rule.

    P_n(c | h) = (count(h c) + T(h) P_n-1(c | h')) / (count(h) + T(h)), where T(h) counts the different symbols that
    followed h, and h' is h without its first symbol; a history that was never seen has P_n-1 only, and P_0 is
    1 / vocabulary. So a history that many different symbols followed leaves more to the shorter one.

    x, y: (N, T) as `encode_names` makes them; before the row begins lies nothing, written as one more symbol.
    Source: Witten & Bell 1991; Chen & Goodman 1998, section 2.5.
    """

    def __init__(self, n: int, x: Array, y: Array, vocabulary: int):
        self.n, self.vocabulary = need_size(n, "n"), need_size(vocabulary, "vocabulary")
        asked = y != IGNORED
        self.tables = []  # for each length of history: its codes, with the counts of what followed
        for k in range(n):
            codes, at = np.unique(self._histories(x, k)[asked], return_inverse=True)
            counts = np.zeros((len(codes), vocabulary))
            np.add.at(counts, (at, y[asked]), 1)
            self.tables.append((codes, counts))

    def _histories(self, x: Array, k: int) -> Array:
        """The last k symbols of x up to each place as one number: (N, T)."""
        padded = np.pad(x + 1, ((0, 0), (k, 0)))
        code = np.zeros(x.shape, np.int64)
        for back in range(k):
            code += padded[:, k - back : k - back + x.shape[1]] * (self.vocabulary + 1) ** back
        return code

    def probabilities(self, x: Array) -> Array:
        """P of the next symbol at each place: (N, T, vocabulary)."""
        p = np.full((*x.shape, self.vocabulary), 1 / self.vocabulary)
        for k, (codes, counts) in enumerate(self.tables):
            history = self._histories(x, k)
            row = np.searchsorted(codes, history).clip(max=len(codes) - 1)
            seen = counts[row] * (codes[row] == history)[..., None]
            different = (seen > 0).sum(axis=-1, keepdims=True)
            total = seen.sum(axis=-1, keepdims=True)
            p = np.where(total > 0, (seen + different * p) / np.maximum(total + different, 1), p)
        return p

    def nats(self, x: Array, y: Array) -> float:
        """The mean cross-entropy of the targets, in nats a symbol."""
        p = self.probabilities(x)
        asked = y != IGNORED
        return float(-np.log(p[asked, y[asked]]).mean())

    @property
    def entries(self) -> int:
        """How many pairs of a history and what followed it are stored: its "parameters"."""
        return sum(int((counts > 0).sum()) for _, counts in self.tables)
