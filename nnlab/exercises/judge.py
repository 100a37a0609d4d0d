"""Running a learner's code safely, comparing what came with what should come, and saying it in words."""

from __future__ import annotations

import contextvars
import ctypes
import inspect
import os
import sysconfig
import textwrap
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

FOLDERS = (Path(__file__).parents[1], *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")))
NOT_THEIRS = (*(f"{folder}{os.sep}" for folder in FOLDERS), "<__array", "<frozen")


class Outcome(NamedTuple):
    """What came of one call: a value, or an error, and the names of the inputs that were written into."""

    value: Any = None
    error: BaseException | None = None
    changed: tuple[str, ...] = ()


class TimeUp(BaseException):
    """Raised inside the learner's code when its time is over; no `except Exception` swallows it."""


class Told(Exception):
    """An error whose text already says everything."""


def attempt(function: Callable[..., Any], args: tuple[Any, ...], seconds: float, quiet: bool) -> Outcome:
    """Call it in a thread that is stopped when its time is over; signals would not do that on every system."""
    done: list[Outcome] = []

    def work() -> None:
        with suppress(TimeUp):  # one that comes late
            try:
                with np.errstate(all="raise" if quiet else "ignore", under="ignore"):
                    done.append(Outcome(function(*args)))
            except BaseException as error:  # whatever the learner's code raises is told, never raised
                done.append(Outcome(error=error))

    context = contextvars.copy_context()  # so that prints find the notebook cell that they belong to
    thread = threading.Thread(target=context.run, args=(work,), daemon=True)
    thread.start()
    end = time.monotonic() + seconds
    try:
        while thread.is_alive() and time.monotonic() < end:
            thread.join(0.05)  # short, so that the learner's interrupt is heard on every system
    finally:
        for _ in range(20):  # again and again, for code that catches everything; then it is left behind
            if not thread.is_alive():
                break
            ident = ctypes.c_ulong(thread.ident or 0)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(TimeUp))
            thread.join(0.05)
    return done[0] if done else Outcome(error=TimeUp())


def misfit(function: Callable[..., Any], name: str, inputs: list[str]) -> str | None:
    """What is wrong with a function's parameters, if it cannot take these inputs."""
    try:
        signature = inspect.signature(function)
    except ValueError:  # some functions written in C do not tell
        return None
    try:
        signature.bind(*inputs)
    except TypeError:
        return f"{name} should take ({', '.join(inputs)}); yours takes {signature}."
    return None


def explain(error: BaseException | None) -> str:
    """An error as sentences, with the line of the learner's code that it came from."""
    if isinstance(error, Told):
        return str(error)
    if error is None:
        return "It should raise an error here."
    if isinstance(error, TimeUp):
        text = "It took too long and was stopped. Is there a loop that never ends?"
    elif isinstance(error, FloatingPointError):
        text = f"NumPy met a number out of its range: {error}."
    else:
        text = f"It raised {type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    for frame in [frame for frame in frames if not frame.filename.startswith(NOT_THEIRS)][-1:]:
        text += f"\nIn {frame.name}, line {frame.lineno}" + (f": {frame.line}" if frame.line else "")
    return text


def anatomy(thing: Any) -> Any:
    """What a function or class consists of: equal for a stub and for a cell that holds just the stub."""
    if isinstance(thing, type):
        parts = vars(thing).items()
        return {name: anatomy(part) for name, part in parts if callable(part) or not name.startswith("__")}
    thing = getattr(thing, "fget", getattr(thing, "__func__", thing))  # of a property, of a class method
    code = thing if isinstance(thing, CodeType) else getattr(thing, "__code__", None)
    return (code.co_code, code.co_names, [anatomy(part) for part in code.co_consts]) if code else repr(thing)


def numbers(value: Any) -> np.ndarray | None:
    """The value as an array of numbers; None where it is none."""
    try:
        array = np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
    except Exception:  # ragged lists, strange objects
        return None
    return array if array.dtype.kind in "biufc" else None


def difference(right: Any, got: Any, rtol: float, atol: float) -> str | None:
    """How a value differs from the right one, in words; None if it does not.

    Lists, tensors and numbers count as arrays. A tuple is several values, each compared by itself; where all have one
    shape, an array of them will do.
    """
    if got is None and right is not None:
        return "It returned None. Does it end with a line that says return?"
    if isinstance(right, dict):
        if not isinstance(got, dict) or set(got) != set(right):
            return f"Expected a dictionary with the keys {and_list(map(str, right))}, got {kind(got)}."
        pairs = [(f"Under the key {key!r}", right[key], got[key]) for key in right]
    elif isinstance(right, tuple) or (isinstance(right, list) and numbers(right) is None):
        got = unstacked(right, got)
        if not isinstance(got, tuple | list) or len(got) != len(right):
            return f"Expected {len(right)} values as a tuple, got {kind(got)}."
        pairs = [(f"Value {i} of {len(right)}", *pair) for i, pair in enumerate(zip(right, got, strict=True), 1)]
    else:
        return compare(right, got, rtol, atol)
    found = ((place, difference(a, b, rtol, atol)) for place, a, b in pairs)
    return next((f"{place}: {text}" for place, text in found if text), None)


def unstacked(right: tuple[Any, ...] | list[Any], got: Any) -> Any:
    """Several values that came stacked into one array, as a list; anything else as it came."""
    array, parts = numbers(got), [numbers(part) for part in right]
    if array is None or any(part is None or array.shape != (len(right), *part.shape) for part in parts):
        return got
    return list(array)


def compare(right: Any, got: Any, rtol: float, atol: float) -> str | None:
    """The difference of two values that are not several."""
    a, b = numbers(right), numbers(got)
    if a is None:
        return None if equal(right, got) else f"Expected {show(right)}, got {show(got)}."
    if b is None:
        return f"Expected {kind(right)}, got {kind(got)}."
    with np.errstate(all="ignore"):
        if a.shape != b.shape:
            swapped = a.shape == b.T.shape and np.allclose(b.T, a, rtol, atol)
            what = f"Expected {kind(right)}, got {kind(got)}."
            return f"{what} The numbers are right, but rows and columns are swapped." if swapped else what
        close = np.isclose(b, a, rtol, atol, equal_nan=True)
        if close.all():
            return None
        if a.ndim == 0 and a.dtype.kind == "b":  # no answer is too small a yes
            return f"Expected {show(right)}, got {show(got)}."
        return pattern(a + 0.0, b + 0.0, close, rtol, atol)


def equal(right: Any, got: Any) -> bool:
    """Whether two values that are no numbers are the same."""
    try:
        return bool(np.array_equal(right, got))
    except Exception:  # objects that do not compare
        return False


def pattern(a: np.ndarray, b: np.ndarray, close: np.ndarray, rtol: float, atol: float) -> str:
    """What is wrong with all numbers of b, where that is beyond doubt; else how many are wrong, and where."""

    def right(numbers: np.ndarray) -> bool:
        return np.allclose(numbers, a, rtol, atol)

    if lost := int((~np.isfinite(b) & np.isfinite(a)).sum()):
        return f"{of(lost, a.size)} NaN (not a number) or infinite."
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
    return f"{of(len(places), a.size)} different{at}."


def of(count: int, total: int) -> str:
    """So many of so many numbers are ..."""
    if total == 1:
        return "The number is"
    if count == total:
        return "Both numbers are" if total == 2 else f"All {total} numbers are"
    return f"One of {total} numbers is" if count == 1 else f"{count} of {total} numbers are"


def kind(value: Any) -> str:
    """What a value is, in a few words."""
    array = None if isinstance(value, tuple) else numbers(value)
    if value is None:
        return "None"
    if array is not None:
        return "one number" if array.ndim == 0 else f"an array of shape {array.shape}"
    if isinstance(value, tuple | list | dict):
        return f"a {type(value).__name__} of {len(value)}"
    return (
        f"a function ({value.__name__})" if inspect.isfunction(value) else f"an object of type {type(value).__name__}"
    )


def show(value: Any, digits: int = 6) -> str:
    """A value as short text that is the same on every machine."""
    if isinstance(value, tuple | dict) or numbers(value) is None:
        if isinstance(value, tuple):
            parts = [show(part, digits) for part in value]
            gap = ",\n" if any("\n" in part for part in parts) else ", "
            return f"({gap.join(parts)})".replace("\n", "\n ")
        if isinstance(value, dict):
            return f"{{{', '.join(f'{key!r}: {show(part, digits)}' for key, part in value.items())}}}"
        plain = value is None or value is ... or isinstance(value, str | list)
        return repr(value) if plain else getattr(value, "__name__", type(value).__name__)
    array = np.asarray(numbers(value))
    if array.ndim == 0:
        return f"{array.item():.{digits}g}" if array.dtype.kind == "f" else str(array.item())
    form: Any = {"float_kind": lambda number: f"{number:.{digits}g}"}
    text = np.array2string(array, separator=", ", threshold=40, edgeitems=2, max_line_width=64, formatter=form)
    gap = "   " if len(text.split("\n")[-1]) < 45 else "\n"
    return text if array.ndim == 1 else f"{text}{gap}shape {array.shape}"


def block(label: str, value: Any, indent: int = 4, digits: int = 6) -> str:
    """A label and a value, whose further lines stand under its first one."""
    start = f"{' ' * indent}{label} "
    return start + show(value, digits).replace("\n", "\n" + " " * len(start))


def wrap(text: str, indent: str = "") -> str:
    """Lines of less than 90 columns."""
    lines = (
        textwrap.wrap(line, 88 - len(indent), break_long_words=False, break_on_hyphens=False) or [""]
        for line in text.split("\n")
    )
    return "\n".join(f"{indent}{line}".rstrip() for part in lines for line in part)


def tidy(source: str) -> str:
    """A triple-quoted text without its indentation and outer empty lines."""
    return textwrap.dedent(source).strip()


def and_list(words: Iterable[str]) -> str:
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last
