"""Small samples out of scikit-learn, shipped so that a page in a browser need not load 26 MB for them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .files import Array, _arrays


class Diabetes(NamedTuple):
    """What `diabetes` returns; its docstring has shapes and units."""

    features: Array
    progression: Array
    names: list[str]


def diabetes() -> Diabetes:
    """Ten measurements of 442 people with diabetes, and how far the illness has progressed a year later.

    features: (442, 10) float64, not scaled: age in years, sex (1 or 2), body mass index in kg/m², mean blood pressure,
    and s1 to s6 of the blood serum; progression: (442,) float64, 25 to 346; names: of the ten columns. No official
    split. Twin: `sklearn.datasets.load_diabetes(scaled=False)`.

    Efron, Hastie, Johnstone and Tibshirani (2004), by way of scikit-learn.
    """
    features, progression, names = _arrays("samples.npz", *Diabetes._fields)
    return Diabetes(features, progression, names.tolist())


def small_digits() -> tuple[Array, Array]:
    """1,797 handwritten digits, smaller than MNIST's. images: (1797, 8, 8) uint8, 0 paper to 16 ink; labels: (1797,)
    int64, 0 to 9. No official split; people wrote several in a row, so shuffle before you cut.

    Twin: `sklearn.datasets.load_digits`. Alpaydin and Kaynak (1998), UCI, CC BY 4.0, by way of scikit-learn.
    """
    images, labels = _arrays("samples.npz", "images", "labels")
    return images, labels.astype(np.int64)
