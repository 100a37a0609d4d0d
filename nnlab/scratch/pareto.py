"""Several objectives at once, all minimised: which candidates are beaten by none, and how much they cover together."""

from __future__ import annotations

import numpy as np

from nnlab.checks import Array, as_float, need_axes, need_last


def pareto_front(costs: Array) -> Array:
    """Which rows no other row dominates, (N,) bool. Row b dominates a if it is nowhere worse and somewhere better.

    costs: (N, M), each column to be minimised. Equal rows do not dominate each other. Raises ValueError for NaN."""
    costs = _checked(costs)
    no_worse = (costs[:, None] <= costs).all(axis=2)  # [b, a]: b is nowhere worse than a
    better = (costs[:, None] < costs).any(axis=2)
    return np.asarray(~(no_worse & better).any(axis=0))


def hypervolume(costs: Array, reference: Array) -> float:
    """The area that the rows dominate up to a reference point: one number for a whole front, greater is better.

    costs: (N, 2); reference: (2,), what a row has to beat to count. 0 if none does. Raises ValueError for other shapes
    or NaN. Source: Zitzler and Thiele (1998)."""
    costs, reference = _checked(costs).astype(np.float64), as_float(reference, "reference").astype(np.float64)
    need_last(costs, 2, "the area is that of two objectives", "costs")
    if reference.shape != (2,) or np.isnan(reference).any():
        raise ValueError(f"reference should be two numbers, one for each objective; got {reference.tolist()}.")
    inside = costs[(costs < reference).all(axis=1)]
    area, ceiling = 0.0, reference[1]
    for x, y in inside[np.lexsort((inside[:, 1], inside[:, 0]))]:  # from left to right, each adds what is new below
        if y < ceiling:
            area += float((reference[0] - x) * (ceiling - y))
            ceiling = y
    return area


def _checked(costs: Array) -> Array:
    costs = as_float(costs, "costs")
    need_axes(costs, "candidates objectives", "costs")
    if np.isnan(costs).any():
        raise ValueError("costs should have no NaN: give a candidate that failed a cost of infinity, or leave it out.")
    return costs
