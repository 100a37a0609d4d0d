"""Constructions that a native reader stumbles over are not to come back: in notebooks, messages and docstrings."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnlab.dev import paths

WRITTEN = sorted((paths.ROOT / "notebooks").glob("*.ipynb")) + sorted((paths.ROOT / "nnlab").rglob("*.py"))
INSTEAD = {
    r"\banew\b": "again, or a verb with re-",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bdear(er|est)?\b": "expensive",
    r"\bso many\b": "this many, or the name of the number",
    r"\d\s%": "90%, without a space",
    r"(?:^|[.!:]\s)Who [a-z]+s [^?.!:]*[.!:]": '"whoever" or "if you"; "who" alone asks a question',
    r"\b[Aa] training(?=[.,;:)]| (that|of|with|which|is|has|stops|goes)\b)": "a training run",
    r"\b(told|read|reads) right\b": "classified correctly",
    r"\boptimis(e|er|ers|ation|ing)\b": "optimizer, the field's spelling",
    r"\b(regulari|normali|initiali|generali|minimi|maximi)z(es|ed|ing|er|ation)\b": "-ise",
    r"\b(the|their|its|a|and|with|of) spread\b|\bspread (of|1)\b": "standard deviation",
}


def prose(text: str) -> str:
    """Without code and formulas, which have their own spelling."""
    return re.sub(r"```.*?```|``[^`]*``|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$", " ` ", text, flags=re.DOTALL)


def strings(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def texts(path: Path) -> Iterator[str]:
    if path.suffix == ".py":
        yield from strings(path.read_text("utf-8"))
        return
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield source
        elif not source.startswith(("%", "!")):
            yield from strings(source)


def faults(text: str) -> list[str]:
    found = []
    for pattern, better in INSTEAD.items():
        for match in re.finditer(pattern, prose(text)):
            around = prose(text)[max(0, match.start() - 30) : match.end() + 20]
            found.append(f"... {' '.join(around.split())} ...  instead: {better}")
    return found


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(paths.ROOT)))
def test_no_construction_that_a_native_reader_stumbles_over(path: Path) -> None:
    assert [fault for text in texts(path) for fault in faults(text)] == []


def test_the_test_finds_each() -> None:
    sample = "Who guesses has 2. Begin anew: a training of 90 % so many mended; read right, spread of 1, normalized."
    assert len(faults(sample)) == 9
    assert not faults("Who asks? Whoever asks spreads it; `normalize=True`, $\\text{spread of } w$, an optimizer, 90%.")
