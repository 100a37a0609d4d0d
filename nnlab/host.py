"""What the computer that Python runs on has: threads, file locks, PyTorch. In a browser it has none of them.

Nothing here asks which system it is where the thing itself can be tried: a thread is started, a library looked for.
"""

from __future__ import annotations

import logging
import sys
import threading
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

IN_BROWSER = sys.platform == "emscripten"  # Python compiled for a page, as Pyodide is
TITLES = {
    "torch": "PyTorch",
    "torchvision": "torchvision",
    "keras": "Keras",
    "optuna": "Optuna",
    "sklearn": "scikit-learn",
}


def folder(name: str) -> Path:
    """The clone's folder of that name, "notebooks" or "data". In a browser, where nnlab is installed without a clone,
    it lies next to the folder of the notebook that runs."""
    clone = Path(__file__).resolve().parents[1] / name
    return clone if not IN_BROWSER or clone.is_dir() else Path.cwd().parent / name


def settle() -> None:
    """In a browser, keep off the page that Matplotlib reads its fonts, which it does at each start; importing nnlab
    calls this."""
    if IN_BROWSER:
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)


@cache
def has(library: str) -> bool:
    """Whether a library is installed. It is not imported."""
    try:
        return find_spec(library) is not None
    except ModuleNotFoundError:  # the finder of a test says so itself
        return False


@cache
def threads_start() -> bool:
    """Whether a thread can be started. In a page that is one thread itself, none can."""
    thread = threading.Thread(target=lambda: None, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return False
    thread.join()
    return True


@cache
def has_locks() -> bool:
    """Whether a file can be locked. A page's drive has one user, and keeps the file that a soft lock leaves behind."""
    return not IN_BROWSER and has("filelock")


def load(library: str) -> Any:
    """A library, imported. Raises ModuleNotFoundError with a sentence where it is not installed."""
    try:
        return import_module(library)
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise ModuleNotFoundError(needs(library), name=library) from None


def needs(library: str) -> str:
    """The sentence for a library that is missing."""
    title = TITLES.get(library, library)
    if IN_BROWSER:
        return f"This needs {title}, which does not run in the browser: install nnlab on your machine to see it."
    return f"This needs {title}, which is not installed here: `python3 -m nnlab setup` installs it."
