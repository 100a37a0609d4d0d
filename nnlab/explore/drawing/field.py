"""A coloured field that moves, drawn fast: a picture of Matplotlib's costs a quarter of a frame, this a twentieth."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from nnlab import plots

Array = NDArray[Any]


@lru_cache(maxsize=8)
def _table(strength: float) -> Array:
    """256 colours of the diverging map, each one uint32 of RGBA."""
    return plots.DIVERGING(np.arange(256), alpha=strength, bytes=True).view(np.uint32)[:, 0]


@lru_cache(maxsize=32)
def _between(size: int, start: float, end: float, smooth: bool) -> tuple[Array, Array, Array]:
    """For each pixel from `start` to `end`, the places of two values among `size`, and how far it lies from the first
    to the second. A value stands in the middle of its share of the length."""
    pixels = np.arange(round(start), round(end)) + 0.5
    at = (pixels - start) * size / (end - start) - 0.5
    at = np.clip(at if smooth else np.rint(at), 0, size - 1)
    low = np.minimum(at.astype(int), max(size - 2, 0))
    return low, np.minimum(low + 1, size - 1), (at - low).astype(np.float32)


class Field(Artist):
    """Values from -1, orange, to 1, blue, over the whole of an axes; `set_data(values)` sets them, as `plots.surface`
    takes them: rows from low to high y. strength: of the colours, 0 to 1. smooth: from one value to the next."""

    def __init__(self, ax: Axes, strength: float = 0.55, smooth: bool = True):
        super().__init__()
        self._ax, self._smooth, self._colours = ax, smooth, _table(strength)
        self._values: Array = np.zeros((1, 1))
        ax.grid(False)
        ax.add_artist(self)
        self.set(animated=True, zorder=0)

    def set_data(self, values: Array) -> None:
        """What the next draw shows: (rows, columns); what lies outside -1 to 1 is cut."""
        self._values = values

    def draw(self, renderer: Any) -> None:
        """Matplotlib calls it for every frame."""
        x0, y0, x1, y1 = (float(edge) for edge in self._ax.bbox.extents)
        rows, columns = self._values.shape
        low, high, right = _between(columns, x0, x1, self._smooth)
        below, above, up = _between(rows, y0, y1, self._smooth)
        shade = np.clip(128 + 128 * self._values.astype(np.float32), 0, 255.5)
        shade = shade[:, low] + right * (shade[:, high] - shade[:, low])
        shade = shade[below] + up[:, None] * (shade[above] - shade[below])
        pixels = self._colours.take(shade.astype(np.uint8))[..., None].view(np.uint8)
        gc = renderer.new_gc()
        renderer.draw_image(gc, round(x0), round(y0), pixels)  # Agg begins with the lowest row
        gc.restore()
