"""What of a widget runs in the page: the JavaScript and CSS in static/. They load nothing from anywhere."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "static"


def static(file: str) -> str:
    """The text of a file of static/, as `_esm` and `_css` of an AnyWidget take it.

    Its text, not its path: given a path, anywidget may watch the file for changes on a thread of its own."""
    return (_FOLDER / file).read_text("utf-8")
