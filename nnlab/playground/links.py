"""The links of the Playground: where they run, how thick, in which colour."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab import plots
from nnlab.playground.layout import TILE_SIDE, Layout

Array = NDArray[Any]
POINTS = 12  # of each curve
_T = np.linspace(0, 1, POINTS)
_S = _T * _T * (3 - 2 * _T)  # leaves level, arrives level


def curves(layout: Layout, names: Sequence[str]) -> Array:
    """One curve (POINTS, 2) for each link, in the order of the weights: layer, target, source."""
    columns, half, made = layout.columns(names), TILE_SIDE / 2, []
    for sources, targets in pairwise(columns):
        for x1, y1 in targets:
            for x0, y0 in sources:
                a, b = x0 + half, x1 - half
                made.append(np.column_stack([a + (b - a) * _T, y0 + (y1 - y0) * _S]))
    return np.array(made).reshape(-1, POINTS, 2)


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
