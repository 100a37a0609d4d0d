"""All response maps painted into one RGBA array: numbers become colours by a table, without an artist for each map."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba
from numpy.typing import NDArray

from nnlab import plots

Array = NDArray[Any]
Box = tuple[int, int, int]  # left, top, side, in pixels from the upper left corner

_STRENGTH = 0.72  # of the colours, so that points and frames stand out on them


def _table() -> Array:
    colours = plots.DIVERGING(np.linspace(0, 1, 256))
    colours[:, :3] = 1 - _STRENGTH * (1 - colours[:, :3])
    return (255 * colours).round().astype(np.uint8)


def pixel(colour: Any) -> Any:
    """A colour, as Matplotlib names it, as one uint32 of RGBA."""
    return np.array(255 * np.array(to_rgba(colour)), np.uint8).view(np.uint32)[0]


TABLE = _table().view(np.uint32)[:, 0]
STEPS = TABLE[np.where(np.arange(256) >= 127, 255, 0)]
FRAME, DARK, ALARM = pixel(plots.GREY), pixel(plots.BLACK), pixel(plots.VERMILLION)


@cache
def _between(size: int, side: int) -> tuple[Array, Array]:
    """For each of `side` pixels, the place of the value before it among `size`, its share of the way to the next."""
    at = np.linspace(0, size - 1, side)
    low = np.minimum(at.astype(int), size - 2)
    return low, (at - low).astype(np.float32)


def stretch(maps: Array, side: int) -> Array:
    """Maps (units, size, size) enlarged to (units, side, side) by linear interpolation."""
    low, share = _between(maps.shape[-1], side)
    step = maps[:, 1:] - maps[:, :-1]
    maps = maps[:, low] + share[:, None] * step[:, low]
    step = maps[:, :, 1:] - maps[:, :, :-1]
    return maps[:, :, low] + share * step[:, :, low]


def colours(maps: Array, side: int, own_scale: bool, steps: bool) -> Array:
    """Colours (units, side, side), one uint32 of RGBA each, of maps (units, size, size): -1 orange, 0 white, 1 blue.

    own_scale: a map that leaves -1 to 1 is divided by its largest entry. steps: only the sign is shown.
    In float32, with the scale set before the map is enlarged: this runs for every neuron in every frame."""
    maps = np.nan_to_num(maps.astype(np.float32), posinf=0, neginf=0)
    if own_scale:
        maps = maps / np.maximum(1, np.abs(maps).max(axis=(1, 2), keepdims=True, initial=0))
    shade = stretch(127.5 + 127.5 * np.clip(maps, -1, 1), side)
    return (STEPS if steps else TABLE)[shade.astype(np.uint8)]


def pale(picture: Array) -> Array:
    """The same colours (..., uint32), three quarters white: for an input that is switched off."""
    rgba = picture[..., None].view(np.uint8).astype(float)
    return (0.25 * rgba + 0.75 * 255).astype(np.uint8).view(np.uint32)[..., 0]


class Painter:
    """Keeps `pixels`, (height, width) uint32: `clear()` when boxes move, `tile(...)` for each map in each frame."""

    def __init__(self, width: int, height: int, scale: int = 1):
        self.pixels, self.scale = np.zeros((scale * height, scale * width), np.uint32), scale
        self.tiles: dict[Box, tuple[Array, str]] = {}

    def clear(self) -> None:
        """Make everything see-through."""
        self.pixels[...] = 0
        self.tiles.clear()

    def enlarged(self, scale: int) -> Array:
        """New pixels with `scale` times as many each way: the maps enlarged, their frames and crosses drawn again."""
        height, width = self.pixels.shape
        other = Painter(width, height, scale)
        for box, (picture, look) in self.tiles.items():
            other.tile(picture.repeat(scale, axis=0).repeat(scale, axis=1), box, look)
        return other.pixels

    def tile(self, picture: Array, box: Box, look: str = "") -> None:
        """One coloured map (side, side) uint32 into a box. look: "dead" crossed out, "marked" framed dark, or both."""
        self.tiles[box] = picture, look
        scale = self.scale
        left, top, side = (scale * length for length in box)
        place = self.pixels[top : top + side, left : left + side]
        place[...] = picture
        if "dead" in look:
            place[_cross(side, scale)] = ALARM
        edge, width = (DARK, 3) if "marked" in look else (ALARM, 2) if "dead" in look else (FRAME, 1)
        width *= scale
        place[:width] = place[-width:] = edge
        place[:, :width] = place[:, -width:] = edge


@cache
def _cross(side: int, scale: int) -> Array:
    i, j = np.indices((side, side))
    return (np.abs(i - j) < 2 * scale) | (np.abs(i + j - side + 1) < 2 * scale)
