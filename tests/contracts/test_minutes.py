"""The minutes that a chapter asks for follow one rule, and what is longer than an hour says where to break."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nnlab.dev import paths

NOTEBOOKS = sorted((paths.ROOT / "notebooks").glob("*.ipynb"))


def estimate(cells: list[tuple[str, str]]) -> float:
    """Minutes: 150 words or 15 lines of code read, 5 an exercise, 3 an explorer (the Playground 10), half a guess."""
    prose = " ".join(source for kind, source in cells if kind == "markdown")
    code = [source for kind, source in cells if kind == "code"]
    lines = sum(len(source.splitlines()) for source in code)

    def count(pattern: str) -> int:
        return sum(bool(re.search(pattern, source, re.MULTILINE)) for source in code)

    hands = 5 * count(r"^check\(") + 3 * count(r"^explore\.\w+_(explorer|panel)\(") + 0.5 * count(r"^guess\(")
    return len(prose.split()) / 150 + lines / 15 + hands + 10 * count(r"^explore\.playground\(")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_minutes(path: Path) -> None:
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(path.read_text("utf-8"))["cells"]]
    head = cells[0][1]
    (stated,) = (int(text) for text in re.findall(r"\*\*Minutes\*\*: (\d+)", head))
    minutes = estimate(cells)
    assert abs(stated - minutes) <= 0.15 * minutes + 2.5, f"says {stated}, by the rule {minutes:.0f}"
    assert stated <= 70 or "two sittings" in head, f"{stated} minutes: say where a break is good"
