"""`.venv`: what an interrupt leaves of it is repaired, and what is not ours stays as it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnlab.dev.environment import venv
from nnlab.dev.say import Trouble


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_missing_venv_module_names_debians_package(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    find = venv.importlib.util.find_spec
    monkeypatch.setattr(venv.importlib.util, "find_spec", lambda name: None if name == module else find(name))
    with pytest.raises(Trouble) as err:
        venv.require_venv_module()
    assert f"python3.{sys.version_info[1]}-venv, or python3-venv" in str(err.value).replace("`", "").replace(")", "")


def broken_venv(folder: Path) -> Path:
    """As an interrupt between two steps of `venv` leaves it."""
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /gone\n")
    return folder


def make_small(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)


def test_a_broken_environment_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venv, "make", make_small)
    folder = broken_venv(tmp_path / ".venv")
    assert venv.python_version(venv.prepare(folder)) == sys.version_info[:2]


def test_an_environment_that_was_barely_begun_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venv, "make", make_small)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    assert venv.python_version(venv.prepare(tmp_path / ".venv")) == sys.version_info[:2]


def test_a_folder_that_is_no_environment_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / ".venv"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(Trouble, match="in the way"):
        venv.prepare(folder)
    assert (folder / "thesis.txt").exists()


def test_missing_pip_is_put_there_and_the_rest_kept(tmp_path: Path) -> None:
    make_small(tmp_path / ".venv")
    (tmp_path / ".venv" / "mine").write_text("")
    python = venv.prepare(tmp_path / ".venv")
    assert venv.has_pip(python) and (tmp_path / ".venv" / "mine").exists()


def test_an_environment_of_an_old_python_is_not_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venv, "python_version", lambda python: (3, 9))
    (tmp_path / ".venv").mkdir()
    with pytest.raises(Trouble, match=r"made with Python 3\.9, which is too old: delete it"):
        venv.prepare(tmp_path / ".venv")
    assert (tmp_path / ".venv").exists()


def test_packages_cut_off_while_unpacking_are_forgotten(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in ("whole-1.dist-info", "half-1.dist-info"):
        (site / name).mkdir(parents=True)
    (site / "whole-1.dist-info" / "RECORD").touch()
    assert venv.sweep(tmp_path) == ["half-1.dist-info"]
    assert [path.name for path in site.iterdir()] == ["whole-1.dist-info"]


def test_venv_failing_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=r"\.venv") as err:
        venv.make(tmp_path / f"a{os.pathsep}b")
    assert "\n" not in str(err.value)
