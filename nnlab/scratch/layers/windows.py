"""The windows of a convolution as the columns of a matrix, so that one matrix product does the rest (im2col).

Only speed is decided here; the formula stands in `conv.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from nnlab.checks import Array

from ..precision import wide_type

Pair = tuple[int, int]
BLOCK = 1_000_000  # bytes of windows at a time: a matrix that stays in the processor's cache is several times faster


class Windows:
    """`read(x)` copies a batch, zeros around it; then each part of the batch gives its windows as columns.

    All memory is kept from call to call: asking the system for it takes longer than filling it. Channels come first,
    (C, N, H, W), so that a row of the matrix is one entry of the kernel at all its places in all pictures.

    With a stride of 1, the entries that one entry of the kernel meets, line after line, follow one another in memory,
    but for kw - 1 at the end of each line that lie under no window. Copying those too makes one long piece of many
    short ones. So a line of places has the width of the padded picture, and its last places are left out at the end
    (`pictures`), or are zero on the way back (`places`).
    """

    def __init__(self, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair):
        self.kernel, self.stride, self.padding, self.dilation = kernel, stride, padding, dilation
        self.size: Pair = (0, 0)  # of the output
        self.padded: Array = np.empty((0, 0, 0, 0))
        self._memory: dict[str, Array] = {}

    def read(self, x: Array, size: Pair) -> None:
        """Keep a copy of x: (N, C, H, W), whose windows have `size` places, down and across; float16 as float32."""
        n, c, h, w = x.shape
        p, q = self.padding
        shape, dtype = (c, n, h + 2 * p, w + 2 * q), wide_type(x.dtype)
        if self.padded.shape != shape or self.padded.dtype != dtype:
            self.padded = np.zeros(shape, dtype)
        self.padded[:, :, p : p + h, q : q + w] = x.transpose(1, 0, 2, 3)
        self.size = size

    def parts(self) -> Iterator[tuple[slice, Array]]:
        """Each part of the batch with its windows, (C * kh * kw, places), in memory that the next part uses again."""
        c, n = self.padded.shape[:2]
        picture = c * math.prod(self.kernel) * self.size[0] * self._width * self.padded.itemsize
        step = max(1, BLOCK // picture)
        for start in range(0, n, step):
            part = slice(start, min(start + step, n))
            yield part, self._columns(self.padded[:, part])

    def pictures(self, rows: Array) -> Array:
        """(..., places), in all O rows -> (N, O, H', W'), the opposite of `places`: a view."""
        h, w = self.size
        return rows.reshape(-1, rows.shape[-1] // (h * self._width), h, self._width)[..., :w].transpose(1, 0, 2, 3)

    def places(self, dy: Array) -> Array:
        """dy: (N, O, H', W') -> (O, places), zeros where no window is; in memory that the next call uses again."""
        n, o, h, w = dy.shape
        rows = self._room("places", (o, n, h, self._width))
        rows[..., :w] = dy.transpose(1, 0, 2, 3)
        rows[..., w:] = 0
        return rows.reshape(o, -1)

    def add_back(self, columns: Array, dx: Array) -> None:
        """dx[n, c, i * stride + a * dilation, ...] = the sum of all entries of `columns` that were read from there."""
        (kh, kw), (h, w), (p, q) = self.kernel, self.size, self.padding
        n, c, height, width = dx.shape
        padded = self._room("dx", (c, n, *self.padded.shape[2:]))
        padded[...] = 0
        entries = columns.reshape(c, kh, kw, n, h, self._width)
        for a in range(kh):
            for b in range(kw):  # entry (a, b) of every window at once
                if self._in_lines:
                    place, length = self._lines(padded, a, b)
                    place += entries[:, a, b].reshape(c, n, -1)[..., :length]
                else:
                    top, left = a * self.dilation[0], b * self.dilation[1]
                    (sh, sw) = self.stride
                    place = padded[:, :, top : top + sh * (h - 1) + 1 : sh, left : left + sw * (w - 1) + 1 : sw]
                    place += entries[:, a, b]
        dx[...] = padded[:, :, p : p + height, q : q + width].transpose(1, 0, 2, 3)

    @property
    def _in_lines(self) -> bool:
        return self.stride == (1, 1)

    @property
    def _width(self) -> int:
        """Places in a line, those that are left out among them."""
        return self.padded.shape[3] if self._in_lines else self.size[1]

    def _lines(self, padded: Array, a: int, b: int) -> tuple[Array, int]:
        """What entry (a, b) of the kernel meets, line after line, and how long that is: a view (C, N, length)."""
        c, n, height, width = padded.shape
        start, length = a * self.dilation[0] * width + b * self.dilation[1], (self.size[0] - 1) * width + self.size[1]
        return padded.reshape(c, n, height * width)[..., start : start + length], length

    def _columns(self, padded: Array) -> Array:
        """The windows of some pictures, all entries of the kernel in one copy."""
        (kh, kw), (h, w), (c, n) = self.kernel, self.size, padded.shape[:2]
        to_c, to_n, to_line, to_pixel = padded.strides
        columns = self._room("columns", (c, kh, kw, n, h * self._width))
        entries = (to_c, self.dilation[0] * to_line, self.dilation[1] * to_pixel, to_n)
        if self._in_lines:
            length = (h - 1) * self._width + w
            columns[..., :length] = as_strided(padded, (c, kh, kw, n, length), (*entries, to_pixel))
            columns[..., length:] = 0  # 0 times what a diverged run has left there would not be 0
        else:
            steps = (self.stride[0] * to_line, self.stride[1] * to_pixel)
            columns.reshape(c, kh, kw, n, h, w)[...] = as_strided(padded, (c, kh, kw, n, h, w), (*entries, *steps))
        return columns.reshape(c * kh * kw, -1)

    def _room(self, name: str, shape: tuple[int, ...]) -> Array:
        """Memory for an array of this shape, in the type of the padded pictures."""
        size, room = math.prod(shape), self._memory.get(name)
        if room is None or room.size < size or room.dtype != self.padded.dtype:
            room = self._memory[name] = np.empty(size, self.padded.dtype)
        return room[:size].reshape(shape)
