"""MNIST prepared for the explorers: smaller, centred, moved."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nnlab.datasets.files import mnist

Array = NDArray[Any]
SHOWN = 200  # test digits to choose from


@cache
def first_test_digits() -> tuple[Array, Array]:
    """The first 200 test digits, (200, 28, 28) float32 from 0 to 1, and their labels (200,) int64. They are cached: do
    not write into them."""
    x, labels = mnist("test")
    return (x[:SHOWN] / 255).astype(np.float32), labels[:SHOWN]


@lru_cache(maxsize=1)
def small_digits() -> tuple[Array, Array, Array, Array]:
    """20,000 digits to train on and 1,000 to validate on, each pixel the mean of 2 x 2.

    -> x (20000, 196) float32 from 0 to 1, labels (20000,) int64; x_val (1000, 196), labels (1000,). The first
    of MNIST's "train" and "validation"; they are cached: do not write into them."""
    x, y = mnist("train")
    x_val, y_val = mnist("validation")

    def small(images: Array) -> Array:
        return (images.reshape(-1, 14, 2, 14, 2).mean((2, 4)).reshape(-1, 196) / 255).astype(np.float32)

    return small(x[:20_000]), y[:20_000], small(x_val[:1000]), y_val[:1000]


def centred(drawing: np.ndarray) -> np.ndarray:
    """A drawing (28, 28) from 0 to 1 prepared as MNIST's digits are, float32: scaled to fit 20 x 20, its centre of mass
    in the middle. An empty drawing stays empty.

    Source: LeCun, Cortes and Burges, "The MNIST database", on how its digits were made from NIST's."""
    rows, columns = np.flatnonzero(drawing.any(axis=1)), np.flatnonzero(drawing.any(axis=0))
    if not len(rows):
        return np.zeros((28, 28), np.float32)
    ink = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = 20 / max(ink.shape)
    size = [max(1, round(side * scale)) for side in ink.shape[::-1]]
    image = Image.fromarray((255 * ink).astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)
    small = np.asarray(image, np.float32) / 255
    weight = max(float(small.sum()), 1e-9)
    middle = [small.sum(axis=1 - k) @ np.arange(small.shape[k]) / weight for k in (0, 1)]
    out = np.zeros((28, 28), np.float32)
    top, left = (int(np.clip(round(14 - m), 0, 28 - n)) for m, n in zip(middle, small.shape, strict=True))
    out[top : top + small.shape[0], left : left + small.shape[1]] = small
    return out


def shifted(digit: np.ndarray, right: int, down: int) -> np.ndarray:
    """`digit` (28, 28) moved by whole pixels: what is pushed over an edge is cut off, what comes in is black."""
    out = np.zeros_like(digit)
    out[max(0, down) : 28 + min(0, down), max(0, right) : 28 + min(0, right)] = digit[
        max(0, -down) : 28 + min(0, -down), max(0, -right) : 28 + min(0, -right)
    ]
    return out
