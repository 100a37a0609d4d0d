"""Pixels laid over a figure as they are, and a sheet of them for short texts that change in every frame."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab.explore.drawing.pixel_text import Writer


class Sheet(Artist):
    """`pixels`, (height, width) uint32 of RGBA with the first row on top, with their lower left corner at (left,
    bottom) of the figure, in pixels. Change the array in place. Matplotlib's own images resample, which costs 15 ms."""

    def __init__(self, figure: Figure, pixels: NDArray[np.uint32], left: int = 0, bottom: int = 0, zorder: float = 5):
        super().__init__()
        self._at, self._rgba = (left, bottom), pixels[..., None].view(np.uint8)
        self.set(zorder=zorder, animated=True)
        figure.add_artist(self)

    def draw(self, renderer: Any) -> None:
        """Matplotlib calls it for every frame."""
        gc = renderer.new_gc()
        renderer.draw_image(gc, *self._at, np.ascontiguousarray(self._rgba[::-1]))  # Agg begins with the lowest row
        gc.restore()


class Words(Sheet):
    """A see-through sheet of width x height pixels with its lower left corner at (left, bottom) of the figure.

    `wipe()`, then `write(text, x, y, colour, align=, points=, bold=)` for each text, in pixels from that corner."""

    def __init__(self, figure: Figure, left: int, bottom: int, width: int, height: int):
        pixels = np.zeros((height, width), np.uint32)
        super().__init__(figure, pixels, left, bottom)
        writer = Writer(pixels)
        self.wipe, self.write = writer.wipe, writer.write


def short(value: float) -> str:
    """`value` in three digits: 0.5, 12.3, 1.5e-08."""
    if value == 0:
        return "0"
    return f"{value:.3g}" if 0.01 <= abs(value) < 1e4 else f"{value:.1e}"
