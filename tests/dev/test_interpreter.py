"""Which environment is taken: the running one if it has all, else `.venv`."""

import sys
from pathlib import Path
from typing import Any

import pytest

from nnlab.dev import paths
from nnlab.dev.commands import lab
from nnlab.dev.environment import install, interpreter, probe
from nnlab.dev.environment.interpreter import Environment

PROJECT = """
[project]
name = "nnlab"
dependencies = ["apple>=2,<4", "pear>=1; python_version < '3'", "torch>=2", "torchvision>=0.1"]
optional-dependencies = { test = ["plum>=5"] }
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A folder of invented packages that this process sees as installed; give each a version."""
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(str(site))
    (tmp_path / "pyproject.toml").write_text(PROJECT)

    def add(name: str, version: str, needs: str = "", record: bool = True) -> None:
        info = site / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        lines = [f"Name: {name}", f"Version: {version}"] + ([f"Requires-Dist: {needs}"] if needs else [])
        (info / "METADATA").write_text("\n".join(lines) + "\n")
        if record:
            (info / "RECORD").write_text("")

    for name, version, needs in [("apple", "3.1", ""), ("torch", "2.5", ""), ("torchvision", "0.9", "torch==2.5")]:
        add(name, version, needs)
    return add


def look(tmp_path: Path, *extras: str) -> dict[str, Any]:
    return probe.main(tmp_path / "pyproject.toml", list(extras))


def test_what_is_listed_and_in_range_is_enough(tmp_path: Path, packages: Any) -> None:
    report = look(tmp_path)
    assert report["ready"]
    assert [row["name"] for row in report["requirements"]] == ["apple", "torch", "torchvision"]


def test_an_extra_is_asked_for_only_where_it_is_needed(tmp_path: Path, packages: Any) -> None:
    assert not look(tmp_path, "test")["ready"]
    packages("plum", "5.0")
    assert look(tmp_path, "test")["ready"]


def test_a_version_out_of_range_is_not_enough(tmp_path: Path, packages: Any) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT.replace("apple>=2", "apple>=3.2"))
    assert [row["name"] for row in look(tmp_path)["requirements"] if not row["ok"]] == ["apple"]


def test_torch_and_torchvision_must_match(tmp_path: Path, packages: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe.metadata, "requires", lambda name: ["torch==2.6"])
    bad = [row for row in look(tmp_path)["requirements"] if not row["ok"]]
    assert bad == [{"name": "torch", "wanted": "==2.6 for torchvision 0.9", "found": "2.5", "ok": False}]


def test_the_cpu_build_satisfies_the_pin_of_the_pair(
    tmp_path: Path, packages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "installed", lambda name, strict: {"torch": "2.14.1+cpu"}.get(name, "3.0"))
    monkeypatch.setattr(probe.metadata, "requires", lambda name: ["torch==2.14.1"])
    assert look(tmp_path)["ready"]


def test_a_package_cut_off_half_way_does_not_count_in_our_own_environment(packages: Any) -> None:
    packages("half", "1.0", record=False)
    assert probe.installed("half", strict=False) == "1.0"  # conda's packages may look so
    assert probe.installed("half", strict=True) is None


def test_an_empty_remainder_of_a_package_does_not_count(tmp_path: Path, packages: Any) -> None:
    (tmp_path / "site" / "gone-1.0.dist-info").mkdir()
    assert probe.installed("gone", strict=False) is None


def test_a_moved_clone_must_be_installed_again(tmp_path: Path, packages: Any) -> None:
    (tmp_path / "site" / "nnlab.egg-info").mkdir()  # as the clone itself holds one
    packages("nnlab", "0.1.0")
    url = tmp_path / "site" / "nnlab-0.1.0.dist-info" / "direct_url.json"
    url.write_text('{"url": "file:///elsewhere"}')
    assert not probe.installed_from(tmp_path)
    url.write_text(f'{{"url": "{tmp_path.as_uri()}"}}')
    assert probe.installed_from(tmp_path)


def test_without_packaging_nothing_is_ready(tmp_path: Path, packages: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT.replace('["apple', '["packaging>=23", "apple'))
    monkeypatch.setitem(sys.modules, "packaging.requirements", None)
    report = look(tmp_path)
    assert not report["ready"]
    assert [row["name"] for row in report["requirements"] if not row["ok"]] == ["packaging", "pear"]


def test_the_running_environment_is_seen_as_it_is() -> None:
    """The tests run in an environment that has the test extra, so the real probe must find it ready."""
    found = interpreter.look(Path(sys.executable), ["test"])
    assert found is not None and found.missing() == []
    assert found.version[:2] == sys.version_info[:2]


def test_a_python_that_does_not_run_is_none(tmp_path: Path) -> None:
    assert interpreter.look(tmp_path / "python", []) is None


def test_a_ready_environment_is_used_and_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(interpreter, "look", lambda python, extras: Environment(python, ready=True))
    monkeypatch.setattr(install, "install", lambda *_: pytest.fail("it began to install"))
    assert install.ensure([]).python == Path(sys.executable)
    assert not (tmp_path / ".venv").exists()


def test_an_environment_that_lacks_something_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = [
        {"name": name, "wanted": ">=1", "found": None, "ok": False} for name in ("torch", "apple", "pear", "fig")
    ]
    monkeypatch.setattr(paths, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(interpreter, "look", lambda python, extras: Environment(python, requirements=lacking))
    monkeypatch.setattr(install, "install", lambda extras, cpu: Environment(Path("made")))
    assert install.ensure([]).python == Path("made")
    said = capsys.readouterr().out
    assert "lacks torch, apple, pear and 1 more, and stays as it is: .venv is used instead" in said


def test_children_import_this_clone_and_find_this_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/theirs")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    env = interpreter.child_env(paths.venv_python(paths.VENV), NNLAB_PROGRESS="x")
    assert env["PYTHONPATH"].startswith(str(paths.ROOT)) and env["PYTHONPATH"].endswith("/theirs")
    assert env["JUPYTER_PREFER_ENV_PATH"] == "1" and env["NNLAB_PROGRESS"] == "x" and "MPLBACKEND" not in env
    assert env["PATH"].startswith(str(paths.scripts_dir(paths.VENV)))


def test_lab_opens_the_start_page_and_passes_the_rest_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notebooks").mkdir()
    page = tmp_path / "notebooks" / "00_start_here.ipynb"
    for name, path in {"ROOT": tmp_path, "NOTEBOOKS": page.parent, "START_PAGE": page}.items():
        monkeypatch.setattr(paths, name, path)
    assert "--LabApp.default_url=/lab/tree/notebooks" in lab.lab_options([])
    page.write_text("{}")
    options = lab.lab_options(["--no-browser", "--port", "8890"])
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in options
    assert f"--ServerApp.root_dir={tmp_path}" in options
    assert options[-3:] == ["--no-browser", "--port", "8890"]
    assert not [word for word in options if "token" in word or "password" in word or "ip=" in word]
