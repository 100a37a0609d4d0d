"""Pixels as PNG: fast for a page that moves, small for a notebook that is stored.

Written out here because libpng spends two thirds of its time choosing row filters, which line drawings don't need:
14 ms a frame became 5. Format: PNG specification, sections 5 and 11.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

_ERRORS = (1, 2, 3, 4, 5, 6, 8)  # how far a colour may move: the smallest with which 256 are enough
_SELDOM = 1 / 10_000  # of the pixels: colours of soft edges, which may move three times as far
_RGB, _PALETTE = 2, 3  # PNG's colour types
_MOST_COLOURS = 20_000  # beyond that it is a photograph, for which a palette is no gain


def encode_png(rgba: np.ndarray, level: int = 1) -> bytes:
    """PNG of pixels (height, width, 3 or 4) uint8, alpha dropped. level: of zlib, 1 fastest to 9 smallest."""
    height, width = rgba.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter type, 0 = none
    for channel in range(3):  # one at a time: five times as fast as all three together
        rows[:, 1 + channel :: 3] = rgba[..., channel]
    return _png(width, rows, _RGB, b"", level)


def encode_small(rgba: np.ndarray) -> bytes:
    """The same picture in at most 256 colours, half the bytes of RGB.

    The most frequent ones stay exact, none moves by more than 8 of 255 in a channel, and those of soft edges by 24; a
    picture that would need more keeps all its colours."""
    height, width = rgba.shape[:2]
    keys = rgba[..., 0].astype(np.uint32) << 16 | rgba[..., 1].astype(np.uint32) << 8 | rgba[..., 2]
    place = np.zeros(1 << 24, np.uint16)  # by colour: a table is five times as fast as sorting
    place[keys] = 1
    found = np.flatnonzero(place)
    if len(found) > _MOST_COLOURS:
        return encode_png(rgba, level=9)
    place[found] = np.arange(len(found))
    which = place[keys]
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255]).astype(np.int16)
    counts = np.bincount(which.ravel())
    order = np.argsort(-counts, kind="stable")
    slack = np.where(counts[order] < _SELDOM * which.size, 3, 1)
    errors = _ERRORS if len(found) > 256 else (0,)
    palette = next((p for error in errors if (p := _cover(colours[:, order], error * slack)) is not None), None)
    if palette is None:
        return encode_png(rgba, level=9)
    nearest = np.stack([_distance(colours, entry) for entry in palette]).argmin(axis=0)
    rows = np.zeros((height, 1 + width), np.uint8)
    rows[:, 1:] = nearest.astype(np.uint8)[which]
    return _png(width, rows, _PALETTE, palette.astype(np.uint8).tobytes(), 9)


def _cover(colours: np.ndarray, error: np.ndarray) -> np.ndarray | None:
    """At most 256 of `colours` (3, n), those in front first, with one within `error` (n,) of each; None if too few."""
    chosen: list[np.ndarray] = []
    while colours.shape[1]:
        if len(chosen) == 256:
            return None
        chosen.append(colours[:, 0])
        left = _distance(colours, chosen[-1]) > error
        colours, error = colours[:, left], error[left]
    return np.array(chosen)


def _distance(colours: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.abs(colours - other[:, None]).max(axis=0)


def _png(width: int, rows: np.ndarray, colour_type: int, palette: bytes, level: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, len(rows), 8, colour_type, 0, 0, 0)  # 8 bits a channel or an index
    data = chunk(b"PLTE", palette) if palette else b""
    data += chunk(b"IDAT", zlib.compress(rows.data, level))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")
