"""What every committed notebook keeps to, read from the file itself. That it runs and prints the same is nbval's."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from nnlab.course import CHAPTERS as COURSE
from nnlab.exercises import ALL as EXERCISES
from nnlab.explore import ALL as EXPLORERS

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHAPTERS = [path for path in PATHS if not path.name.startswith("00")]
LINES = 15  # of code in a cell
MACHINE = re.compile(r"(?<![\w.])(/home/|/root/|/tmp/|/work/|/Users/|[A-Z]:\\\\)|\b(?:pypi|npmjs|anaconda)\b")
WORN = re.compile(
    r"\b(delve|dive into|let's dive|leverag\w+|utiliz\w+|seamless\w*|tapestry|in this notebook,? we will|"
    r"it is important to note|game.?changer|unlock the power)\b",
    re.I,
)

each = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def text(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def code(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def prose(path: Path) -> list[str]:
    return [text(cell) for cell in read(path)["cells"] if cell["cell_type"] == "markdown"]


def test_there_are_notebooks():
    assert PATHS


@each
def test_is_executed_in_order(path):
    assert [cell["execution_count"] for cell in code(path)] == list(range(1, len(code(path)) + 1))
    for cell in code(path):
        assert all(
            out.get("execution_count", cell["execution_count"]) == cell["execution_count"] for out in cell["outputs"]
        )


@each
def test_is_clean(path):
    """No widget state, no view of a model that is gone, no error, no warning, unique ids, no editor's metadata."""
    notebook = read(path)
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info"}
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[\w-]{1,64}", name) for name in ids)
    for cell in notebook["cells"]:
        assert set(cell["metadata"]) <= {"tags", "jupyter", "slideshow"}, text(cell)
        for output in cell.get("outputs", []):
            assert output["output_type"] != "error", text(cell)
            assert output.get("name") != "stderr", f"{text(cell)}\n{output.get('text')}"
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {}), text(cell)


@each
def test_is_small(path):
    assert path.stat().st_size <= 1_000_000


@each
def test_cells_are_short(path):
    for cell in code(path):
        lines = [line for line in text(cell).splitlines() if line.strip()]
        assert len(lines) <= LINES, f"{len(lines)} lines:\n{text(cell)}"


@each
def test_what_is_not_compared_is_rare_and_asserted(path):
    tagged = [cell for cell in code(path) if "nbval-ignore-output" in cell["metadata"].get("tags", [])]
    assert len(tagged) <= len(code(path)) / 10
    for cell in tagged:
        assert re.search(r"\bassert\b|\bcheck\(", text(cell)), f"nothing is checked here:\n{text(cell)}"


@each
def test_pictures_are_stored_with_their_words(path):
    """Who reads without running sees each explorer's picture; who cannot see reads what it shows."""
    for cell in code(path):
        pictures = [out for out in cell["outputs"] if "image/png" in out.get("data", {})]
        if re.search(r"_explorer\([^)]*\)\s*$", text(cell)):
            assert pictures, text(cell)
        for picture in pictures:
            about = picture["metadata"]["image/png"]
            assert len(about["alt"].split()) >= 3 and about["width"] > 0 and about["height"] > 0


@each
def test_names_no_machine_and_no_registry(path):
    for cell in read(path)["cells"]:
        shown = [text(cell)]
        for output in cell.get("outputs", []):
            shown += [*map(str, output.get("data", {}).values()), str(output.get("text", ""))]
        for words in shown:
            if len(words) < 100_000:  # not the pictures
                assert not MACHINE.search(words), MACHINE.search(words)


@each
def test_prose_is_plain(path):
    for words in prose(path):
        assert not WORN.search(words), WORN.search(words)
        assert "![](" not in words, "a picture without alt text"


@each
def test_headings_lead_to_something(path):
    """No empty heading, none followed at once by another of its own or a higher rank, no rank left out."""
    parts: list[int | None] = []
    for cell in read(path)["cells"]:
        fenced = False
        for line in text(cell).splitlines() if cell["cell_type"] == "markdown" else ["code"]:
            fenced ^= line.startswith("```")
            heading = re.match(r"(#+)(.*)", line) if not fenced else None
            if heading:
                assert heading[2].strip(), f"an empty heading in {text(cell)}"
                parts.append(len(heading[1]))
            elif line.strip():
                parts.append(None)
    for one, other in pairwise(parts):
        assert not (one and other and other <= one), "a heading without a text"
    ranks = [rank for rank in parts if rank]
    assert ranks[0] == 1 and ranks.count(1) == 1, "one title, at the top"
    assert all(other <= one + 1 for one, other in pairwise(ranks)), "a rank of headings is left out"


@each
def test_begins_with_what_it_gives_and_ends_with_what_it_gave(path):
    first, headings = prose(path)[0], re.findall(r"^#+ (.*)", "\n".join(prose(path)), re.M)
    assert first.startswith(f"# {path.name[:2]} "), "its title begins with its number"
    for words in ("You will be able to", "Minutes", "Builds on"):
        assert words in first, words
    assert "Recap" in headings
    assert "Common mistakes" in headings or path.name.startswith("00")


@chapter
def test_a_chapter_has_all_its_parts(path):
    """An explorer with a goal, two exercises as their stubs and checks, and a proof against PyTorch."""
    sources = [text(cell) for cell in code(path)]
    everything = "\n".join(sources)
    names = set(re.findall(r"\b(\w+)_explorer\(", everything))
    assert any(EXPLORERS[name]().goal for name in names & set(EXPLORERS)), "no explorer with a goal"
    assert re.search(r"\b(\w*parity|side_by_side)\(", everything), "no proof against PyTorch"
    assert sum(name.startswith(path.name[:2] + ".") for name in EXERCISES) >= 2, "fewer than two exercises"


@each
def test_every_exercise_stands_as_its_stub_before_its_check(path):
    sources = [text(cell) for cell in code(path)]
    for name, exercise in EXERCISES.items():
        if not name.startswith(path.name[:2] + "."):
            continue
        places = [source for source in sources if exercise.stub.strip() in source]
        assert places, f"{name}: its stub is not in the notebook word by word"
        after = places[0].split(exercise.stub.strip(), 1)[1]
        assert f'check("{name}"' in after, f"{name}: its check does not follow in the same cell"


@each
def test_links_lead_somewhere(path):
    """A relative link points at a file that is there. A chapter that is still to come is named without a link."""
    for words in prose(path):
        for target in re.findall(r"\]\(([^)#\s]+)", words):
            if not re.match(r"\w+:", target):
                assert (path.parent / target).is_file(), target


def test_links_are_seen():
    assert sum(len(re.findall(r"\]\(\d\d_\w+\.ipynb", words)) for path in PATHS for words in prose(path)) > 20


@each
def test_the_end_leads_to_the_next_chapter(path):
    """By a link with its number and title, or by its name if it is still to come; the last one ends the course."""
    numbers = [one.number for one in COURSE]
    after = COURSE[numbers.index(path.name[:2]) + 1 :]
    if not after:
        return
    last = prose(path)[-1].rstrip().splitlines()[-1]
    if after[0].notebook.exists():
        found = re.fullmatch(r"Next: \[(\d\d) (.+)\]\((.+)\)\.", last)
        assert found and (found[1], found[3]) == (after[0].number, after[0].notebook.name), last
        assert after[0].title.startswith(found[2]), last
    else:
        assert last == f"Next: {after[0].number} {after[0].title}, to come."
