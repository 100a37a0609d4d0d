"""The Playground's data sets and input features. Everything lives on the plane from -6 to 6 in both directions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import as_float, describe, need_shape
from nnlab.datasets import gaussians, spirals

Array = NDArray[Any]
EDGE = 6.0
POINTS = 400

# name: how it is written in a picture, and the function of the points, (N, 2) -> (N,)
FEATURES: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "x1": ("x₁", lambda x: x[:, 0]),
    "x2": ("x₂", lambda x: x[:, 1]),
    "x1_squared": ("x₁²", lambda x: x[:, 0] ** 2),
    "x2_squared": ("x₂²", lambda x: x[:, 1] ** 2),
    "x1_x2": ("x₁x₂", lambda x: x[:, 0] * x[:, 1]),
    "sin_x1": ("sin x₁", lambda x: np.sin(x[:, 0])),
    "sin_x2": ("sin x₂", lambda x: np.sin(x[:, 1])),
}


def features(x: Array, names: Sequence[str]) -> Array:
    """The inputs of the network, one column a feature: (N, 2) -> (N, len(names))."""
    return np.column_stack([np.empty((len(x), 0)), *(FEATURES[name][1](x) for name in names)])


@dataclass(frozen=True)
class Points:
    """Points of the plane, x: (N, 2), with targets in y: (N,).

    kind "class": y is 0 or 1; kind "number": y is a number. Points from outside were moved onto the plane:
    x = (given - centre) / scale. Numbers far beyond -1 to 1 were moved too: y = (given - y_centre) / y_scale.
    whole: the numbers were whole ones, which may have been meant as classes."""

    x: Array
    y: Array
    kind: str
    centre: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    y_centre: float = 0.0
    y_scale: float = 1.0
    whole: bool = False


def circle(noise: float, rng: np.random.Generator) -> Points:
    """A disc inside a ring."""
    labels = np.arange(POINTS) % 2
    radius = np.where(labels == 1, rng.uniform(0, 2.5, POINTS), rng.uniform(3.5, 5, POINTS))
    angle = rng.uniform(0, 2 * np.pi, POINTS)
    x = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return Points(x + rng.normal(0, 2.5 * noise, x.shape), labels, "class")


def xor(noise: float, rng: np.random.Generator) -> Points:
    """Four squares; diagonally opposite ones are of one class."""
    x = rng.uniform(-5, 5, (POINTS, 2))
    x += 0.3 * np.sign(x)
    labels = (x[:, 0] * x[:, 1] >= 0).astype(int)
    return Points(x + rng.normal(0, 2.5 * noise, x.shape), labels, "class")


def clouds(noise: float, rng: np.random.Generator) -> Points:
    """Two round clouds."""
    return Points(*gaussians(POINTS, distance=5.6, noise=0.7 + 2.6 * noise, seed=rng), "class")


def spiral(noise: float, rng: np.random.Generator) -> Points:
    """Two spirals, one inside the other."""
    x, labels = spirals(POINTS, noise=0.3 * noise, turns=1.75, seed=rng)
    return Points(5 * x, labels, "class")


def plane(noise: float, rng: np.random.Generator) -> Points:
    """Targets on a slope, from -1 to 1."""
    x = rng.uniform(-5.5, 5.5, (POINTS, 2))
    return Points(x, x.sum(axis=1) / 11 + rng.normal(0, noise, POINTS), "number")


def hills(noise: float, rng: np.random.Generator) -> Points:
    """Three hills and three hollows."""
    x = rng.uniform(-5.5, 5.5, (POINTS, 2))
    centres = np.array([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
    signs = np.array([1, -1, 1, -1, 1, -1])
    near = np.maximum(0, 1 - np.linalg.norm(x[:, None] - centres, axis=2) / 2)
    return Points(x, near @ signs + rng.normal(0, noise, POINTS), "number")


SETS: dict[str, Callable[[float, np.random.Generator], Points]] = {
    "circle": circle,
    "xor": xor,
    "gaussians": clouds,
    "spiral": spiral,
    "plane": plane,
    "multi-gaussian": hills,
}


def own(data: Any) -> Points:
    """A learner's arrays (x, y) as Points: x (N, 2); y (N,) with two classes, or with numbers.

    Raises ValueError or TypeError with a sentence on what was expected. Points beyond the plane are moved onto it."""
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise TypeError(
            f"data should be the name of a data set ({', '.join(SETS)}) or a pair of arrays (x, labels); "
            f"got {describe(data)}."
        )
    x, y = as_float(data[0], "x").astype(float), np.asarray(data[1])
    if x.ndim != 2 or x.shape[1] != 2:
        raise ValueError(f"x should have shape (N, 2), a row with two coordinates for each point; got {x.shape}.")
    if len(x) < 4:
        raise ValueError(f"The playground needs at least 4 points, some to train and some to test; got {len(x)}.")
    need_shape(y, (len(x),), "labels, one for each row of x,")
    whole = y.dtype.kind in "iub"
    y = as_float(y, "labels").astype(float)
    for name, values in (("x", x), ("labels", y)):
        if not np.isfinite(values).all():
            where = np.argwhere(~np.isfinite(values))[0][0]
            raise ValueError(f"{name} should be finite numbers; row {where} holds {values[where]}: leave it out.")
    centre, scale = (0.0, 0.0), 1.0
    if np.abs(x).max() > EDGE or np.ptp(x, axis=0).max() < 1:  # outside the plane, or a speck on it
        low, high = x.min(axis=0), x.max(axis=0)
        middle = (low + high) / 2
        centre, scale = (float(middle[0]), float(middle[1])), float((high - low).max() / 10) or 1.0
        x = (x - middle) / scale
    values = np.unique(y)
    if len(values) == 1:
        raise ValueError(f"All {len(y)} labels are {values[0]:g}: there is nothing to tell apart. Give two classes.")
    if len(values) == 2:
        return Points(x, (y == values[1]).astype(int), "class", centre, scale)
    middle_y, half = (0.0, 1.0)
    if np.abs(y).max() > 2:
        middle_y, half = float(y.max() + y.min()) / 2, float(np.ptp(y)) / 2
    return Points(x, (y - middle_y) / half, "number", centre, scale, middle_y, half, whole)


def drawn(strokes: Any) -> Points:
    """The points that were drawn on the pad: each stroke is (pen, points), its points from 0 to 1 on both axes."""
    rows = [(u, v, pen) for pen, points in strokes for u, v in points]
    table = np.array(rows, float).reshape(-1, 3)
    return Points(2 * EDGE * table[:, :2] - EDGE, table[:, 2].astype(int), "class")


def targets(points: Points, problem: str) -> Array:
    """The targets (N,): 0 or 1 for classification, numbers for regression. Either kind of data serves both problems."""
    if problem == "classification":
        return (points.y if points.kind == "class" else points.y > 0).astype(float)
    return 2.0 * points.y - 1 if points.kind == "class" else points.y.astype(float)


def split(n: int, share: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Row numbers to train on (a `share` of n) and to test on; at least one of each if n is 2 or more."""
    order, cut = rng.permutation(n), round(share * n)
    cut = min(max(cut, 1), max(n - 1, 1))
    return order[:cut], order[cut:]
