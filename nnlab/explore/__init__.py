"""Explorers: move a control, see what it does.

`explore.kernel_explorer()` makes the explorer of that name. Its function is in `kernel_explorer.py` in its chapter's
folder: the file is found by its name, and imported when the explorer is first asked for. `ALL` maps the name of every
explorer, without its ending `_explorer`, to the function that makes it. Where a library that it needs is not installed,
the function returns a sentence that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from nnlab.course import CHAPTERS

from .controls import Choice, Levels, Slider, Toggle
from .explorer import Action, Explorer, Goal
from .missing import Missing, is_foreign, or_missing
from .panel import Panel
from .run import Run
from .widgets.text import Text

Explorer.show_in_page = Panel.shown


class _Registry(Mapping[str, Callable[[], Explorer]]):
    """All explorers in the course's order. Counting or listing them imports no chapter."""

    def __getitem__(self, name: str) -> Callable[[], Explorer]:
        if name not in list(self):
            raise KeyError(name)
        made: Callable[[], Explorer] = _find(f"{name}_explorer")
        return made

    def __iter__(self) -> Iterator[str]:
        return (name for chapter in CHAPTERS for name in chapter.explorers)

    def __len__(self) -> int:
        return sum(1 for _ in self)


ALL = _Registry()


def _find(name: str) -> Any:
    """What a chapter's module of this name defines under the same name. Raises AttributeError if there is none."""
    for chapter in CHAPTERS:
        if name in chapter.modules:
            try:
                return or_missing(getattr(import_module(f"{chapter.package}.{name}"), name))
            except ModuleNotFoundError as error:
                if not is_foreign(error):
                    raise
                missing = Missing(error)
                return lambda *args, **options: missing
    near = get_close_matches(name, __dir__(), n=3)
    raise AttributeError(f"nnlab.explore has no {name!r}. Near it: {', '.join(near) or 'nothing'}.")


def __getattr__(name: str) -> Any:
    if name.startswith("_"):  # what IPython asks of every object
        raise AttributeError(name)
    return _find(name)


def __dir__() -> list[str]:
    return [*globals(), *(f"{name}_explorer" for name in ALL), "playground", "training_panel"]
