"""Some air routes are hidden; pairs that are not flown stand against them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.datasets.files import AirRoutes

Array = NDArray[Any]


class HiddenRoutes(NamedTuple):
    """Pairs of airports, each (K, 2) int64: K routes that are hidden, all others, `shown`, and two sets of K pairs that
    are not flown: `random` ones, and `matched` ones, each a hidden route with one end exchanged for an airport that has
    as many shown routes, or nearly."""

    routes: Array
    shown: Array
    random: Array
    matched: Array


def hide(air: AirRoutes, *, share: float = 0.1, seed: int = 0) -> HiddenRoutes:
    """Hide a share of the routes, drawn from `seed`. Raises ValueError unless 0 < share < 1."""
    if not 0 < share < 1:
        raise ValueError(
            f"share should lie between 0 and 1, so that some routes are hidden and some shown; got {share}."
        )
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(air.routes))
    count = max(1, int(share * len(order)))
    routes, shown = air.routes[order[:count]], air.routes[order[count:]]
    nodes = len(air.codes)
    flown = np.zeros((nodes, nodes), bool)
    flown[air.routes[:, 0], air.routes[:, 1]] = True
    flown |= flown.T
    free = np.column_stack(np.nonzero(np.triu(~flown, 1)))
    degree = np.bincount(shown.ravel(), minlength=nodes)
    matched = []
    for kept, lost in routes:
        nearest = np.argsort(np.abs(degree - degree[lost]) + 0.1 * rng.random(nodes))  # ties in random order
        allowed = ~flown[kept, nearest] & (nearest != kept) & (nearest != lost)
        matched.append((kept, nearest[allowed][0]))
    return HiddenRoutes(routes, shown, free[rng.choice(len(free), count, replace=False)], np.array(matched))
