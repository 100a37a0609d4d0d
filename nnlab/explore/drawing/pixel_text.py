"""Short texts that change in every frame, written straight into the pixels: an artist costs 1 ms each, this 0.05."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np
from matplotlib import font_manager
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from nnlab import plots
from nnlab.explore.drawing.paint import pixel

Array = NDArray[Any]
_PLAIN, _SHADE = np.uint32(0x00FFFFFF), np.uint32(24)  # of a pixel: its colour without alpha, where alpha stands
_PAPER = (pixel(plots.PAPER) & _PLAIN) | (np.uint32(215) << _SHADE)


@cache
def _font(points: float, bold: bool) -> Any:
    weight = "bold" if bold else "normal"
    file = font_manager.findfont(font_manager.FontProperties(family="DejaVu Sans", weight=weight))  # type: ignore[arg-type]
    return ImageFont.truetype(file, round(points * plots.DPI / 72))


@lru_cache(maxsize=200)
def _mask(text: str, points: float, bold: bool) -> tuple[Array, int]:
    """How much of each pixel the text covers, 0 to 255, and where its top stands, counted down from its foot."""
    font = _font(points, bold)
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    image = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(image).text((-left, -top), text, fill=255, font=font, anchor="ls")
    return np.asarray(image), top


@cache
def _paint(colour: str) -> Any:
    return pixel(colour) & _PLAIN


class Writer:
    """Writes on an array of uint32 RGBA pixels (height, width), and wipes off what it wrote before."""

    def __init__(self, pixels: Array):
        self.pixels = pixels
        self.written: list[tuple[slice, slice]] = []

    def wipe(self) -> None:
        """Take all texts away, and whatever else stood in their place."""
        for place in self.written:
            self.pixels[place] = 0
        self.written.clear()

    def write(
        self,
        text: str,
        x: float,
        y: float,
        colour: str = plots.BLACK,
        *,
        align: str = "left",
        points: float = 10.5,
        bold: bool = False,
        paper: bool = False,
    ) -> None:
        """`text` with its foot at height y, from x on, up to x (align="right") or around it ("centre").

        paper: on a piece of paper, where something lies behind it."""
        if not text:
            return
        alpha, rise = _mask(text, points, bold)
        height, width = alpha.shape
        left = round(x) - {"left": 0, "centre": width // 2, "right": width}[align]
        top = len(self.pixels) - round(y) + rise
        if paper:
            self._fill(top - 2, left - 2, height + 4, width + 4)
        left, top = max(0, left), max(0, top)
        here = slice(top, top + height), slice(left, left + width)
        place = self.pixels[here]
        alpha = alpha[: place.shape[0], : place.shape[1]]
        ink = _paint(colour) | (alpha.astype(np.uint32) << _SHADE)
        place[...] = np.where(alpha > (90 if paper else 0), ink, place)
        self.written.append(here)

    def _fill(self, top: int, left: int, height: int, width: int) -> None:
        here = slice(max(0, top), top + height), slice(max(0, left), left + width)
        self.pixels[here] = _PAPER
        self.written.append(here)
