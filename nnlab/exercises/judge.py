"""Comparing a learner's value with the right one, and saying in words how they differ."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.exercises.wording import and_list, as_array, describe_kind, format_value


def difference(right: Any, got: Any, rtol: float, atol: float) -> str | None:
    """How a value differs from the right one, in words; None if it does not.

    Lists, tensors and numbers count as arrays, compared as `np.isclose(got, right, rtol, atol)` does. A tuple is
    several values, each compared by itself; where all have the same shape, an array of them will do.
    """
    if got is None and right is not None:
        return "It returned None. Does it end with a line that says return?"
    if isinstance(right, dict):
        if not isinstance(got, dict) or set(got) != set(right):
            return f"Expected a dictionary with the keys {and_list(map(str, right))}, got {describe_kind(got)}."
        pairs = [(f"Under the key {key!r}", right[key], got[key]) for key in right]
    elif isinstance(right, tuple) or (isinstance(right, list) and as_array(right) is None):
        got = unstacked(right, got)
        if not isinstance(got, tuple | list) or len(got) != len(right):
            return f"Expected {len(right)} values as a tuple, got {describe_kind(got)}."
        pairs = [(f"Value {i} of {len(right)}", *pair) for i, pair in enumerate(zip(right, got, strict=True), 1)]
    else:
        return compare(right, got, rtol, atol)
    found = ((place, difference(a, b, rtol, atol)) for place, a, b in pairs)
    return next((f"{place}: {text}" for place, text in found if text), None)


def unstacked(right: tuple[Any, ...] | list[Any], got: Any) -> Any:
    """If `got` is an array in which several values are stacked, a list of them; anything else unchanged."""
    array, parts = as_array(got), [as_array(part) for part in right]
    if array is None or any(part is None or array.shape != (len(right), *part.shape) for part in parts):
        return got
    return list(array)


def compare(right: Any, got: Any, rtol: float, atol: float) -> str | None:
    """How one value differs from the right one, in words; None if it does not. See `difference`."""
    a, b = as_array(right), as_array(got)
    if a is None:
        return None if equal(right, got) else f"Expected {format_value(right)}, got {format_value(got)}."
    if b is None:
        return f"Expected {describe_kind(right)}, got {describe_kind(got)}."
    with np.errstate(all="ignore"):
        if a.shape != b.shape:
            swapped = a.shape == b.T.shape and np.allclose(b.T, a, rtol, atol)
            what = f"Expected {describe_kind(right)}, got {describe_kind(got)}."
            return f"{what} The numbers are right, but rows and columns are swapped." if swapped else what
        close = np.isclose(b, a, rtol, atol, equal_nan=True)
        if close.all():
            return None
        if a.ndim == 0 and a.dtype.kind == "b":  # no answer is too small a yes
            return f"Expected {format_value(right)}, got {format_value(got)}."
        return describe_difference(a + 0.0, b + 0.0, close, rtol, atol)


def equal(right: Any, got: Any) -> bool:
    """Whether two values that are not numbers are equal; False if they cannot be compared."""
    try:
        return bool(np.array_equal(right, got))
    except Exception:  # objects that do not compare
        return False


def describe_difference(a: np.ndarray, b: np.ndarray, close: np.ndarray, rtol: float, atol: float) -> str:
    """What is wrong with the numbers b, compared with the right ones a of the same shape.

    If one reason explains all of them (sign, factor, constant, transposed), that one; else how many differ, and where.
    """

    def right(numbers: np.ndarray) -> bool:
        return np.allclose(numbers, a, rtol, atol)

    if lost := int((~np.isfinite(b) & np.isfinite(a)).sum()):
        return f"{count_phrase(lost, a.size)} NaN (not a number) or infinite."
    if right(-b):
        return "The sign is flipped; otherwise this is right."
    if a.ndim == 0:
        return f"That is too {'large' if b > a else 'small'}."
    if a.ndim == 2 and a.shape == b.T.shape and right(b.T):
        return "The numbers are right, but rows and columns are swapped."
    if len(np.unique(a[a != 0])) > 1:  # with fewer a factor and a constant look the same
        factor, shift = np.median(b[a != 0] / a[a != 0]), np.median(b - a)
        if factor and f"{factor:.4g}" != "1" and right(b / factor):
            return f"Every number is {factor:.4g} times what it should be."
        if right(b - shift):
            return f"Every number is {abs(shift):.4g} too {'large' if shift > 0 else 'small'}."
    places = np.argwhere(~close)
    place = tuple(places[0].tolist())
    at = f", first at index {place if a.ndim > 1 else place[0]}" if len(places) < a.size else ""
    return f"{count_phrase(len(places), a.size)} different{at}."


def count_phrase(count: int, total: int) -> str:
    """The start of a sentence: "3 of 5 numbers are", "Both numbers are", "The number is"."""
    if total == 1:
        return "The number is"
    if count == total:
        return "Both numbers are" if total == 2 else f"All {total} numbers are"
    return f"One of {total} numbers is" if count == 1 else f"{count} of {total} numbers are"
