"""float16 has three digits and ends at 65,504: sums and means of it are taken in float32, as PyTorch takes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array

HALF = "e"  # NumPy's letter for float16: comparing letters takes a tenth of the time of comparing types


def wide_type(dtype: Any) -> np.dtype:
    """The type to add numbers of `dtype` in: float32 for float16, any other type itself."""
    return np.dtype(np.float32) if dtype == np.float16 else np.dtype(dtype)


def wide(x: Array) -> Array:
    """`x` in float32 if it is float16, else `x` itself."""
    return x.astype(np.float32) if x.dtype.char == HALF else x


def total(x: Array, axis: int | tuple[int, ...], keepdims: bool = False) -> Array:
    """The sum over the axes, added up in float32 where x is float16; in the type of x."""
    return x.sum(axis=axis, keepdims=keepdims, dtype=wide_type(x.dtype)).astype(x.dtype, copy=False)
