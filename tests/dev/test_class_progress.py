"""A class's progress files as one table."""

import csv
import json
from pathlib import Path

import pytest

from nnlab.dev.commands import progress as command
from nnlab.dev.inside.class_progress import gather, main
from nnlab.dev.say import Trouble
from nnlab.exercises import ALL, check
from nnlab.exercises.progress_file import read


def student(folder: Path, name: str, exercises: dict[str, object], guesses: dict[str, object] | None = None) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 1, "exercises": exercises, "guesses": guesses or {}}))


def entry(tries: int, solved: bool = False, **mistakes: int) -> dict[str, object]:
    kept = {"tries": tries, "solved": solved, "first_solved": "2026-01-01T00:00:00+00:00" if solved else None}
    return {**kept, "mistakes": mistakes} if mistakes else kept


def guessed(held: bool | None) -> dict[str, object]:
    return {"guess": "9", "revealed": held is not None, "held": held, "later": None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    mistake = next(iter(ALL["02.1"].wrong))
    student(tmp_path, "ada.json", {"02.1": entry(2, True, **{mistake: 1}), "02.2": entry(1)}, {"06.a": guessed(False)})
    student(tmp_path, "group 2/bob/progress.json", {"02.1": entry(5, **{mistake: 4})}, {"06.a": guessed(True)})
    student(tmp_path, "=cmd.json", {"99.9": entry(3)}, {"06.b": guessed(None)})
    (tmp_path / "broken.json").write_text("{")
    return tmp_path


def test_who_is_stuck_which_mistake_is_commonest_which_guess_failed(folder: Path) -> None:
    found = gather(folder)
    assert list(found.students) == ["=cmd", "ada", "group 2/bob"] and list(found.unread) == ["broken"]
    solved = {row[0]: row for row in found.solved().rows}
    assert solved["ada"][-1] == "1" and solved["group 2/bob"][-1] == "0" and solved["of"][-1] == str(len(ALL))
    assert [row[0] for row in found.stuck().rows] == ["02.1", "99.9"]
    assert found.stuck().rows[0][2] == "group 2/bob (5 tries)"
    (row,) = found.mistakes().rows
    assert row[0] == "02.1" and row[2] == "2" and row[3] == next(iter(ALL["02.1"].wrong.values())).message
    assert found.failed_guesses().rows == [["06.a", "1", "2"]]


def test_the_files_that_are_written(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "class"
    assert main([str(folder), str(out)]) == 0
    said = capsys.readouterr().out
    assert "3 students" in said and "broken is left out" in said
    rows = list(csv.DictReader(out.with_name("class.csv").read_text().splitlines()))
    assert {row["student"] for row in rows} == {"'=cmd", "ada", "group 2/bob"}  # no formula for a spreadsheet
    assert {"exercise", "guess"} == {row["kind"] for row in rows}
    page = out.with_name("class.html").read_text()
    assert "Guesses that failed" in page and "http" not in page and "broken: this is no progress file" in page


def test_what_it_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere"), "x"]) == 1 and "is no folder" in capsys.readouterr().err
    assert main([str(tmp_path), "x"]) == 1 and "holds no progress file" in capsys.readouterr().err
    with pytest.raises(Trouble, match="one folder"):
        command.parse([])


def test_a_recognised_mistake_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "progress.json"
    monkeypatch.setenv("NNLAB_PROGRESS", str(file))
    exercise = ALL["00.1"]
    name, wrong = next(iter(exercise.wrong.items()))
    space: dict[str, object] = {}
    exec(f"import numpy as np\n{wrong.source}", space)
    for _ in range(2):
        check("00.1", *(space[one] for one in space if one in exercise.stub and callable(space[one])))
    assert read(file).exercises["00.1"]["mistakes"] == {name: 2}
