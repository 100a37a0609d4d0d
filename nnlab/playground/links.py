"""The links of the Playground: where they run, how thick, in which colour, and what of the picture the mouse hits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab import plots
from nnlab.playground.layout import TILE_SIDE, Layout
from nnlab.playground.target import Target

Array = NDArray[Any]
POINTS = 12  # of each curve
REACH = 6  # pixels from a link at which it is still hit
_T = np.linspace(0, 1, POINTS)
_S = _T * _T * (3 - 2 * _T)  # leaves level, arrives level


@lru_cache(maxsize=8)
def links_of(layout: Layout, names: tuple[str, ...]) -> list[Target]:
    """What each link is, in the order of the weights: layer, target, source."""
    sizes = [len(column) for column in layout.columns(names)]
    made = []
    for layer, (sources, targets) in enumerate(pairwise(sizes)):
        made += [Target("link", layer, unit, source) for unit in range(targets) for source in range(sources)]
    return made


@lru_cache(maxsize=8)
def curves(layout: Layout, names: tuple[str, ...]) -> Array:
    """One curve (POINTS, 2) for each link, in the order of `links_of`."""
    columns, half, made = layout.columns(names), TILE_SIDE / 2, []
    for link in links_of(layout, names):
        (x0, y0), (x1, y1) = columns[link.layer][link.source], columns[link.layer + 1][link.unit]
        a, b = x0 + half, x1 - half
        made.append(np.column_stack([a + (b - a) * _T, y0 + (y1 - y0) * _S]))
    return np.array(made).reshape(-1, POINTS, 2)


def distances(paths: Array, x: float, y: float) -> Array:
    """Distance of (x, y) to each polyline of `paths` (n, points, 2): (n,), to the nearest point of its pieces."""
    start, along = paths[:, :-1], np.diff(paths, axis=1)
    away = np.array([x, y]) - start
    share = (away * along).sum(axis=2) / np.maximum((along**2).sum(axis=2), 1e-12)
    gap = away - np.clip(share, 0, 1)[..., None] * along
    return np.sqrt((gap**2).sum(axis=2).min(axis=1))


def hit(layout: Layout, names: Sequence[str], x: float, y: float) -> Target | None:
    """What is at (x, y), in pixels of the picture as it is displayed, from its lower left corner: an input or a neuron
    whose tile holds it, else the nearest link if it is within REACH; None where there is nothing."""
    for unit, (left, bottom) in enumerate(layout.feature_places):
        if left <= x < left + TILE_SIDE and bottom <= y < bottom + TILE_SIDE:
            return Target("input", 0, unit)
    for layer, column in enumerate(layout.places):
        for unit, (left, bottom) in enumerate(column):
            if left <= x < left + TILE_SIDE and bottom <= y < bottom + TILE_SIDE:
                return Target("neuron", layer, unit)
    paths = curves(layout, tuple(names))
    if not len(paths):
        return None
    far = distances(paths, x, y)
    nearest = int(far.argmin())
    return links_of(layout, tuple(names))[nearest] if far[nearest] <= REACH else None


def widths_and_colours(matrices: Sequence[Array], kind: str, target: tuple[int, int] | None) -> tuple[Array, Array]:
    """Width in points (n,) and RGBA (n, 4) of every link, in the order of `curves`. matrices: one (targets, sources)
    for each layer. kind: "weights" or "gradients". target: the (layer, unit) whose links stand out, the others pale."""
    sizes = []
    for w in matrices:
        # gradients are far smaller and differ from layer to layer: there, the largest of a layer counts as 2
        scale = 1.0 if kind == "weights" else 2 / max(float(np.abs(np.nan_to_num(w)).max(initial=0)), 1e-12)
        sizes.append(np.nan_to_num(w * scale, posinf=0, neginf=0).ravel())
    w = np.concatenate(sizes)
    strength = np.minimum(np.abs(w), 3.0) / 3
    rgba = plots.DIVERGING(0.5 + 0.5 * np.sign(w) * np.maximum(np.sqrt(strength), 0.25))
    if target is not None:
        pale, at = np.ones(len(w), bool), 0
        for layer, m in enumerate(matrices):
            if layer == target[0]:
                start = at + target[1] * m.shape[1]
                pale[start : start + m.shape[1]] = False
            at += m.size
        rgba[pale, 3] = 0.15
    return 0.5 + 6 * strength, rgba
