"""A picture that is cheap to change: what stands still is drawn once, what moves is drawn on a copy of it.

A view marks the artists that move with `animated=True`, Matplotlib's own flag. Matplotlib then knows when the
rest must be drawn again: changing any other artist (a title, an axis limit) makes the figure stale.
Drawing axes and texts takes about 70 ms, moving a few curves 5: see `python -m nnlab bench sliders`.

The same artists are drawn at two resolutions: plain while something moves, sharp as soon as it rests. Each resolution
keeps a background of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.drawing.letters import Agg


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
            self._agg = Agg(self.figure)
            self.view = view(self.figure)
        self._placed = False
        self._backgrounds: dict[int, Any] = {}  # by scale

    def draw(self, data: Any, scale: int = 1) -> np.ndarray:
        """Pixels (height, width, 4) uint8 of the view showing `data`, at `scale` times plots.DPI. The next draw at the
        same scale may overwrite them."""
        with plots.style():
            self.view.update(data)
            if not self._placed:  # place the axes once, so that they never jump
                self.figure.draw_without_rendering()
                self.figure.set_layout_engine("none")
                self._placed, self.figure.stale = True, True
            if self.figure.stale:
                self._backgrounds.clear()
            try:
                self._set_scale(scale)
                self._draw_artists(scale)
                return np.asarray(self._agg.buffer_rgba())
            finally:
                self._set_scale(1)  # a view that asks the figure for places in pixels gets plain ones

    def _draw_artists(self, scale: int) -> None:
        if scale not in self._backgrounds:
            self._agg.draw()
            self._backgrounds[scale] = self._agg.copy_from_bbox(self.figure.bbox)
            moving = self.figure.findobj(lambda artist: artist.get_animated(), include_self=False)
            self._moving: list[Artist] = sorted(moving, key=lambda artist: artist.get_zorder())
            self.redraws += 1
        else:
            self._agg.restore_region(self._backgrounds[scale])
        for artist in self._moving:
            self.figure.draw_artist(artist)

    def _set_scale(self, scale: int) -> None:
        """Change the resolution without a word to Matplotlib's `stale`, which would draw the rest again."""
        stale = self.figure.stale
        self.figure.dpi = plots.DPI * scale
        self.figure.stale = stale
