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
BLOCK = 2_000_000  # bytes of windows at a time: a matrix that stays in the processor's cache is several times faster


class Windows:
    """`read(x)` copies a batch, zeros around it; then each part of the batch gives its windows as columns.

    All memory is kept from call to call: asking the system for it takes longer than filling it. A part is laid out
    (C, H, N, W), so that a row of the matrix is one entry of the kernel at all its places in all pictures.

    The zeros at the left of a line are also those at the right of the line before it in memory. With a stride of 1,
    what one entry of the kernel meets then follows one another in memory through all lines and pictures, but for a few
    numbers between the lines that no window has there. Copying those too makes one long piece of many short ones: a
    line of places is as wide as a padded line, and its last places are left out at the end (`pictures`), or are zero on
    the way back (`places`).
    """

    def __init__(self, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair):
        self.kernel, self.stride, self.padding, self.dilation = kernel, stride, padding, dilation
        self.size: Pair = (0, 0)  # of the output
        self.dtype: np.dtype = np.dtype(np.float64)
        self._shape: tuple[int, ...] = ()
        self._width = 0  # places in a line, those that are left out among them
        self._padded: list[tuple[slice, Array]] = []  # each part of the batch, with zeros around its pictures
        self._memory: dict[str, Array] = {}

    def read(self, x: Array, size: Pair) -> None:
        """Keep a copy of x: (N, C, H, W), whose windows have `size` places, down and across; float16 as float32."""
        if (self._shape, self.dtype, self.size) != (x.shape, wide_type(x.dtype), size):
            self._shape, self.dtype, self.size = x.shape, wide_type(x.dtype), size
            self._make_room()
        for part, padded in self._padded:
            self._inside(padded)[...] = x[part].transpose(1, 2, 0, 3)

    def _make_room(self) -> None:
        """Memory for the parts of the batch, and none for what was computed with others."""
        n, c, _, w = self._shape
        self._width = max(w + self.padding[1], self.size[1]) if self.stride == (1, 1) else self.size[1]
        picture = c * math.prod(self.kernel) * self.size[0] * self._width * self.dtype.itemsize
        step = max(1, BLOCK // picture)
        parts = [slice(start, min(start + step, n)) for start in range(0, n, step)]
        self._padded = [(part, np.zeros(self._around(part.stop - part.start), self.dtype)) for part in parts]
        self._memory.clear()

    def _around(self, n: int) -> tuple[int, ...]:
        """The shape of n pictures with zeros around them."""
        _, c, h, w = self._shape
        p, q = self.padding
        return c, h + 2 * p + 2, n, max(w + q, self.size[1])  # two lines more, for what reads past the end

    def parts(self) -> Iterator[tuple[slice, Array]]:
        """Each part of the batch with its windows, (C * kh * kw, places), in memory that the next part uses again."""
        for part, padded in self._padded:
            places = self._places(padded)
            columns = self._room("columns", places.shape)
            columns[...] = places
            yield part, columns.reshape(math.prod(places.shape[:3]), -1)

    def pictures(self, rows: Array) -> Array:
        """(..., places), in all O rows -> (N, O, H', W'), the opposite of `places`: a view."""
        h, w = self.size
        return rows.reshape(-1, h, rows.shape[-1] // (h * self._width), self._width)[..., :w].transpose(2, 0, 1, 3)

    def places(self, dy: Array) -> Array:
        """dy: (N, O, H', W') -> (O, places), zeros where no window is; in memory that the next call uses again."""
        n, o, h, w = dy.shape
        rows = self._room("places", (o, h, n, self._width))  # made of zeros, and written to only where windows are
        rows[..., :w] = dy.transpose(1, 2, 0, 3)
        return rows.reshape(o, -1)

    def add_back(self, columns: Array, dx: Array) -> None:
        """dx[n, c, i * stride + a * dilation, ...] = the sum of all entries of `columns` that were read from there."""
        padded = self._room("dx", self._around(len(dx)))
        padded[...] = 0
        places = self._places(padded)
        entries = columns.reshape(places.shape)
        for a, b in np.ndindex(self.kernel):  # entry (a, b) of every window at once
            places[:, a, b] += entries[:, a, b]
        dx[...] = self._inside(padded).transpose(2, 0, 1, 3)

    def _inside(self, padded: Array) -> Array:
        """Of pictures with zeros around them, the pictures: (C, H, N, W)."""
        (p, q), (h, w) = self.padding, self._shape[2:]
        return padded[:, p : p + h, :, q : q + w]

    def _places(self, padded: Array) -> Array:
        """What each entry of the kernel meets in pictures with zeros around them: a view, (C, kh, kw, places), or
        (C, kh, kw, H', N, W') with a larger stride."""
        c, n = padded.shape[0], padded.shape[2]
        to_c, to_line, to_picture, to_pixel = padded.strides
        strides = (to_c, self.dilation[0] * to_line, self.dilation[1] * to_pixel)
        if self.stride == (1, 1):
            return as_strided(padded, (c, *self.kernel, self.size[0] * n * self._width), (*strides, to_pixel))
        steps = (self.stride[0] * to_line, to_picture, self.stride[1] * to_pixel)
        return as_strided(padded, (c, *self.kernel, self.size[0], n, self.size[1]), (*strides, *steps))

    def _room(self, name: str, shape: tuple[int, ...]) -> Array:
        """Memory for an array of this shape, in the type of the padded pictures."""
        key = f"{name} {shape}"
        if key not in self._memory:
            self._memory[key] = np.zeros(shape, self.dtype)
        return self._memory[key]
