"""The network that this chapter makes smaller, in NumPy, and the digits on which its explorers try it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.datasets import mnist, smaller_weights

Array = NDArray[Any]
ROWS = 500
LAYERS = ("1", "4", "7")  # as PyTorch numbers them


@cache
def digits() -> tuple[Array, Array]:
    """The first 500 test digits, (500, 784) float32 from 0 to 1, and their labels. They are cached: do not write into
    them."""
    x, labels = mnist("test")
    return (x[:ROWS].reshape(ROWS, -1) / 255).astype(np.float32), labels[:ROWS]


@cache
def layers() -> tuple[list[Array], list[Array]]:
    """Weights (300, 784), (100, 300), (10, 100) and biases, float32. They are cached: do not write into them."""
    found = smaller_weights()
    return [found[f"{k}.weight"] for k in LAYERS], [found[f"{k}.bias"] for k in LAYERS]


def logits(weights: list[Array], x: Array | None = None, between: Callable[[Array], Array] | None = None) -> Array:
    """Logits (N, 10) for x, or for `digits()`, with other weights. between: what to do with each layer's input."""
    h = digits()[0] if x is None else x
    for k, (w, b) in enumerate(zip(weights, layers()[1], strict=True)):
        h = h if between is None else between(h)
        h = h @ w.T + b
        h = np.maximum(h, 0) if k < 2 else h
    return np.asarray(h)


def accuracy(weights: list[Array], between: Callable[[Array], Array] | None = None) -> float:
    """The share of `digits()` that is classified correctly."""
    return float((logits(weights, between=between).argmax(axis=1) == digits()[1]).mean())
