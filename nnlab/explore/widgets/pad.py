"""A pad to draw on with the mouse, a finger or the keyboard: points of several colours, or lines.

What is drawn is a tuple of strokes, each (pen, points): pen is the place of the colour in `pens`, points are pairs
(u, v) from 0 to 1, from the lower left corner. `raster(strokes, 28)` makes an image of them, as of a handwritten digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.widgets.page import static

Strokes = tuple[tuple[int, tuple[tuple[float, float], ...]], ...]
MOST = 5000  # points in a drawing


class PadWidget(anywidget.AnyWidget):
    """The pad in the page."""

    _esm = static("pad.js")
    _css = static("pad.css")
    value = traitlets.Any(()).tag(sync=True)
    pens: traitlets.List[dict[str, str]] = traitlets.List().tag(sync=True)
    kind = traitlets.Unicode("points").tag(sync=True)
    side = traitlets.Int(240).tag(sync=True)
    width = traitlets.Float(0.02).tag(sync=True)
    description = traitlets.Unicode("").tag(sync=True)
    help = traitlets.Unicode("").tag(sync=True)


@dataclass(frozen=True)
class Pad:
    """A control whose value is a drawing. kind: "points" (a dot where you click, a trail of dots where you drag) or
    "lines". pens: the name of each colour. width: of a line or dot, as a share of the side."""

    value: Strokes = ()
    pens: Sequence[str] = ("pen",)
    kind: str = "points"
    side: int = 240
    width: float = 0.03
    label: str = ""
    help: str = ""
    keeps: bool = True  # Reset does not touch a drawing; the pad has its own button to clear it

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", self.check(self.value))

    def check(self, value: Any) -> Strokes:
        """`value` as strokes, from tuples or lists, or a ValueError."""
        wanted = f"{self.label or 'The drawing'} is a list of strokes (pen, [(u, v), ...])"
        try:
            strokes = tuple(
                (int(pen), tuple((round(float(u), 4), round(float(v), 4)) for u, v in points)) for pen, points in value
            )
        except (TypeError, ValueError):
            raise ValueError(f"{wanted}; got {str(value)[:60]!r}.") from None
        flat = np.array([uv for _, points in strokes for uv in points]).reshape(-1, 2)
        if any(not 0 <= pen < len(self.pens) for pen, _ in strokes):
            raise ValueError(f"{wanted} with pens from 0 to {len(self.pens) - 1}.")
        if not (np.isfinite(flat).all() and (flat >= 0).all() and (flat <= 1).all()):
            raise ValueError(f"{wanted} with u and v from 0 to 1.")
        if len(flat) > MOST:
            raise ValueError(f"{self.label or 'The drawing'} has {len(flat)} points; {MOST} is the most.")
        return strokes

    def extremes(self) -> list[Strokes]:
        """Nothing drawn, and something with every pen."""
        pens = range(len(self.pens))
        return [(), tuple((pen, ((0.1, 0.1 + pen / 10), (0.9, 0.1 + pen / 10), (0.9, 0.9))) for pen in pens)]

    def widget(self, name: str) -> PadWidget:
        """The pad for a page."""
        text = self.label or name
        pens = [
            {"name": pen, "colour": plots.CLASSES[k] if len(self.pens) > 1 else plots.BLACK, "mark": "●▲■◆"[k % 4]}
            for k, pen in enumerate(self.pens)
        ]
        return PadWidget(
            value=self.value,
            pens=pens,
            kind=self.kind,
            side=self.side,
            width=self.width,
            description=text,
            help=self.help or text,
        )


def raster(strokes: Strokes, size: int = 28, width: float = 0.08) -> NDArray[np.float64]:
    """An image (size, size) of the strokes, 0 where nothing is and 1 on a line; the first row is the top.

    A pixel's grey falls from 1 to 0 over one pixel around half the line's width, measured from its middle. width: of
    the line, as a share of the side."""
    line = (np.arange(size) + 0.5) / size
    at = np.stack(np.meshgrid(line, line[::-1]), axis=-1)[:, :, None]  # (size, size, 1, 2): each pixel's middle
    far = np.full((size, size), np.inf)
    for _, points in strokes:
        path = np.array(points if len(points) > 1 else [*points, *points]).reshape(-1, 2)
        start, along = path[:-1], np.diff(path, axis=0)
        length = np.maximum((along**2).sum(axis=1), 1e-12)
        share = np.clip(((at - start) * along).sum(axis=-1) / length, 0, 1)  # where on each piece the nearest point is
        near = np.linalg.norm(at - start - share[..., None] * along, axis=-1)
        if len(path) > 1:
            far = np.minimum(far, near.min(axis=2))
    return np.clip((width / 2 - far) * size + 0.5, 0, 1)
