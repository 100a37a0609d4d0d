"""Text written straight into pixels, the only place that does it: a Matplotlib artist costs 1 ms a text, this 0.05.

`Writer` writes texts that change in every frame on a see-through array, `label` one text on a Pillow image.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from nnlab import plots
from nnlab.explore.drawing.paint import pixel

Array = NDArray[Any]
_PLAIN, _SHADE = np.uint32(0x00FFFFFF), np.uint32(24)  # a pixel's colour without its alpha; alpha's place in bits
_PAPER = (pixel(plots.PAPER) & _PLAIN) | (np.uint32(215) << _SHADE)


@cache
def font(pixels: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which ships with Matplotlib, `pixels` high: the letters of the rest of the picture."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", name)), pixels)


def label(image: Image.Image, text: str, middle: tuple[float, float], colour: str, pixels: int) -> None:
    """Write `text` on `image` around `middle` (x to the right, y down, in pixels from the upper left corner)."""
    ImageDraw.Draw(image).text(middle, text, fill=colour, font=font(pixels), anchor="mm")


def scale_of(renderer: Any) -> int:
    """Pixels of the picture that is drawn for each one of the page: 1 while it moves, plots.SHARP at rest."""
    return round(renderer.dpi / plots.DPI)


@lru_cache(maxsize=400)
def _mask(text: str, points: float, bold: bool, scale: int) -> tuple[Array, int]:
    """How much of each pixel the text covers, (height, width) uint8, and its top's distance down from the baseline."""
    letters = font(scale * round(points * plots.DPI / 72), bold)
    left, top, right, bottom = letters.getbbox(text, anchor="ls")
    image = Image.new("L", (int(right - left), int(bottom - top)))
    ImageDraw.Draw(image).text((-left, -top), text, fill=255, font=letters, anchor="ls")
    return np.asarray(image), int(top)


@cache
def _paint(colour: str) -> Any:
    return pixel(colour) & _PLAIN


def _left(x: float, align: str, width: int) -> int:
    return round(x) - {"left": 0, "centre": width // 2, "right": width}[align]


class Writer:
    """Writes on `pixels`, (height, width) uint32 of RGBA with the first row on top, and wipes off what it wrote.

    scale: pixels of `pixels` for each one of the page, in which places are given. `texts` are those written since the
    last wipe, as `write` takes them, so that `copy_to` another scale writes sharp letters."""

    def __init__(self, pixels: Array, scale: int = 1):
        self.pixels, self.scale = pixels, scale
        self.texts: list[dict[str, Any]] = []
        self.written: list[tuple[slice, slice]] = []

    def wipe(self) -> None:
        """Clear the pixels of every text written since the last wipe."""
        for place in self.written:
            self.pixels[place] = 0
        self.written.clear()
        self.texts.clear()

    def copy_to(self, pixels: Array, scale: int) -> None:
        """Write all texts on other pixels, `scale` times as many."""
        other = Writer(pixels, scale)
        for text in self.texts:
            other.write(**text)

    def boxes(self) -> Iterator[tuple[str, int, int, int, int]]:
        """Each text with the left, lower, right and upper end of its letters, in pixels of the page from below."""
        for t in self.texts:
            alpha, rise = _mask(t["text"], t["points"], t["bold"], 1)
            height, width = alpha.shape
            left, top = _left(t["x"], t["align"], width), round(t["y"]) - rise
            yield t["text"], left, top - height, left + width, top

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
        """`text` with its baseline at height y (pixels from below): from x on, up to x (align="right") or around it
        ("centre"). points: the size of the letters, 72 to the inch.

        paper: on a piece of paper, where something lies behind it. What does not fit is cut off."""
        if not text:
            return
        self.texts.append(dict(text=text, x=x, y=y, colour=colour, align=align, points=points, bold=bold, paper=paper))
        scale = self.scale
        alpha, rise = _mask(text, points, bold, scale)
        height, width = alpha.shape
        left = _left(scale * x, align, width)
        top = len(self.pixels) - round(scale * y) + rise
        if paper:
            self._fill(top - 2 * scale, left - 2 * scale, height + 4 * scale, width + 4 * scale)
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
