"""Points in the plane, drawn from a seed or a generator: five sets to classify, two to fit with a number.

All raise TypeError or ValueError for n below 2 or a negative noise. The same seed gives the same points.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import need_number, need_size

Array = NDArray[Any]
Seed = int | np.random.Generator

# The four corners of logic: rows (x1, x2), and the values of AND, OR and XOR there.
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
LOGIC = {"AND": np.array([0, 0, 0, 1]), "OR": np.array([0, 1, 1, 1]), "XOR": np.array([0, 1, 1, 0])}
for _fixed in (CORNERS, *LOGIC.values()):
    _fixed.setflags(write=False)


def _start(n: int, noise: float, seed: Seed) -> tuple[int, float, np.random.Generator]:
    """n, noise and generator of every toy, checked."""
    return need_size(n, "n", 2), need_number(noise, "noise"), np.random.default_rng(seed)


def spirals(n: int = 200, noise: float = 0.05, turns: float = 1.5, seed: Seed = 0) -> tuple[Array, Array]:
    """Two interleaved spirals, n points in all. x: (n, 2) within about +-1.2, labels: (n,) of 0 and 1.

    noise: standard deviation added to both coordinates; turns: how many times each arm goes round.
    """
    n, noise, rng = _start(n, noise, seed)
    labels = np.arange(n) % 2
    t = np.sqrt(rng.uniform(0.02, 1, n))  # the square root spreads points evenly along the arm
    angle = 2 * np.pi * turns * t + np.pi * labels
    x = np.column_stack([t * np.cos(angle), t * np.sin(angle)])
    return x + rng.normal(0, noise, x.shape), labels


def gaussians(n: int = 200, distance: float = 2.0, noise: float = 0.5, seed: Seed = 0) -> tuple[Array, Array]:
    """Two round clouds, n points in all, `distance` apart along the diagonal. x: (n, 2), labels: (n,) of 0 and 1."""
    n, noise, rng = _start(n, noise, seed)
    labels = np.arange(n) % 2
    centre = (labels[:, None] - 0.5) * distance / np.sqrt(2)
    return centre + rng.normal(0, noise, (n, 2)), labels


def circle(n: int = 200, noise: float = 0.05, seed: Seed = 0) -> tuple[Array, Array]:
    """A disc (label 1, radius below 0.5) in a ring (label 0, radius 0.7 to 1). x: (n, 2), labels: (n,), half each.

    The radius is uniform, so points are denser inside. noise: standard deviation added to both coordinates.
    """
    n, noise, rng = _start(n, noise, seed)
    labels = np.arange(n) % 2
    radius = np.where(labels == 1, rng.uniform(0, 0.5, n), rng.uniform(0.7, 1, n))
    angle = rng.uniform(0, 2 * np.pi, n)
    x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return x + rng.normal(0, noise, x.shape), labels


def xor(n: int = 200, noise: float = 0.0, gap: float = 0.05, seed: Seed = 0) -> tuple[Array, Array]:
    """Four squares in [-1, 1]: label 1 where x1 and x2 differ in sign, like LOGIC["XOR"]. x: (n, 2), labels: (n,).

    gap: no point is nearer to an axis than this, before noise (a standard deviation) is added to both coordinates.
    """
    n, noise, rng = _start(n, noise, seed)
    gap = need_number(gap, "gap", below=1)
    signs = rng.choice([-1.0, 1.0], (n, 2))
    labels = (signs[:, 0] != signs[:, 1]).astype(int)
    x = signs * rng.uniform(gap, 1, (n, 2))
    return x + rng.normal(0, noise, x.shape), labels


def moons(n: int = 200, noise: float = 0.1, seed: Seed = 0) -> tuple[Array, Array]:
    """Two interlocking half circles around the origin. x: (n, 2) within +-1.5 by +-0.75, labels: (n,).

    With t from 0 to pi: label 0 is (cos t - 0.5, sin t - 0.25), label 1 is the same turned by half a turn.
    noise: standard deviation added to both coordinates.
    """
    n, noise, rng = _start(n, noise, seed)
    labels = np.arange(n) % 2
    t = rng.uniform(0, np.pi, n)
    x = np.column_stack([np.cos(t) - 0.5, np.sin(t) - 0.25]) * np.where(labels == 1, -1, 1)[:, None]
    return x + rng.normal(0, noise, x.shape), labels


def plane(n: int = 200, noise: float = 0.0, seed: Seed = 0) -> tuple[Array, Array]:
    """A tilted plane to fit: y = (x1 + x2) / 2. x: (n, 2) uniform in [-1, 1], y: (n,) in [-1, 1].

    noise: standard deviation added to y.
    """
    n, noise, rng = _start(n, noise, seed)
    x = rng.uniform(-1, 1, (n, 2))
    return x, x.mean(axis=1) + rng.normal(0, noise, n)


def multi_gaussian(n: int = 200, noise: float = 0.0, seed: Seed = 0) -> tuple[Array, Array]:
    """Three hills and three hollows to fit, in a chequered pattern. x: (n, 2) uniform in [-1, 1], y: (n,) in [-1, 1].

    y = sum of s exp(-|x - c|^2 / (2 * 0.2^2)) over centres c at x1 = -2/3, 0, 2/3 and x2 = -0.4, 0.4, with sign s
    changing from each to its neighbours. noise: standard deviation added to y.
    """
    n, noise, rng = _start(n, noise, seed)
    x = rng.uniform(-1, 1, (n, 2))
    centres = np.array([(a, b) for a in (-2 / 3, 0.0, 2 / 3) for b in (-0.4, 0.4)])
    signs = np.array([1, -1, -1, 1, 1, -1])
    squared = ((x[:, None] - centres) ** 2).sum(axis=2)
    y = (signs * np.exp(-squared / (2 * 0.2**2))).sum(axis=1)
    return x, y + rng.normal(0, noise, n)
