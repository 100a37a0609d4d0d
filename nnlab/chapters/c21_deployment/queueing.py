"""A service as a queue: requests come at random moments, and the model takes those that wait together."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
CALL, ROW = 1.0, 0.1  # ms for a call of the model, and for each row in it
REQUESTS = 2000


@lru_cache(maxsize=4)
def _gaps(seed: int) -> Array:
    return np.random.default_rng(seed).exponential(1.0, REQUESTS)


@dataclass
class Simulated:
    """rate: requests a second, as asked for. most: rows a call at most. wait: ms. latency: (2000,) ms, of each request,
    as they came. sizes: rows of each call. busy: the share of the time in which the model ran."""

    rate: float
    most: int
    wait: float
    latency: Array
    sizes: NDArray[np.int64]
    busy: float

    def quantile(self, q: float) -> float:
        """The latency in ms that a share q of the requests stayed below."""
        return float(np.quantile(self.latency, q))


def capacity(most: int) -> float:
    """The greatest rate that calls of `most` rows can serve, requests a second: most / (CALL + ROW most)."""
    return 1000 * most / (CALL + ROW * most)


def simulate(rate: float, most: int, wait: float = 0.0, seed: int = 0) -> Simulated:
    """2,000 requests at random moments, `rate` a second on average, one server. A call begins when the server is free
    and `most` requests wait or the first of them has waited `wait` ms, and takes CALL + ROW times its rows."""
    came: list[float] = (np.cumsum(_gaps(seed)) * (1000 / rate)).tolist()
    done: list[float] = []
    sizes: list[int] = []
    free, busy = 0.0, 0.0
    while (k := len(done)) < REQUESTS:
        full = came[min(k + most, REQUESTS) - 1]
        begin = max(free, min(came[k] + wait, full))
        end = bisect_right(came, begin, k, min(k + most, REQUESTS))
        free = begin + CALL + ROW * (end - k)
        done += [free] * (end - k)
        busy += free - begin
        sizes.append(end - k)
    return Simulated(rate, most, wait, np.array(done) - came, np.array(sizes), busy / free)
