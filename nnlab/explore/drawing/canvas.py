"""A picture that is cheap to change: what stands still is drawn once, what moves is drawn on a copy of it.

A view marks the artists that move with `animated=True`, Matplotlib's own flag. Matplotlib then knows when the
rest must be drawn again: changing any other artist (a title, an axis limit) makes the figure stale.
Drawing axes and texts takes about 70 ms, moving a few curves 5: see `python -m nnlab bench sliders`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nnlab import plots


class View(Protocol):
    """Draws an explorer's data: `__init__(figure)` makes the artists once, `update(data)` moves them."""

    def update(self, data: Any) -> None:
        """Move the artists to show `data`: set_data and its like, never plot again."""


class Canvas:
    """A figure of `size` (width, height) in inches and the view on it; `draw(data)` returns its pixels.

    `redraws` counts how often everything was drawn, not only what moves."""

    def __init__(self, view: Callable[[Figure], View], size: tuple[float, float]):
        self.redraws = 0  # how often everything was drawn: tests hold a slider's move to none
        with plots.style():
            self.figure = Figure(figsize=size, dpi=plots.DPI, layout="constrained")
            self._agg = FigureCanvasAgg(self.figure)
            self.view = view(self.figure)
        self._background: Any = None

    def draw(self, data: Any) -> np.ndarray:
        """Pixels (height, width, 4) uint8 of the view showing `data`. The next draw overwrites them."""
        with plots.style():
            self.view.update(data)
            if self._background is None:  # place the axes once, so that they never jump
                self.figure.draw_without_rendering()
                self.figure.set_layout_engine("none")
            if self._background is None or self.figure.stale:
                self._agg.draw()
                self._background = self._agg.copy_from_bbox(self.figure.bbox)
                moving = self.figure.findobj(lambda artist: artist.get_animated(), include_self=False)
                self._moving: list[Artist] = sorted(moving, key=lambda artist: artist.get_zorder())
                self.redraws += 1
            else:
                self._agg.restore_region(self._background)
            for artist in self._moving:
                self.figure.draw_artist(artist)
        return np.asarray(self._agg.buffer_rgba())


def encode_png(rgba: np.ndarray, level: int = 1) -> bytes:
    """PNG of pixels (height, width, 3 or 4) uint8, alpha dropped. level: of zlib, 1 fastest to 9 smallest.

    Written out here because libpng spends two thirds of its time choosing row filters, which line drawings don't need:
    14 ms a frame became 5. Format: PNG specification, sections 5 and 11.
    """
    height, width = rgba.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter type, 0 = none
    for channel in range(3):  # one at a time: five times as fast as all three together
        rows[:, 1 + channel :: 3] = rgba[..., channel]

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits a channel, colour type 2 = RGB
    data = zlib.compress(rows.tobytes(), level)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
