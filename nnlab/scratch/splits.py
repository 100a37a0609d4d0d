"""Cross-validation splits under scikit-learn's names: `for train, test in KFold(5).split(x): ...` gives row numbers.

What must not be known in training must be on one side of the cut: rows of one person (GroupKFold), the future
(TimeSeriesSplit). Without shuffling, all give exactly scikit-learn's rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlab.checks import Array, as_array, need_rng, need_size

Rows = tuple[Array, Array]  # of the training part and of the test part


class Splitter:
    """Cuts N rows into `n_splits` pairs of training and test rows. Raises ValueError for fewer rows than folds."""

    def __init__(self, n_splits: int = 5):
        self.n_splits = need_size(n_splits, "n_splits", 2)

    def split(self, x: Any, y: Any = None, groups: Any = None) -> Iterator[Rows]:
        """Yield (training rows, test rows), n_splits times. x: (N, ...), of which only N matters."""
        n = len(as_array(x))
        fold = self.folds(n, y, groups)
        for k in range(self.n_splits):
            yield np.flatnonzero(fold != k), np.flatnonzero(fold == k)

    def folds(self, n: int, y: Any, groups: Any) -> Array:
        """The number of the fold in which each row is tested, (N,)."""
        raise NotImplementedError

    def _need_rows(self, n: int, what: str = "rows") -> None:
        if n < self.n_splits:
            raise ValueError(f"{self.n_splits} folds need at least {self.n_splits} {what}, got {n}.")


class KFold(Splitter):
    """Consecutive folds of equal size, the first ones one row larger where it does not come out even.

    rng: shuffle the rows first. Without it, rows sorted by class give folds of one class each.
    Twin: `sklearn.model_selection.KFold`."""

    def __init__(self, n_splits: int = 5, *, rng: np.random.Generator | None = None):
        super().__init__(n_splits)
        self.rng = None if rng is None else need_rng(rng)

    def folds(self, n: int, y: Any, groups: Any) -> Array:
        self._need_rows(n)
        sizes = np.full(self.n_splits, n // self.n_splits) + (np.arange(self.n_splits) < n % self.n_splits)
        fold = np.repeat(np.arange(self.n_splits), sizes)
        if self.rng is None:
            return fold
        shuffled = np.empty(n, int)
        shuffled[self.rng.permutation(n)] = fold
        return shuffled


class StratifiedKFold(KFold):
    """Folds with the same share of each class, as nearly as whole rows allow. y: (N,) labels.

    Raises ValueError if no class has n_splits rows. Twin: `sklearn.model_selection.StratifiedKFold`."""

    def folds(self, n: int, y: Any, groups: Any) -> Array:
        self._need_rows(n)
        labels = _need_column(y, n, "y")
        _, first, places, counts = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
        if counts.max() < self.n_splits:
            raise ValueError(
                f"{self.n_splits} folds, but no class has more than {counts.max()} rows: take fewer folds."
            )
        by_appearance = np.argsort(np.argsort(first))  # classes in the order in which they first come
        places = by_appearance[places]
        # deal the sorted rows like cards: fold k gets every n_splits-th, which balances all classes and the sizes
        dealt = [np.bincount(np.sort(places)[k :: self.n_splits], minlength=len(counts)) for k in range(self.n_splits)]
        fold = np.empty(n, int)
        for c in range(len(counts)):
            mine = np.repeat(np.arange(self.n_splits), [row[c] for row in dealt])
            fold[places == c] = mine if self.rng is None else self.rng.permutation(mine)
        return fold


class GroupKFold(Splitter):
    """All rows of a group are tested together. groups: (N,) names. The largest group goes to the emptiest fold first.

    Raises ValueError for fewer groups than folds. Twin: `sklearn.model_selection.GroupKFold`."""

    def folds(self, n: int, y: Any, groups: Any) -> Array:
        _, places = np.unique(_need_column(groups, n, "groups"), return_inverse=True)
        counts = np.bincount(places)
        self._need_rows(len(counts), "groups")
        filled, fold_of = np.zeros(self.n_splits), np.zeros(len(counts), int)
        for group in np.argsort(counts, kind="stable")[::-1]:
            fold_of[group] = filled.argmin()
            filled[fold_of[group]] += counts[group]
        return fold_of[places]


class TimeSeriesSplit(Splitter):
    """Train on the past, test on what comes next: n_splits test parts of equal length at the end, each after all that
    it is trained on. Rows are in the order of time. gap: rows left out between the two.

    Raises ValueError where nothing is left to train on. Twin: `sklearn.model_selection.TimeSeriesSplit`."""

    def __init__(self, n_splits: int = 5, *, gap: int = 0):
        super().__init__(n_splits)
        self.gap = need_size(gap, "gap", 0)

    def split(self, x: Any, y: Any = None, groups: Any = None) -> Iterator[Rows]:
        n = len(as_array(x))
        size = n // (self.n_splits + 1)
        if size == 0 or n - self.n_splits * size - self.gap < 1:
            raise ValueError(f"{n} rows are too few for {self.n_splits} test parts after a training part and the gap.")
        for start in range(n - self.n_splits * size, n, size):
            yield np.arange(start - self.gap), np.arange(start, start + size)


def _need_column(values: Any, n: int, name: str) -> Array:
    if values is None:
        raise ValueError(f"{name} is needed to split here: split(x, y, groups).")
    a = as_array(values, name)
    if a.shape != (n,):
        raise ValueError(f"{name} should have shape ({n},), one entry for each row of x; got {a.shape}.")
    return a
