"""The texts that are not shipped: the set-up fetches them where there is a network, and says so where there is none."""

import subprocess
import sys
from pathlib import Path

import pytest

from nnlab.dev import paths
from nnlab.dev.commands import doctor, setup
from nnlab.dev.environment import interpreter, texts
from nnlab.dev.environment.interpreter import Environment

BUILD = """
import pathlib, sys
cache = pathlib.Path(__file__).parent / "cache"
cache.mkdir()
for name in sys.argv[1:]:
    (cache / f"{name}.tsv").write_text("1\\t2.0\\tA text.")
"""


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "build.py").write_text(BUILD)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    return tmp_path


def test_what_is_missing_is_fetched_once(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert texts.missing() == ["movie_snippets"]
    assert texts.fetch(Path(sys.executable)) and texts.missing() == []
    assert "Fetching texts that are not shipped, movie_snippets" in capsys.readouterr().out
    assert texts.fetch(Path("no such python"))  # nothing to do
    assert capsys.readouterr().out == ""


def test_without_a_network_it_is_one_sentence(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (clone / "data" / "build.py").write_text("raise SystemExit('Is there a network?')")
    assert not texts.fetch(Path(sys.executable))
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2 and "could not be fetched (Is there a network?): chapter 16 needs them" in said[1]
    assert "`python data/build.py movie_snippets`" in said[1]


def test_a_fetch_that_hangs_ends(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def hang(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("python", 300)

    monkeypatch.setattr(subprocess, "run", hang)
    assert not texts.fetch(Path(sys.executable))
    assert "timed out after 300 seconds" in capsys.readouterr().out


def test_setup_fetches_and_succeeds_without(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = Environment(Path(sys.executable), True, (3, 11, 7), [])
    monkeypatch.setattr(interpreter, "find", lambda extras: there)
    asked: list[Path] = []
    monkeypatch.setattr(texts, "fetch", lambda python: asked.append(python) or False)
    monkeypatch.setattr(setup, "require_clone", lambda: None)
    assert setup.run(setup.parse(["--test"])) == 0 and asked == [there.python]


def test_doctor_says_how_to_get_them(clone: Path) -> None:
    (row,) = [one for one in doctor.data(test=False) if one.name == "texts"]
    assert str(row).startswith("note") and "`python data/build.py movie_snippets`" in row.cure
    (row,) = [one for one in doctor.data(test=True) if one.name == "texts"]
    assert str(row).startswith("MISSING")
    texts.fetch(Path(sys.executable))
    (row,) = [one for one in doctor.data(test=True) if one.name == "texts"]
    assert str(row).startswith("ok")
