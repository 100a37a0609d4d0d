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
    """The pixels and texts of `writer`, with their lower left corner at (left, bottom) of the figure, in pixels.

    Change the array in place. Matplotlib's own images resample, which costs 15 ms. under(scale): what lies under the
    texts, with `scale` times as many pixels each way, for the picture at rest; nothing, where left out."""

    def __init__(
        self,
        figure: Figure,
        writer: Writer,
        left: int = 0,
        bottom: int = 0,
        zorder: float = 5,
        under: Callable[[int], Pixels] | None = None,
    ):
        super().__init__()
        self.writer, self.left, self.bottom, self._under = writer, left, bottom, under
        self.set(zorder=zorder, animated=True)
        figure.add_artist(self)

    def _at_scale(self, scale: int) -> Pixels:
        plain = self.writer.pixels
        if scale == 1:
            return plain
        pixels = self._under(scale) if self._under else np.zeros([scale * side for side in plain.shape], np.uint32)
        self.writer.copy_to(pixels, scale)
        return pixels

    def draw(self, renderer: Any) -> None:
        """Matplotlib calls it for every frame."""
        scale = scale_of(renderer)
        rgba = self._at_scale(scale)[::-1, :, None].view(np.uint8)  # Agg begins with the lowest row
        gc = renderer.new_gc()
        renderer.draw_image(gc, scale * self.left, scale * self.bottom, np.ascontiguousarray(rgba))
        gc.restore()


class Words(Sheet):
    """A see-through sheet of width x height pixels with its lower left corner at (left, bottom) of the figure.

    `wipe()`, then `write(text, x, y, colour, align=, points=, bold=)` for each text, in pixels from that corner."""

    def __init__(self, figure: Figure, left: int, bottom: int, width: int, height: int):
        super().__init__(figure, Writer(np.zeros((height, width), np.uint32)), left, bottom)
        self.wipe, self.write = self.writer.wipe, self.writer.write


def short(value: float) -> str:
    """`value` in three digits: 0.5, 12.3, 1.5e-08."""
    if value == 0:
        return "0"
    return f"{value:.3g}" if 0.01 <= abs(value) < 1e4 else f"{value:.1e}"
