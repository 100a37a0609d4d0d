"""`doctor`: it says what is there, and its exit status says whether that is enough."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nnlab.dev import paths
from nnlab.dev.commands import doctor
from nnlab.dev.computer import data_files, processor
from nnlab.dev.environment import interpreter
from nnlab.dev.environment.interpreter import Environment

HARDWARE = {"torch": "2.14.1", "torchvision": "0.29.1", "threads": 2, "cuda": [], "built_for_cuda": None, "mps": False}


def row(name: str, found: str | None) -> dict[str, Any]:
    return {"name": name, "wanted": ">=2", "found": found, "ok": found is not None}


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A whole clone on a computer that has everything."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "README.md").write_text("no files yet")
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(doctor, "find_browser", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(doctor, "cannot_build", lambda: "")
    monkeypatch.setattr(doctor, "ask_torch", lambda python: dict(HARDWARE))
    rows = [row("torch", "2.14.1"), row("torchvision", "0.29.1")]
    there = Environment(Path(sys.executable), True, (3, 11, 7), rows)
    monkeypatch.setattr(interpreter, "look", lambda python, extras: there)
    return tmp_path


def test_all_is_well(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.run(doctor.parse([])) == 0
    said = capsys.readouterr().out
    for word in ("nnlab", "Python", "processor", "cores", "torchvision", "CUDA", "MPS", "data", "browser", "disk"):
        assert word in said
    assert "MISSING" not in said and said.endswith("`python3 -m nnlab lab`\n")


def test_a_missing_package_fails_with_the_cure(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row("numpy", None), row("torch", None)]
    monkeypatch.setattr(interpreter, "look", lambda python, extras: Environment(python, requirements=rows))
    assert doctor.run(doctor.parse([])) == 1
    said = capsys.readouterr().out
    assert "MISSING  numpy" in said and "\nnumpy, torch: `python3 -m nnlab setup`\n" in said


def test_a_torch_that_does_not_import_fails(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "ask_torch", lambda python: "ImportError: libcudart.so.13")
    assert doctor.run(doctor.parse([])) == 1
    assert "does not import: ImportError: libcudart.so.13" in capsys.readouterr().out


def test_a_learner_needs_no_browser_and_a_tester_does(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "find_browser", lambda: None)
    assert doctor.run(doctor.parse([])) == 0
    assert "note     browser" in capsys.readouterr().out
    assert doctor.run(doctor.parse(["--test"])) == 1
    assert "MISSING  browser" in capsys.readouterr().out


def test_a_tester_is_told_of_a_container_that_can_not_be_built(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor.texts, "missing", list)
    assert doctor.run(doctor.parse(["--test"])) == 0
    assert "ok       container" in capsys.readouterr().out
    monkeypatch.setattr(doctor, "cannot_build", lambda: "install buildah")
    assert doctor.run(doctor.parse(["--test"])) == 0
    said = capsys.readouterr().out
    assert "note     container" in said and "container: install buildah; only the container tests need it" in said


def test_graphics_cards_are_named(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = HARDWARE | {"cuda": ["Card A", "Card B"], "built_for_cuda": "13.0"}
    monkeypatch.setattr(doctor, "ask_torch", lambda python: card)
    rows = {one.name: one.value for one in doctor.report(test=False)}
    assert rows["CUDA"] == "Card A, Card B" and rows["MPS"] == "none found"


def test_damaged_data_fails(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = hashlib.sha256(b"right").hexdigest()
    lines = [f"{whole}  {name}\n" for name in ("a.npz", "b.npz", "c.csv")]
    (clone / "data" / "sha256.txt").write_text("".join(lines))
    (clone / "data" / "a.npz").write_bytes(b"right")
    (clone / "data" / "b.npz").write_bytes(b"wrong")
    assert data_files.damaged(clone / "data") == ["b.npz was changed", "c.csv is missing"]
    assert doctor.run(doctor.parse([])) == 1
    assert "git checkout" in capsys.readouterr().out


@pytest.mark.skipif(not shutil.which("git"), reason="no git here")
def test_data_that_git_brought_and_that_is_gone_fails(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "init", "-q", clone], check=True)
    subprocess.run(["git", "-C", clone, "add", "data"], check=True)
    assert doctor.run(doctor.parse([])) == 0
    (clone / "data" / "README.md").unlink()
    assert doctor.run(doctor.parse([])) == 1
    assert "data/README.md is gone" in capsys.readouterr().out


def test_the_ready_environment_is_reported_first(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {"running": Environment(Path("running")), "venv": Environment(Path("venv"), ready=True), "none": None}
    monkeypatch.setattr(interpreter, "look", lambda python, extras: seen[str(python)])
    for candidates, told in [(["running", "venv"], "venv"), (["running", "none"], "running"), (["venv"], "venv")]:
        monkeypatch.setattr(interpreter, "candidates", lambda names=candidates: [Path(name) for name in names])
        assert str(doctor.look([]).python) == told


def test_this_computer() -> None:
    assert processor.cores() >= 1 and processor.cpu_name()


def test_a_container_with_a_share_of_the_time_has_fewer_cores(tmp_path: Path) -> None:
    quota = tmp_path / "cpu.max"
    there = processor.cores(quota)
    for text, number in (("max 100000", there), ("50000 100000", 1), ("100000 100000", 1), ("9900000 100000", there)):
        quota.write_text(text)
        assert processor.cores(quota) == number


def test_the_real_torch_answers() -> None:
    answer = doctor.ask_torch(Path(sys.executable))
    assert isinstance(answer, dict) and answer["threads"] >= 1


def test_a_python_without_torch_answers_with_its_last_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text("raise OSError('half a library')")
    monkeypatch.setattr(doctor.interpreter, "child_env", lambda python: {"PYTHONPATH": f"{tmp_path}:{paths.ROOT}"})
    assert doctor.ask_torch(Path(sys.executable)) == "OSError: half a library"
