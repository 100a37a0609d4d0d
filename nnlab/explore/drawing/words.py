"""A place in a figure for short texts that change in every frame: an artist each would cost 1 ms, these 0.05."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from nnlab.explore.drawing.pixel_text import Writer


class Words(Artist):
    """A see-through sheet of width x height pixels with its lower left corner at (left, bottom) of the figure.

    `wipe()`, then `write(text, x, y, colour, align=, points=, bold=)` for each text, in pixels from that corner."""

    def __init__(self, figure: Figure, left: int, bottom: int, width: int, height: int):
        super().__init__()
        pixels = np.zeros((height, width), np.uint32)
        self._at, self._rgba = (left, bottom), pixels[..., None].view(np.uint8)
        writer = Writer(pixels)
        self.wipe, self.write = writer.wipe, writer.write
        self.set(zorder=5, animated=True)
        figure.add_artist(self)

    def draw(self, renderer: Any) -> None:
        gc = renderer.new_gc()
        renderer.draw_image(gc, *self._at, np.ascontiguousarray(self._rgba[::-1]))
        gc.restore()


def short(value: float) -> str:
    """Few digits: 0.50, 12.3, 1.5e-08."""
    if value == 0:
        return "0"
    return f"{value:.3g}" if 0.01 <= abs(value) < 1e4 else f"{value:.1e}"
