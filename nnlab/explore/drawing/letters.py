"""Agg, with a memory for texts: of a picture that moves, most texts stay as they are, and half its time went into them.

A text that is drawn again with the same words at the same place is put there as the letters that Matplotlib drew the
first time, so the pixels are the same. Recent Matplotlib draws letter by letter, 1 ms a text.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg

_MOST = 500  # texts, before all are forgotten


class _Listener:
    """Stands before Agg while a text is drawn, and notes the letters. `only_letters`: whether nothing else was asked
    for, as a formula's bars are."""

    def __init__(self, agg: Any):
        self._agg, self.only_letters = agg, True
        self.letters: list[tuple[Any, ...]] = []

    def draw_text_image(self, image: Any, x: int, y: int, angle: float, gc: Any) -> None:
        self.letters.append((np.array(image), x, y, angle))
        self._agg.draw_text_image(image, x, y, angle, gc)

    def __getattr__(self, name: str) -> Any:
        self.only_letters = False
        return getattr(self._agg, name)


Texts = dict[tuple[Any, ...], list[tuple[Any, ...]]]


class Renderer(RendererAgg):
    """Draws on pixels. texts: those that were drawn before, by all that their letters depend on."""

    def __init__(self, width: float, height: float, dpi: float, texts: Texts):
        super().__init__(width, height, dpi)
        self._texts = texts

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:
        """Draw the text `s`, or what was drawn for it before."""
        key = (self.dpi, self.height, x, y, s, hash(prop), angle, ismath, gc.get_antialiased())
        if letters := self._texts.get(key):
            for image, left, bottom, turn in letters:
                self._renderer.draw_text_image(image, left, bottom, turn, gc)
            return
        agg = self._renderer
        self._renderer = listener = _Listener(agg)
        try:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
        finally:
            self._renderer = agg
        if listener.only_letters:
            if len(self._texts) >= _MOST:
                self._texts.clear()
            self._texts[key] = listener.letters


class Agg(FigureCanvasAgg):
    """Matplotlib's canvas of pixels with that renderer. `texts`: what it remembers, for every resolution."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.texts: Texts = {}
        self._made: tuple[float, ...] = ()

    def get_renderer(self) -> Renderer:
        """The renderer for the figure's present size and resolution."""
        size = (*self.get_width_height(physical=True), self.figure.dpi)
        if self._made != size:
            self.renderer = Renderer(*size, self.texts)
            self._made = size
        return self.renderer
