"""Sentences for bad input: what was expected, what came. Used by every module of `nnlab.scratch`."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def as_float(x: Any, name: str = "x") -> Array:
    """`x` as a floating array: float32 and float64 stay, integers and booleans become float64.

    Raises TypeError for anything that is not numbers."""
    try:
        a = np.asarray(x)
    except ValueError as error:  # ragged lists
        raise ValueError(f"{name} should be an array of numbers, but its rows have different lengths.") from error
    if a.dtype.kind in "biu":
        return a.astype(np.float64)
    if a.dtype.kind != "f":
        raise TypeError(f"{name} should be an array of real numbers, got {describe(x)}.")
    return a


def describe(x: Any) -> str:
    """A few words on what came: type, and shape and dtype where it has them."""
    if isinstance(x, np.ndarray):
        return f"an array of shape {x.shape} and dtype {x.dtype}"
    text = repr(x)
    return f"{type(x).__name__} {text if len(text) <= 40 else text[:37] + '...'}"


def need_last(x: Array, size: int, what: str, name: str = "x") -> None:
    """Raise ValueError unless the last axis of `x` has `size` entries."""
    if x.ndim == 0 or x.shape[-1] != size:
        raise ValueError(f"{name} should have shape (..., {size}), since {what}; got {x.shape}.")


def need_shape(x: Array, shape: tuple[int, ...], name: str) -> None:
    """Raise ValueError unless `x` has exactly `shape`."""
    if x.shape != shape:
        raise ValueError(f"{name} should have shape {shape}, got {x.shape}.")


def need_size(value: Any, name: str, least: int = 1) -> int:
    """`value` as an int of at least `least`; TypeError for a non-integer, ValueError for one too small."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} should be a whole number of at least {least}, got {describe(value)}.")
    if value < least:
        raise ValueError(f"{name} should be at least {least}, got {value}.")
    return int(value)


def pick(table: Mapping[str, Any], key: Any, what: str) -> Any:
    """`table[key]`, or a ValueError that lists the known names and the nearest one."""
    if isinstance(key, str) and key in table:
        return table[key]
    near = get_close_matches(str(key), table, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"There is no {what} named {key!r}.{hint} Known: {', '.join(table)}.")
