"""The objective of chapter 20: a network whose 1,404 training runs are a table, so that a trial costs no training."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import need_size
from nnlab.datasets import SearchTable, search_table
from nnlab.scratch.search import Categorical, Integer, LogUniform, Uniform

Array = NDArray[np.float64]
EPOCHS, SEEDS = 27, 3
SPACE = {
    "lr": LogUniform(1e-4, 1.0),
    "width": Integer(8, 64, log=True),
    "dropout": Uniform(0.0, 0.5),
    "batch": Categorical([16, 64, 256]),
}


@cache
def table() -> SearchTable:
    """The table, read once. Do not write into it."""
    return search_table()


def _place(axis: Array, value: float, name: str) -> tuple[int, float]:
    """The interval of a rising axis that holds the value, and how far in it lies, from 0 to 1."""
    if not axis[0] - 1e-9 <= value <= axis[-1] + 1e-9:
        raise ValueError(f"{name} should be in the table's range; got {value!r}.")
    k = int(np.clip(np.searchsorted(axis, value, side="right") - 1, 0, len(axis) - 2))
    return k, float(np.clip((value - axis[k]) / (axis[k + 1] - axis[k]), 0, 1))


def curve(candidate: dict[str, Any], seed: int | None = 0, what: str = "loss") -> Array:
    """Validation loss in nats after each of 27 epochs, (27,); what: also "validation" or "test", accuracies.

    Between trained settings it is interpolated: linear in log lr, log width and dropout. seed: 0, 1 or 2, or None for
    the mean of the three. Raises ValueError for a value outside of SPACE."""
    t = table()
    if candidate["batch"] not in t.batch:
        raise ValueError(f"batch should be one of 16, 64, 256, got {candidate['batch']!r}.")
    values = getattr(t, what)[:, :, :, list(t.batch).index(candidate["batch"])]  # (13, 4, 3, 3, 27)
    if seed is not None and need_size(seed, "seed", 0) >= SEEDS:
        raise ValueError(f"seed should be 0, 1, 2 or None, got {seed}.")
    values = values.mean(axis=3) if seed is None else values[:, :, :, seed]
    lr, width = max(candidate["lr"], 1e-12), max(candidate["width"], 1e-12)
    axes = ((np.log(t.lr), np.log(lr), "lr"), (np.log(t.width), np.log(width), "width"))
    for axis, value, name in (*axes, (t.dropout, candidate["dropout"], "dropout")):
        k, share = _place(axis, value, name)
        values = (1 - share) * values[k] + share * values[k + 1]
    return np.asarray(values)


def loss(candidate: dict[str, Any], epochs: int = EPOCHS, seed: int | None = 0) -> float:
    """The validation loss in nats after `epochs` epochs."""
    return float(curve(candidate, seed)[need_size(epochs, "epochs") - 1])
