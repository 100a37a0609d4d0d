"""How sure a measured number is, and whether B is better than A: with the rows that there are, drawn again."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nnlab.checks import as_array, need_number, need_rng, need_size

from .inputs import need_numbers, need_rows, need_same_rows


class Interval(NamedTuple):
    """What was measured, and the ends of its confidence interval, in the metric's unit."""

    estimate: float
    low: float
    high: float


def bootstrap_interval(
    metric: Callable[..., float],
    *arrays: Any,
    rng: np.random.Generator,
    confidence: float = 0.95,
    resamples: int = 1000,
    groups: Any = None,
) -> Interval:
    """The percentile bootstrap interval of `metric(*arrays)`, whose arrays have N rows each.

        bootstrap_interval(f1_score, y_true, y_pred, rng=rng)
        bootstrap_interval(lambda t, a, b: f1_score(t, b) - f1_score(t, a), y_true, a, b, rng=rng)   # B less A, paired

    Rows are drawn with replacement, N at a time and the same ones from all arrays, and the metric is computed from
    them; the interval holds the middle `confidence` of the values. groups: (N,); then whole groups are drawn, since
    rows of one person tell less than rows of as many people. Draws in which the metric is nan (one class only) are left
    out. Raises ValueError if that is so in every draw. Source: Efron 1979.
    """
    need_rng(rng)
    need_number(confidence, "confidence", below=1.0)
    parts = [as_array(a, f"array {i}") for i, a in enumerate(arrays, 1)]
    if not parts:
        raise ValueError("Give the arrays whose rows are drawn: bootstrap_interval(metric, y_true, y_pred, rng=rng).")
    for i, part in enumerate(parts, 1):
        need_rows(part, f"array {i}", tuple(range(1, max(part.ndim, 1) + 1)))
    need_same_rows(**{f"array {i}": part for i, part in enumerate(parts, 1)})
    n = len(parts[0])
    members = np.arange(n)[:, None] if groups is None else _members(groups, n)
    values = []
    for _ in range(need_size(resamples, "resamples")):
        drawn = rng.integers(len(members), size=len(members))
        rows = drawn if groups is None else np.concatenate([members[i] for i in drawn])
        values.append(float(metric(*(part[rows] for part in parts))))
    if np.isnan(values).all():
        raise ValueError("The metric is nan in every draw: are there two classes?")
    low, high = np.nanquantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(metric(*parts)), float(low), float(high))


def _members(groups: Any, n: int) -> Any:
    """The rows of each group."""
    names = as_array(groups, "groups")
    if names.shape != (n,):
        raise ValueError(f"groups should have one name for each of the {n:,} rows, got shape {names.shape}.")
    return [np.flatnonzero(names == name) for name in np.unique(names)]


def permutation_test(a: Any, b: Any, *, rng: np.random.Generator, permutations: int = 10_000) -> float:
    """The two-sided p-value of mean(b) - mean(a) for paired scores a, b (N,), those of two models on the same rows.

    If the models were equally good, each pair could as well have come the other way round: the signs of the differences
    are drawn `permutations` times, and p is the share of draws at least as far from 0 as what was measured, which
    itself counts as one of them. A small p says that chance alone seldom does that; it says nothing of how much better
    B is. Source: Fisher 1935.
    """
    a, b = need_numbers(a, "a"), need_numbers(b, "b")
    need_same_rows(a=a, b=b)
    need_rng(rng)
    d, draws = b - a, need_size(permutations, "permutations")
    d = d[d != 0]  # a pair without a difference has none after a swap, too
    far, done, chunk = 0, 0, max(1, 1_000_000 // max(len(d), 1))  # in parts, so that memory stays small
    while done < draws:
        signs = rng.integers(0, 2, size=(min(chunk, draws - done), len(d))) * 2 - 1
        far += int((np.abs(signs @ d) >= abs(d.sum()) - 1e-12).sum())
        done += len(signs)
    return (far + 1) / (draws + 1)


def mcnemar_test(correct_a: Any, correct_b: Any) -> float:
    """The two-sided p-value that two classifiers are equally often right on the same rows, exactly.

    correct_a, correct_b: (N,) bool. Rows on which both are right or both wrong say nothing. Of the n others, k are
    only right with A: if the two are equally good, each is a coin, and p = 2 P(at most min(k, n - k) heads of n).
    Source: McNemar 1947.
    """
    a, b = (as_array(c, name) for c, name in ((correct_a, "correct_a"), (correct_b, "correct_b")))
    for c, name in ((a, "correct_a"), (b, "correct_b")):
        need_rows(c, name)
        if c.dtype.kind != "b":
            raise TypeError(f"{name} should be True or False for each row, as y_pred == y_true gives; got {c.dtype}.")
    need_same_rows(correct_a=a, correct_b=b)
    n, k = int((a != b).sum()), int((a & ~b).sum())
    tail = sum(math.comb(n, i) for i in range(min(k, n - k) + 1))
    return min(1.0, tail / 2 ** (n - 1)) if n else 1.0
