"""Values and texts as a learner reads them: short, and the same on every machine."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable
from typing import Any

import numpy as np


def as_array(value: Any) -> np.ndarray | None:
    """The value (a number, list, tensor ...) as an array of numbers; None if it is not numeric."""
    try:
        array = np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
    except Exception:  # ragged lists, strange objects
        return None
    return array if array.dtype.kind in "biufc" else None


def describe_kind(value: Any) -> str:
    """What kind of thing a value is, in a few words: "an array of shape (3, 2)"."""
    array = None if isinstance(value, tuple) else as_array(value)
    if value is None:
        return "None"
    if array is not None:
        return "one number" if array.ndim == 0 else f"an array of shape {array.shape}"
    if isinstance(value, tuple | list | dict):
        return f"a {type(value).__name__} of {len(value)}"
    return (
        f"a function ({value.__name__})" if inspect.isfunction(value) else f"an object of type {type(value).__name__}"
    )


def format_value(value: Any, digits: int = 6) -> str:
    """A value as short text that is the same on every machine, numbers with this many significant digits."""
    if isinstance(value, tuple | dict) or as_array(value) is None:
        if isinstance(value, tuple):
            parts = [format_value(part, digits) for part in value]
            gap = ",\n" if any("\n" in part for part in parts) else ", "
            return f"({gap.join(parts)})".replace("\n", "\n ")
        if isinstance(value, dict):
            return f"{{{', '.join(f'{key!r}: {format_value(part, digits)}' for key, part in value.items())}}}"
        plain = value is None or value is ... or isinstance(value, str | list)
        return repr(value) if plain else getattr(value, "__name__", type(value).__name__)
    array = np.asarray(as_array(value))
    if array.ndim == 0:
        return f"{array.item():.{digits}g}" if array.dtype.kind == "f" else str(array.item())
    form: Any = {"float_kind": lambda number: f"{number:.{digits}g}"}
    text = np.array2string(array, separator=", ", threshold=40, edgeitems=2, max_line_width=64, formatter=form)
    gap = "   " if len(text.split("\n")[-1]) < 45 else "\n"
    return text if array.ndim == 1 else f"{text}{gap}shape {array.shape}"


def labelled(label: str, value: Any, indent: int = 4, digits: int = 6) -> str:
    """A label and a value; further lines of the value are aligned with its first one."""
    start = f"{' ' * indent}{label} "
    return start + format_value(value, digits).replace("\n", "\n" + " " * len(start))


def wrap(text: str, indent: str = "") -> str:
    """The text in lines shorter than 90 columns, each indented by `indent`."""
    lines = (
        textwrap.wrap(line, 88 - len(indent), break_long_words=False, break_on_hyphens=False) or [""]
        for line in text.split("\n")
    )
    return "\n".join(f"{indent}{line}".rstrip() for part in lines for line in part)


def dedent(source: str) -> str:
    """A triple-quoted text without its indentation and outer empty lines."""
    return textwrap.dedent(source).strip()


def and_list(words: Iterable[str]) -> str:
    """At least one word, as in "a, b and c"."""
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last
