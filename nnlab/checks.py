"""Sentences for bad input: what was expected, what came. Used by all rooms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def as_float(x: Any, name: str = "x") -> Array:
    """`x` as a floating array: float32 and float64 stay, integers and booleans become float64.

    Raises TypeError for anything that is not numbers and for masked arrays, ValueError for rows of several lengths."""
    if type(x) is np.ndarray and x.dtype.kind == "f":  # the usual case, first
        return x
    a = as_array(x, name)
    if a.dtype.kind == "f":
        return a
    if a.dtype.kind in "biu":
        return a.astype(np.float64)
    raise TypeError(f"{name} should be an array of real numbers, got {describe(x)}.")


def as_array(x: Any, name: str = "x") -> Array:
    """`x` as an array of any type. TypeError for a masked array, ValueError for rows of several lengths.

    numpy.asarray drops a mask and keeps what it hides, -999 as often as not."""
    if type(x) is np.ndarray:
        return x
    if _masked(x):
        raise TypeError(
            f"{name} is a masked array, and the mask would be lost: fill it, x.filled(0), or leave those rows out."
        )
    try:
        return np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} should be an array of numbers, but its rows have different lengths.") from error


def _masked(x: Any) -> bool:
    """Whether `x` is a masked array, or a list that holds one at any depth."""
    if isinstance(x, (list, tuple)):
        return any(map(_masked, x))
    return isinstance(x, np.ma.MaskedArray)


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


def need_axes(x: Array, axes: str, name: str = "x") -> None:
    """Raise ValueError unless `x` has the axes named in words, as in "N C H W"."""
    names = axes.split()
    if x.ndim != len(names):
        raise ValueError(f"{name} should have {len(names)} axes ({', '.join(names)}), got shape {x.shape}.")


def need_shape(x: Array, shape: tuple[int, ...], name: str) -> None:
    """Raise ValueError unless `x` has exactly `shape`."""
    if x.shape != shape:
        raise ValueError(f"{name} should have shape {shape}, got {x.shape}.")


def need_integers(x: Any, name: str, below: int) -> Array:
    """`x` as an array of whole numbers from 0 to below - 1: labels, or rows of a table."""
    a = as_array(x, name)
    if a.dtype.kind not in "iu":
        raise TypeError(f"{name} should be whole numbers (an integer array), got {describe(x)}: use .astype(int).")
    if a.size and not (a.min() >= 0 and a.max() < below):
        raise ValueError(f"{name} should be from 0 to {below - 1}, got {a.min()} to {a.max()}.")
    return a


def need_size(value: Any, name: str, least: int = 1) -> int:
    """`value` as an int of at least `least`; TypeError for a non-integer, ValueError for one too small."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} should be a whole number of at least {least}, got {describe(value)}.")
    if value < least:
        raise ValueError(f"{name} should be at least {least}, got {value}.")
    return int(value)


def need_pair(value: Any, name: str, least: int = 1) -> tuple[int, int]:
    """`value` as (height, width): one whole number serves for both."""
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(f"{name} should be one whole number or a pair (height, width), got {describe(value)}.")
        return need_size(value[0], name, least), need_size(value[1], name, least)
    return need_size(value, name, least), need_size(value, name, least)


def need_number(value: Any, name: str, low: float = 0.0, high: float = math.inf, below: float = math.inf) -> float:
    """`value` as a float with low <= value <= high and value < below. TypeError if it is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} should be a number, got {describe(value)}.")
    if low <= value <= high and value < below:  # false for NaN as well
        return float(value)
    if below < math.inf:
        allowed = f"at least {low:g} and below {below:g}"
    elif high < math.inf:
        allowed = f"from {low:g} to {high:g}"
    else:
        allowed = f"a finite number of at least {low:g}" if low > -math.inf else "a finite number"
    raise ValueError(f"{name} should be {allowed}, got {value}.")


def need_rng(rng: Any) -> np.random.Generator:
    """`rng` checked: NumPy's generator, since nothing here draws from a global one."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng should be a generator, as numpy.random.default_rng(0) makes one; got {describe(rng)}.")
    return rng


def pick(table: Mapping[str, Any], key: Any, what: str) -> Any:
    """`table[key]`, or a ValueError that lists the known names and the nearest one."""
    if isinstance(key, str) and key in table:
        return table[key]
    from difflib import get_close_matches  # here, not above: only a mistake needs it

    near = get_close_matches(str(key), table, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"There is no {what} named {key!r}.{hint} Known: {', '.join(table)}.")
