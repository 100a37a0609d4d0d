"""Sequences: a task that needs a long memory, and padding for those of different lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import need_rng, need_size

Array = NDArray[Any]


def adding(n: int, length: int, *, rng: np.random.Generator) -> tuple[Array, Array]:
    """The adding problem: remember two numbers of many, and add them.

    x: (n, length, 2) float32. x[:, :, 0] are numbers, uniform in 0 to 1; x[:, :, 1] marks two of them with a 1, one in
    the first half and one in the second, else 0. y: (n,) float32, the sum of the two, 0 to 2. Always answering 1
    gives a mean squared error of 1/6, the variance of such a sum. length: 2 or more, else ValueError.

    Source: Hochreiter & Schmidhuber 1997, experiment 4, in the form of Le, Jaitly & Hinton 2015.
    """
    need_size(n, "n")
    if need_size(length, "length") < 2:
        raise ValueError(f"length should be 2 or more, since two numbers are added; got {length}.")
    rng = need_rng(rng)
    x = np.zeros((n, length, 2), np.float32)
    x[:, :, 0] = rng.random((n, length))
    rows, half = np.arange(n), length // 2
    first, second = rng.integers(half, size=n), rng.integers(half, length, size=n)
    x[rows, first, 1] = x[rows, second, 1] = 1
    return x, x[rows, first, 0] + x[rows, second, 0]


def pad(sequences: Sequence[Sequence[int]], length: int | None = None, value: int = 0) -> tuple[Array, Array]:
    """Sequences of whole numbers as one table, padded at the end.

    -> x: (N, length) int64, with `value` after the end of a sequence; lengths: (N,) int64, the true ones.
    length: by default that of the longest sequence. Raises ValueError for an empty sequence, where a recurrent network
    would have nothing to read, and for a length that is too small.
    """
    lengths = np.array([len(sequence) for sequence in sequences], np.int64)
    if len(lengths) == 0 or lengths.min() == 0:
        what = "no sequences at all" if len(lengths) == 0 else f"an empty one at place {lengths.argmin()}"
        raise ValueError(f"pad needs sequences of one number or more; got {what}.")
    width = int(lengths.max()) if length is None else need_size(length, "length")
    if width < lengths.max():
        raise ValueError(f"length should be at least {lengths.max()}, that of the longest sequence; got {length}.")
    x = np.full((len(lengths), width), value, np.int64)
    for row, sequence in zip(x, sequences, strict=True):
        row[: len(sequence)] = sequence
    return x, lengths
