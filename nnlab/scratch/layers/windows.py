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

    The zeros at the left of a line are also those at the right of the line above. With a stride of 1, the entries that
    one entry of the kernel meets, line after line, follow one another in memory, but for a few between the lines that
    no window has there. Copying those too makes one long piece of many short ones: a line of places is then as wide as
    a padded line, and its last places are left out at the end (`pictures`), or are zero on the way back (`places`).
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
        lines = h + 2 * p + (q > 0)  # the last is what stands at the right of the last but one
        shape, dtype = (c, n, lines, max(w + q, size[1])), wide_type(x.dtype)
        if (self.padded.shape, self.padded.dtype, self.size) != (shape, dtype, size):
            self.padded, self.size = np.zeros(shape, dtype), size
            self._memory.clear()
        self._inside(self.padded, h, w)[...] = x.transpose(1, 0, 2, 3)

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
        rows = self._room("places", (o, n, h, self._width))  # made of zeros, and written to only where windows are
        rows[..., :w] = dy.transpose(1, 0, 2, 3)
        return rows.reshape(o, -1)

    def add_back(self, columns: Array, dx: Array) -> None:
        """dx[n, c, i * stride + a * dilation, ...] = the sum of all entries of `columns` that were read from there."""
        n, c, height, width = dx.shape
        padded = self._room("dx", (c, n, *self.padded.shape[2:]))
        padded[...] = 0
        entries, places = columns.reshape(c, *self.kernel, n, -1), self._places(padded)
        for a, b in np.ndindex(self.kernel):  # entry (a, b) of every window at once
            to = places[:, a, b]
            to += entries[:, a, b, :, : self._length].reshape(to.shape)
        dx[...] = self._inside(padded, height, width).transpose(1, 0, 2, 3)

    @property
    def _in_lines(self) -> bool:
        return self.stride == (1, 1)

    @property
    def _width(self) -> int:
        """Places in a line, those that are left out among them."""
        return self.padded.shape[3] if self._in_lines else self.size[1]

    @property
    def _length(self) -> int:
        """Places in a picture, up to the last that counts."""
        return (self.size[0] - 1) * self._width + self.size[1]

    def _inside(self, padded: Array, h: int, w: int) -> Array:
        """Of pictures with zeros around them, the pictures of h x w."""
        p, q = self.padding
        return padded[:, :, p : p + h, q : q + w]

    def _places(self, padded: Array) -> Array:
        """What each entry of the kernel meets in pictures with zeros around them: a view, (C, kh, kw, N, length), or
        (C, kh, kw, N, H', W') with a larger stride."""
        (to_c, to_n, to_line, to_pixel), (c, n) = padded.strides, padded.shape[:2]
        strides = (to_c, self.dilation[0] * to_line, self.dilation[1] * to_pixel, to_n)
        if self._in_lines:
            return as_strided(padded, (c, *self.kernel, n, self._length), (*strides, to_pixel))
        steps = (self.stride[0] * to_line, self.stride[1] * to_pixel)
        return as_strided(padded, (c, *self.kernel, n, *self.size), (*strides, *steps))

    def _columns(self, padded: Array) -> Array:
        """The windows of some pictures, all entries of the kernel in one copy."""
        places = self._places(padded)
        columns = self._room("columns", (*places.shape[:4], self.size[0] * self._width))
        columns[..., : self._length].reshape(places.shape)[...] = places
        columns[..., self._length :] = 0  # 0 times what a diverged run has left there would not be 0
        return columns.reshape(math.prod(columns.shape[:3]), -1)

    def _room(self, name: str, shape: tuple[int, ...]) -> Array:
        """Memory for an array of this shape, in the type of the padded pictures."""
        key = f"{name} {shape}"
        if key not in self._memory:
            self._memory[key] = np.zeros(shape, self.padded.dtype)
        return self._memory[key]
