"""A new chapter is its folder and one row of the course: its explorers are found without touching anything else."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnlab import chapters, explore
from nnlab.course import CHAPTERS, Chapter

TOY_EXPLORER = '''"""An explorer of a chapter that was just added."""

from nnlab.explore import Explorer, Goal, Slider


class View:
    def __init__(self, figure):
        (self.line,) = figure.subplots().plot([0, 1], [0, 0], animated=True)

    def update(self, d):
        self.line.set_ydata([0, d])


def toy_explorer():
    goal = Goal("make it steep", lambda d: d > 0.5, solution={"slope": 0.6})
    controls = {"slope": Slider(0.0, 1.0)}
    return Explorer(compute=lambda slope: slope, draw=View, controls=controls, alt="a line", goal=goal)
'''


@pytest.fixture
def toy_chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chapter]:
    row = Chapter("VI. Toys", "99", "toy", "A toy chapter")
    folder = tmp_path / "c99_toy"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "toy_explorer.py").write_text(TOY_EXPLORER)
    monkeypatch.setattr(chapters, "__path__", [*chapters.__path__, str(tmp_path)])
    CHAPTERS.append(row)
    importlib.invalidate_caches()
    yield row
    CHAPTERS.remove(row)
    for name in [name for name in sys.modules if name.startswith(row.package)]:
        del sys.modules[name]
    vars(chapters).pop("c99_toy", None)


def test_its_explorer_is_found_by_its_file(toy_chapter: Chapter) -> None:
    assert list(explore.ALL)[-1] == "toy" and "toy_explorer" in dir(explore)
    assert toy_chapter.package not in sys.modules  # listing imports nothing
    explorer = explore.toy_explorer()
    assert explore.ALL["toy"] is explore.toy_explorer
    assert not explorer.reached
    explorer.set(**explorer.goal.solution)
    assert explorer.reached and explorer.png().startswith(b"\x89PNG")


def test_without_the_row_it_is_not_there() -> None:
    assert "toy" not in explore.ALL
    with pytest.raises(AttributeError, match="no 'toy_explorer'"):
        _ = explore.toy_explorer
