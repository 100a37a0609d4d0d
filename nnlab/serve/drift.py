"""Is what comes in still like what the model was trained on? A reference kept with the model, and a live window."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import as_float, need_size
from nnlab.scratch.metrics import population_stability

Array = NDArray[Any]
KEY = "nnlab.drift"  # of the entry in the ONNX file's metadata
TOGETHER = 64  # rows that are sorted into bins together
MOST_FEATURES = 32  # an input with more numbers, such as a picture, is watched by its mean and standard deviation


@dataclass(frozen=True)
class Reference:
    """What training data looked like, in numbers that a service can compare with.

    names: of the K watched numbers, in order: the features (or "mean" and "std" of an input with more than 32), then
    "confidence", the largest probability, and "class", the predicted one. edges: for each name the bins' inner edges,
    at the quantiles of the reference. counts: for each name the reference's rows in each bin.
    """

    names: tuple[str, ...]
    edges: tuple[tuple[float, ...], ...]
    counts: tuple[tuple[int, ...], ...]

    @classmethod
    def fit(cls, x: Array, probabilities: Array, bins: int = 10) -> Reference:
        """From x (N, ...) and the model's probabilities (N, classes) for it. Take rows that the model was not fitted
        to: on its own training data it is too sure. Raises ValueError for fewer than 10 rows a bin."""
        need_size(bins, "bins", 2)
        if len(x) < 10 * bins:
            raise ValueError(f"A reference of {bins} bins needs at least {10 * bins} rows, got {len(x)}.")
        watched = watch(x, probabilities)
        inner = np.linspace(0, 1, bins + 1)[1:-1]
        edges = [np.unique(np.quantile(values, inner)) for values in watched.values()]
        edges[-1] = np.arange(probabilities.shape[1] - 1) + 0.5  # a bin for each class
        counts = [_counts(values, e) for values, e in zip(watched.values(), edges, strict=True)]
        return cls(
            tuple(watched),
            tuple(tuple(map(float, e)) for e in edges),
            tuple(tuple(map(int, c)) for c in counts),
        )

    def compare(self, x: Array, probabilities: Array) -> dict[str, float]:
        """The population stability index of each watched number, 0 for the same shares in all bins."""
        watched = watch(x, probabilities)
        trios = zip(self.names, self.edges, self.counts, strict=True)
        return {n: population_stability(np.array(c), _counts(watched[n], np.array(e))) for n, e, c in trios}

    def to_json(self) -> str:
        """As JSON."""
        return json.dumps({"names": self.names, "edges": self.edges, "counts": self.counts})

    @classmethod
    def from_json(cls, text: str) -> Reference:
        """What `to_json` wrote."""
        found = json.loads(text)
        edges, counts = (tuple(map(tuple, found[key])) for key in ("edges", "counts"))
        return cls(tuple(found["names"]), edges, counts)


def watch(x: Array, probabilities: Array) -> dict[str, Array]:
    """The watched numbers of each row, each (N,), under the names of `Reference`."""
    flat = as_float(x).reshape(len(x), -1)
    if flat.shape[1] <= MOST_FEATURES:
        found = {f"feature {k}": flat[:, k] for k in range(flat.shape[1])}
    else:
        found = {"mean": flat.mean(axis=1), "std": flat.std(axis=1)}
    return found | {"confidence": probabilities.max(axis=1), "class": probabilities.argmax(axis=1)}


def _counts(values: Array, edges: Array) -> Array:
    return np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)


class DriftWatch:
    """The last `window` answered rows, compared with a reference whenever someone asks."""

    def __init__(self, reference: Reference, window: int = 1000):
        self.reference, self.window = reference, need_size(window, "window")
        self._rows: deque[Array] = deque(maxlen=window)  # the bin of each watched number
        self._new: list[tuple[Array, Array]] = []  # not yet in `_rows`: many rows at once are cheaper
        self._count = 0  # rows in `_new`
        self._lock = threading.Lock()

    def add(self, x: Array, probabilities: Array) -> None:
        """Note rows that were answered."""
        with self._lock:
            self._new.append((x, probabilities))
            self._count += len(x)
            if self._count >= TOGETHER:
                self._sort()

    def _sort(self) -> None:
        """Put the new rows into their bins."""
        if not self._new:
            return
        watched, reference = watch(*map(np.concatenate, zip(*self._new, strict=True))), self.reference
        self._new, self._count = [], 0
        pairs = zip(reference.names, reference.edges, strict=True)
        self._rows.extend(np.stack([np.searchsorted(edges, watched[name]) for name, edges in pairs], axis=1))

    @property
    def rows(self) -> int:
        """How many rows the window holds now."""
        with self._lock:
            self._sort()
            return len(self._rows)

    def indices(self) -> dict[str, float]:
        """The population stability index of each watched number over the window; empty before the first row."""
        with self._lock:
            self._sort()
            rows = np.array(self._rows)
        if not len(rows):
            return {}
        pairs = zip(self.reference.names, self.reference.counts, strict=True)
        return {
            name: population_stability(np.array(c), np.bincount(rows[:, k], minlength=len(c)))
            for k, (name, c) in enumerate(pairs)
        }
