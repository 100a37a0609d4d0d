"""A class's progress files as one table."""

import csv
import json
import os
from pathlib import Path

import pytest

from nnlab.dev.commands import progress as command
from nnlab.dev.inside import class_files
from nnlab.dev.inside.class_files import gather
from nnlab.dev.inside.class_progress import ClassProgress, main, questions
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
    found = ClassProgress(gather(folder))
    assert list(found.students) == ["=cmd", "ada", "group 2/bob"] and list(found.files.unread) == ["broken.json"]
    solved = {row[0]: row for row in found.solved().rows}
    assert solved["ada"][-1] == "1" and solved["group 2/bob"][-1] == "0" and solved["of"][-1] == str(len(ALL))
    assert [row[0] for row in found.stuck().rows] == ["02.1", "99.9"]
    assert found.stuck().rows[0][2:] == ["1", "group 2/bob (5)"]
    (row,) = found.mistakes().rows
    assert row[0] == "02.1" and row[2] == "2" and row[3] == next(iter(ALL["02.1"].wrong.values())).message
    assert found.failed_guesses().rows == [["06.a", questions()["06.a"], "1 of 2", "9 (1)"]]


def test_the_files_that_are_written(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "class"
    assert main([str(folder), str(out)]) == 0
    said = capsys.readouterr().out
    assert "3 students" in said and "broken.json is left out" in said
    rows = list(csv.DictReader(out.with_name("class.csv").read_text("utf-8-sig").splitlines()))
    assert {row["student"] for row in rows} == {"'=cmd", "ada", "group 2/bob"}  # no formula for a spreadsheet
    assert {"exercise", "guess"} == {row["kind"] for row in rows}
    page = out.with_name("class.html").read_text()
    assert "Guesses that failed" in page and "http" not in page and "broken.json is left out: it is cut off" in page


def good(**more: object) -> str:
    return json.dumps({"version": 1, "exercises": {"02.1": entry(1, True)}, "guesses": {}} | more)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        (good()[:40], "it is cut off, or no JSON"),
        ("[" * 100_000, "it is cut off, or no JSON"),
        ("\0\xff", "it is cut off, or no JSON"),
        ("[1]", "it is no progress file"),
        ('{"02.1": {"tries": 1}}', "it is no progress file"),
        (good(version=2), "it is of version 2, and this nnlab reads version 1"),
        (good(exercises={"02.1": entry(1) | {"tries": "1"}}), "its entries are not as nnlab writes them"),
        (good(guesses=[1]), "its entries are not as nnlab writes them"),
        (good() + " " * class_files.MOST_BYTES, "it has 2 MB, and a progress file at most 2"),
    ],
)
def test_a_bad_file_hides_no_other(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    (tmp_path / "ada.json").write_text(good())
    found = gather(tmp_path)
    assert list(found.students) == ["ada"] and found.unread == {"bad.json": why}


def test_files_without_guesses_or_mistakes_are_as_good(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(json.dumps({"version": 1, "exercises": {"02.1": entry(1, True)}}))
    assert gather(tmp_path).students["old"].guesses == {}


def test_what_is_no_file_or_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ada.json").write_text(good())
    (tmp_path / "locked.json").write_text(good())
    (tmp_path / "closed").mkdir()
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.json")
    read, scandir = class_files.read, os.scandir

    def refusing(file: Path) -> object:
        if file.name == "locked.json":  # root could read it, whatever its permissions
            raise PermissionError(13, "Permission denied")
        return read(file)

    def closed(place: str) -> object:
        if Path(place).name == "closed":
            raise PermissionError(13, "Permission denied", place)
        return scandir(place)

    monkeypatch.setattr(class_files, "read", refusing)
    monkeypatch.setattr(os, "scandir", closed)
    found = gather(tmp_path)
    assert list(found.students) == ["ada"]
    assert found.unread == {
        "closed": "the folder cannot be read: Permission denied",
        "gone.json": "it is a link to nothing",
        "locked.json": "it cannot be read: Permission denied",
        "pipe.json": "it is no file",
    }


def test_folders_as_platforms_leave_them(tmp_path: Path) -> None:
    for place in (
        "jupyter-ada/nnlab-progress.json",
        "jupyter-bob/nnlab/progress.json",
        "jupyter-bob/nnlab/.ipynb_checkpoints/progress-checkpoint.json",
        "Cy Doe_1234_assignsubmission_file/progress.json",
    ):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(good())
    (tmp_path / "jupyter-bob/nnlab/data").mkdir()
    (tmp_path / "jupyter-bob/nnlab/data/keras_exports.json").write_text("{}")
    found = gather(tmp_path)
    assert list(found.students) == ["Cy Doe_1234_assignsubmission_file", "jupyter-ada", "jupyter-bob"]
    assert found.unread == {} and found.others == ["jupyter-bob/nnlab/data/keras_exports.json"]


def test_two_files_of_one_student_and_one_file_of_two(tmp_path: Path) -> None:
    student(tmp_path, "ada/progress.json", {"02.1": entry(4)})
    student(tmp_path, "ada.json", {"02.1": entry(7, True)})
    os.utime(tmp_path / "ada.json", (1, 1))
    student(tmp_path, "bob.json", {"02.1": entry(2, True)})
    student(tmp_path, "cy.json", {"02.1": entry(2, True)})
    found = gather(tmp_path)
    assert found.students["ada"].exercises["02.1"]["tries"] == 4
    assert found.twice == {"ada": "ada/progress.json counts, changed later than ada.json"}
    assert found.same == [["bob", "cy"]]


def test_names_that_are_hard_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["Müller, Jürgen", 'the "best"', "=1+1", "<script>alert(1)<", "李雷"]
    for name in [*names, "Zoe\u0308", os.fsdecode(b"caf\xe9")]:
        student(tmp_path, f"{name}.json", {"02.1": entry(3)}, {"06.a": guessed(False) | {"guess": "\ud800;\n=2"}})
    assert main([str(tmp_path), str(tmp_path / "out")]) == 0
    with open(tmp_path / "out.csv", encoding="utf-8-sig", newline="") as file:
        students = {row["student"] for row in csv.DictReader(file)}
    assert students == {*names, "Zoë", "caf?", "'=1+1"} - {"=1+1"}
    page = (tmp_path / "out.html").read_text("utf-8")
    assert "<script" not in page and "&lt;script&gt;alert(1)&lt;" in page


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
