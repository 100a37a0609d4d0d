"""Running a learner's code safely: within a time limit, with its errors caught and explained in words."""

from __future__ import annotations

import contextvars
import ctypes
import inspect
import os
import sys
import sysconfig
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from types import CodeType, FrameType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from nnlab import host

FOLDERS = (Path(__file__).parents[1], *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")))
NOT_THEIRS = (*(f"{folder}{os.sep}" for folder in FOLDERS), "<__array", "<frozen")


class Outcome(NamedTuple):
    """The result of one call: a value, or an error, the names of the inputs that were written into, and of the
    learner's functions that returned None to a case's own code."""

    value: Any = None
    error: BaseException | None = None
    changed: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()


class TimeLimitError(BaseException):
    """Raised inside the learner's code when its time is up; no `except Exception` swallows it."""


class ExplainedError(Exception):
    """An error whose text already says everything."""


def attempt(function: Callable[..., Any], args: tuple[Any, ...], seconds: float, fail_on_overflow: bool) -> Outcome:
    """Call `function(*args)` in a thread that is stopped after `seconds`; signals would not do that on every system.
    Where threads do not start, as in a browser, it is called here and watched (`run_watched`).

    With `fail_on_overflow`, NumPy raises FloatingPointError for an overflow, a division by zero or an invalid number.
    What the function raises comes back in the outcome; only the learner's own interrupt (KeyboardInterrupt) is raised.
    """
    done: list[Outcome] = []

    def work() -> None:
        with suppress(TimeLimitError):  # one that arrives late
            try:
                with np.errstate(all="raise" if fail_on_overflow else "ignore", under="ignore"):
                    done.append(Outcome(function(*args)))
            except BaseException as error:  # whatever the learner's code raises is reported, never raised
                done.append(Outcome(error=error))

    if not host.threads_start():
        run_watched(work, seconds)
        return done[0] if done else Outcome(error=TimeLimitError())
    context = contextvars.copy_context()  # so that prints find the notebook cell that they belong to
    thread = threading.Thread(target=context.run, args=(work,), daemon=True)
    thread.start()
    end = time.monotonic() + seconds
    try:
        while thread.is_alive() and time.monotonic() < end:
            thread.join(0.05)  # short, so that the learner's interrupt is heard on every system
    finally:
        for _ in range(20):  # repeatedly, for code that catches everything; after that it is abandoned
            if not thread.is_alive():
                break
            ident = ctypes.c_ulong(thread.ident or 0)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(TimeLimitError))
            thread.join(0.05)
    return done[0] if done else Outcome(error=TimeLimitError())


def run_watched(work: Callable[[], None], seconds: float) -> None:
    """Call `work` on this thread; a trace raises TimeLimitError in it once `seconds` are over.

    The learner's code is looked at line by line, everything else call by call. Two things go on nevertheless: one long
    call of a function written in C, and a loop that catches every error, since Python stops a trace that has raised.
    """
    end = time.monotonic() + seconds

    def watch(frame: FrameType, event: str, arg: Any) -> Any:
        if event != "return" and time.monotonic() > end:
            raise TimeLimitError
        return None if frame.f_code.co_filename.startswith(NOT_THEIRS) else watch

    before = sys.gettrace()
    with suppress(TimeLimitError):
        sys.settrace(watch)
        try:
            work()
        finally:
            sys.settrace(before)


def noted(objects: SimpleNamespace) -> tuple[SimpleNamespace, list[str]]:
    """The same objects for a case's own code, and a list in which each function that returns None will leave its name:
    what that code makes of None would explain nothing."""
    names: list[str] = []

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **options: Any) -> Any:
            value = function(*args, **options)
            if value is None and name not in names:
                names.append(name)
            return value

        return call

    pairs = vars(objects).items()
    return SimpleNamespace(**{name: watched(name, f) if inspect.isfunction(f) else f for name, f in pairs}), names


def signature_problem(function: Callable[..., Any], name: str, inputs: list[str]) -> str | None:
    """What is wrong with a function's parameters, if it cannot take these inputs; None if it can."""
    try:
        signature = inspect.signature(function)
    except ValueError:  # some functions written in C have no signature
        return None
    try:
        signature.bind(*inputs)
    except TypeError:
        return f"{name} should take ({', '.join(inputs)}); yours takes {signature}."
    return None


def explain(error: BaseException | None) -> str:
    """An error as sentences, with the line of the learner's code that it came from."""
    if isinstance(error, ExplainedError):
        return str(error)
    if error is None:
        return "It should raise an error here."
    if isinstance(error, TimeLimitError):
        text = "It took too long and was stopped. Is there a loop that never ends?"
    elif isinstance(error, FloatingPointError):
        text = f"NumPy met a number out of its range: {error}."
    else:
        text = f"It raised {type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    for frame in [frame for frame in frames if not frame.filename.startswith(NOT_THEIRS)][-1:]:
        text += f"\nIn {frame.name}, line {frame.lineno}" + (f": {frame.line}" if frame.line else "")
    return text


def bytecode(thing: Any) -> Any:
    """The compiled code of a function or class: equal for a stub and for a cell that holds just the stub."""
    if isinstance(thing, type):
        parts = vars(thing).items()
        return {name: bytecode(part) for name, part in parts if callable(part) or not name.startswith("__")}
    thing = getattr(thing, "fget", getattr(thing, "__func__", thing))  # of a property, of a class method
    code = thing if isinstance(thing, CodeType) else getattr(thing, "__code__", None)
    return (code.co_code, code.co_names, [bytecode(part) for part in code.co_consts]) if code else repr(thing)
