"""Hyperparameter search: what may be tried (dimensions), grid and random search, successive halving and Hyperband.

A dimension turns a number u from 0 to 1 into a value: evenly spaced u make a grid, random ones a random search. A space
is a dict of dimensions, a candidate a dict of values. Losses are minimised.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from nnlab.checks import describe, need_number, need_rng, need_size

Candidate = dict[str, Any]


class Dimension:
    """One hyperparameter and the values it may take."""

    def at(self, u: float) -> Any:
        """The value at u, 0 <= u <= 1: the quantile function of the distribution that random search draws from."""
        raise NotImplementedError

    def grid(self, n: int) -> list[Any]:
        """n values at evenly spaced u, both ends included; the middle if n is 1. Values that coincide come once."""
        need_size(n, "n")
        return list(dict.fromkeys(self.at(u) for u in (np.linspace(0, 1, n) if n > 1 else (0.5,))))


class Uniform(Dimension):
    """low + u (high - low): every interval of equal length is equally likely. Raises ValueError unless low < high."""

    def __init__(self, low: float, high: float):
        self.low, self.high = _range(low, high)
        if math.isinf(self.high - self.low):
            raise ValueError(f"low and high are too far apart for floating point: {low:g} and {high:g}.")

    def at(self, u: float) -> float:
        """The number at u."""
        return min(self.low + _unit(u) * (self.high - self.low), self.high)  # which rounding may pass


class LogUniform(Dimension):
    """low (high / low)^u: every factor is equally likely, 0.001 to 0.01 as often as 0.01 to 0.1.

    Raises ValueError unless 0 < low < high. Twin: `scipy.stats.loguniform(low, high).ppf`."""

    def __init__(self, low: float, high: float):
        self.low, self.high = _range(low, high, log=True)
        if math.isinf(self.high / self.low):
            raise ValueError(f"low and high are too far apart for floating point: {low:g} and {high:g}.")

    def at(self, u: float) -> float:
        """The number at u."""
        return min(self.low * (self.high / self.low) ** _unit(u), self.high)  # which rounding may pass


class Integer(Dimension):
    """A whole number from low to high, both included: uniform, or log-uniform rounded down, k with a share of
    log((k + 1) / k). Raises ValueError unless low < high, and with log also 0 < low."""

    def __init__(self, low: int, high: int, *, log: bool = False):
        for name, value in (("low", low), ("high", high)):
            need_size(value, name, -(2**53))
        _range(low, high, log=log)
        self.low, self.high, self.log = int(low), int(high), log

    def at(self, u: float) -> int:
        """The number at u."""
        beyond = self.high + 1
        x = self.low * (beyond / self.low) ** _unit(u) if self.log else self.low + _unit(u) * (beyond - self.low)
        return min(math.floor(x + 1e-9), self.high)  # a product may come out just below a whole number

    def grid(self, n: int) -> list[int]:
        """At most n numbers, evenly spaced or by equal factors from low to high, rounded to whole ones."""
        ends = LogUniform(self.low, self.high) if self.log else Uniform(self.low, self.high)
        return list(dict.fromkeys(round(x) for x in ends.grid(n)))


class Categorical(Dimension):
    """One of the choices, each equally likely. Its grid is all of them.

    Raises ValueError if there are none, TypeError for a string, whose letters would be the choices, and for what has no
    order, as a set."""

    def __init__(self, choices: Sequence[Any]):
        if isinstance(choices, str) or not (hasattr(choices, "__getitem__") and hasattr(choices, "__len__")):
            raise TypeError(f"choices should be a list of values, got {describe(choices)}.")
        self.choices = list(choices)
        if not self.choices:
            raise ValueError("choices should hold at least one value, got none.")

    def at(self, u: float) -> Any:
        """The choice at u."""
        return self.choices[min(int(_unit(u) * len(self.choices)), len(self.choices) - 1)]

    def grid(self, n: int) -> list[Any]:
        """All choices, whatever n is: they have no order in which some could be left out."""
        return list(self.choices)


Space = Mapping[str, Dimension]


def grid_search(space: Space, points: int | Mapping[str, int]) -> Iterator[Candidate]:
    """Every combination of `points` values of each dimension (one number for all, or one for each name).

    points ** dimensions candidates, the last name varying fastest. Raises ValueError for an empty space or a name
    without points. Twin: `sklearn.model_selection.ParameterGrid`."""
    _check(space)
    if isinstance(points, Mapping) and set(points) != set(space):
        raise ValueError(f"points should name {', '.join(space)}, got {', '.join(map(str, points)) or 'none'}.")
    axes = [dim.grid(points[name] if isinstance(points, Mapping) else points) for name, dim in space.items()]
    return (dict(zip(space, values, strict=True)) for values in itertools.product(*axes))


def random_search(space: Space, trials: int, *, rng: np.random.Generator) -> Iterator[Candidate]:
    """`trials` candidates, each value drawn from its dimension. Raises ValueError for an empty space."""
    _check(space)
    need_size(trials, "trials")
    need_rng(rng)
    return ({name: dim.at(rng.random()) for name, dim in space.items()} for _ in range(trials))


class Rung(NamedTuple):
    """One round of successive halving: the candidates that were trained for `epochs` in all, and their losses."""

    epochs: int
    candidates: list[Candidate]
    losses: list[float]


def successive_halving(
    candidates: Iterable[Candidate], loss: Callable[[Candidate, int], float], *, least: int, most: int, factor: int = 3
) -> list[Rung]:
    """Train all candidates for `least` epochs, keep the best 1 / factor, train these for factor times as long, and so
    on up to `most` epochs or until one is left.

    loss(candidate, epochs): its validation loss after that many epochs; NaN counts as the worst. Of n candidates
    max(1, n // factor) are kept; of equal losses the earlier. Raises ValueError for no candidates, least > most, or a
    factor below 2. Jamieson and Talwalkar (2016)."""
    least = need_size(least, "least")
    most, factor = need_size(most, "most", least), need_size(factor, "factor", 2)
    left, epochs, rungs = list(candidates), least, []
    if not left:
        raise ValueError("successive halving needs at least one candidate, got none.")
    while True:
        losses = [_loss(loss(candidate, epochs)) for candidate in left]
        rungs.append(Rung(epochs, left, losses))
        if epochs >= most or len(left) == 1:
            return rungs
        order = sorted(range(len(left)), key=lambda k: math.inf if math.isnan(losses[k]) else losses[k])
        left = [left[k] for k in order[: max(1, len(left) // factor)]]
        epochs = min(epochs * factor, most)


def spent(rungs: Iterable[Rung]) -> int:
    """Epochs that the rungs trained in all, if a candidate that is kept goes on from where it stood."""
    total, before = 0, 0
    for rung in rungs:
        total += len(rung.candidates) * (rung.epochs - before)
        before = rung.epochs
    return total


def hyperband(most: int, factor: int = 3) -> list[tuple[int, int]]:
    """Brackets of successive halving, (candidates, least epochs) each: from many candidates after one epoch to few that
    are trained to the end. With s_max = floor(log most / log factor), for s = s_max ... 0:

    candidates = ceil((s_max + 1) / (s + 1) * factor^s), least = most / factor^s. Li et al. (2018)."""
    most, factor = need_size(most, "most"), need_size(factor, "factor", 2)  # Python's ints: NumPy's small ones overflow
    s_max = next(s for s in itertools.count() if factor ** (s + 1) > most)
    return [(-(-(s_max + 1) * factor**s // (s + 1)), max(1, round(most / factor**s))) for s in range(s_max, -1, -1)]


def median_rule(losses: Sequence[float], others: Sequence[Sequence[float]], *, startup: int = 5) -> bool:
    """Whether to stop a trial: its best loss so far is above the median of the others' losses at the same epoch.

    losses: of this trial, one an epoch; others: of the trials that were finished before. With fewer than `startup` of
    them the answer is no. Twin: Optuna's `MedianPruner(n_startup_trials=startup)`. Golovin et al. (2017)."""
    epoch = need_size(len(losses), "the number of losses")
    at_same = sorted(other[epoch - 1] for other in others if len(other) >= epoch and not math.isnan(other[epoch - 1]))
    if len(others) < startup or not at_same:
        return False
    middle = (at_same[(len(at_same) - 1) // 2] + at_same[len(at_same) // 2]) / 2
    return min((loss for loss in losses if not math.isnan(loss)), default=math.inf) > middle


def _loss(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"loss should return one number, got {describe(value)}.") from None


def _unit(u: float) -> float:
    return need_number(u, "u", 0.0, 1.0)


def _range(low: float, high: float, *, log: bool = False) -> tuple[float, float]:
    low, high = need_number(low, "low", -math.inf), need_number(high, "high", -math.inf)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"low should be below high, and both finite; got {low:g} and {high:g}.")
    if log and low <= 0:
        raise ValueError(f"a log scale needs low above 0, since log(0) is minus infinity; got {low:g}.")
    return low, high


def _check(space: Space) -> None:
    if not isinstance(space, Mapping):
        raise TypeError(f"the search space should be a dict of dimensions by name, got {describe(space)}.")
    if not space:
        raise ValueError("the search space should have at least one dimension, got none.")
    for name, dim in space.items():
        if not isinstance(dim, Dimension):
            raise TypeError(f"{name} should be a dimension, such as LogUniform(1e-4, 0.1); got {describe(dim)}.")
