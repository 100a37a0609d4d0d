"""`check`, `hint`, `solution` and `progress`, as a notebook calls them."""

from collections import ChainMap

import pytest

import nnlab.exercises as exercises
from tests.exercises.toy_exercises import TWO, double, half


@pytest.fixture
def learner(monkeypatch, tmp_path):
    monkeypatch.setenv("NNLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(exercises, "ALL", ChainMap({"99.1": TWO}, exercises.ALL))
    return tmp_path / "progress.json"


def test_check_prints_and_remembers(learner, capsys):
    assert exercises.check("99.1", *vars(TWO.build(TWO.stub)).values()) is None
    exercises.check("99.1")
    assert not learner.exists()
    exercises.check("99.1", half, half)
    assert learner.exists() and not exercises.progress().solved
    capsys.readouterr()
    exercises.check("99.1", double, half)
    assert exercises.progress().solved == {"99.1"}
    first = capsys.readouterr().out
    exercises.check("99.1", double, half)
    assert capsys.readouterr().out == first == TWO.check(double, half).text + "\n"


def test_progress_that_cannot_be_saved_does_not_hide_the_result(learner, capsys, monkeypatch):
    (learner.parent / "a file").write_text("")
    monkeypatch.setenv("NNLAB_PROGRESS", str(learner.parent / "a file" / "progress.json"))
    exercises.check("99.1", double, half)
    *report, note = capsys.readouterr().out.splitlines()
    assert report[0] == "✓ 99.1 double and half: solved"
    assert note.startswith("Your progress could not be saved in progress.json: ")


def test_hints_come_one_by_one(learner, capsys):
    exercises.hint("99.1")
    assert capsys.readouterr().out == 'Hint 1 of 4, 99.1 double and half\n  Nudge?\nNext: hint("99.1", 2)\n'
    exercises.hint("99.1", 3)
    assert capsys.readouterr().out.endswith('  return ___ * x\nThe next one is the solution: hint("99.1", 4)\n')
    exercises.hint("99.1", 4)
    shown = capsys.readouterr().out
    exercises.solution("99.1")
    assert shown == capsys.readouterr().out and shown.endswith(TWO.solution + "\n")
    assert not learner.exists()


@pytest.mark.parametrize("stage", [0, 5, -1, "2", None, 1.5])
def test_a_hint_that_is_not_there(learner, capsys, stage):
    exercises.hint("99.1", stage)
    assert "99.1 has hints 1 to 4" in capsys.readouterr().out


@pytest.mark.parametrize("id", ["2.1", 2.1, "02.9", "leaky", "", None, double])
def test_an_unknown_id_lists_the_nearest(learner, capsys, id):
    exercises.check(id, double)
    exercises.hint(id)
    exercises.solution(id)
    lines = capsys.readouterr().out
    assert lines.count("There is no exercise") == 3 and " at 0x" not in lines
    if id in ("2.1", 2.1):
        assert '"02.1"' in lines
