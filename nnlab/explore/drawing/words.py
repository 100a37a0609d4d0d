"""Pixels laid over a figure as they are, and a sheet of them for short texts that change in every frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab.explore.drawing.pixel_text import Writer, scale_of

Pixels = NDArray[np.uint32]


class Sheet(Artist):
    """`pixels`, (height, width) uint32 of RGBA with the first row on top, with their lower left corner at (left,
    bottom) of the figure, in pixels. Change the array in place. Matplotlib's own images resample, which costs 15 ms.

    sharp(scale): the same picture with `scale` times as many pixels each way, for the picture at rest."""

    def __init__(
        self,
        figure: Figure,
        pixels: Pixels,
        sharp: Callable[[int], Pixels],
        left: int = 0,
        bottom: int = 0,
        zorder: float = 5,
    ):
        super().__init__()
        self._at, self._pixels, self._sharp = (left, bottom), pixels, sharp
        self.set(zorder=zorder, animated=True)
        figure.add_artist(self)

    def draw(self, renderer: Any) -> None:
        """Matplotlib calls it for every frame."""
        scale = scale_of(renderer)
        pixels = self._pixels if scale == 1 else self._sharp(scale)
        rgba = pixels[::-1, :, None].view(np.uint8)  # Agg begins with the lowest row
        left, bottom = (scale * place for place in self._at)
        gc = renderer.new_gc()
        renderer.draw_image(gc, left, bottom, np.ascontiguousarray(rgba))
        gc.restore()


class Words(Sheet):
    """A see-through sheet of width x height pixels with its lower left corner at (left, bottom) of the figure.

    `wipe()`, then `write(text, x, y, colour, align=, points=, bold=)` for each text, in pixels from that corner."""

    def __init__(self, figure: Figure, left: int, bottom: int, width: int, height: int):
        pixels = np.zeros((height, width), np.uint32)
        super().__init__(figure, pixels, self._at_scale, left, bottom)
        self.writer = Writer(pixels)
        self.wipe, self.write = self.writer.wipe, self.writer.write

    def _at_scale(self, scale: int) -> Pixels:
        height, width = self.writer.pixels.shape
        pixels = np.zeros((scale * height, scale * width), np.uint32)
        self.writer.copy_to(pixels, scale)
        return pixels


def short(value: float) -> str:
    """`value` in three digits: 0.5, 12.3, 1.5e-08."""
    if value == 0:
        return "0"
    return f"{value:.3g}" if 0.01 <= abs(value) < 1e4 else f"{value:.1e}"
