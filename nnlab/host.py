"""What the computer that Python runs on has: threads, file locks, PyTorch. In a browser it has none of them.

Nothing here asks which system it is where the thing itself can be tried: a thread is started, a library looked for.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
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


def training_share(text: str | None) -> float:
    """The share of a training run that there is time for. text: what NNLAB_TRAINING_SHARE says; without it all, and a
    fifth in a browser, where matrix products are up to 50 times slower."""
    if text is None:
        return 0.2 if IN_BROWSER else 1.0
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise ValueError(f"NNLAB_TRAINING_SHARE should be a number above 0, at most 1; got {text!r}.")
    return share


TRAINING_SHARE = training_share(os.environ.get("NNLAB_TRAINING_SHARE"))
WHOLE_RUNS = TRAINING_SHARE == 1  # whether training runs are whole, as the lessons describe them


def shortened(whole: int, of: str = "epochs") -> int:
    """How many epochs (`of`: or what else is counted) there is time for: all of them but in a browser, which says so.

    At least 1."""
    part = whole if WHOLE_RUNS else max(1, round(whole * TRAINING_SHARE))
    if part >= whole:
        return whole
    where = "in the browser" if IN_BROWSER else "here"
    print(f"A shorter run {where}: {part:,} of {whole:,} {of}. Expect the same pattern, and somewhat more errors.")
    return part


def folder(name: str) -> Path:
    """The clone's folder of that name, "notebooks" or "data". In a browser, where nnlab is installed without a clone,
    it lies next to the folder of the notebook that runs."""
    clone = Path(__file__).resolve().parents[1] / name
    return clone if not IN_BROWSER or clone.is_dir() else Path.cwd().parent / name


def kept(path: Path, content: bytes) -> Path:
    """Where to read a file whose content was just read: where it is. A page's drive fetches a file from the site each
    time that it is opened; in a browser the content is put on the drive that Python has in memory."""
    if not IN_BROWSER:
        return path
    copy = Path(tempfile.gettempdir(), "nnlab", path.name)
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(content)
    return copy


def for_the_page(bundle: dict[str, str]) -> Any:
    """A mime bundle as it is best published. In a browser that is an object of the page's own: Pyodide turns a text of
    Python's into one of the page's letter by letter, which took a tenth of a picture's time; bytes it copies."""
    if not IN_BROWSER:
        return bundle
    to_js = import_module("pyodide.ffi").to_js
    return _decoder()(to_js([*bundle]), to_js([text.encode() for text in bundle.values()]))


@cache
def _decoder() -> Any:
    script = "(names, texts) => Object.fromEntries(names.map((name, k) => [name, new TextDecoder().decode(texts[k])]))"
    return import_module("pyodide.code").run_js(script)


def settle() -> None:
    """Importing nnlab calls this. ONNX Runtime is to tell nobody what it does: once it is imported, it has already
    written an id of this computer into the home folder. In a browser, keep off the page that Matplotlib reads its
    fonts, which it does at each start."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
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
