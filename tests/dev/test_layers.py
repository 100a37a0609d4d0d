"""`test`: which words mean what, and what is run."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nnlab.dev import paths
from nnlab.dev.commands import test as command
from nnlab.dev.computer import chromium, containers
from nnlab.dev.environment import install
from nnlab.dev.environment.interpreter import Environment
from nnlab.dev.reach.choose import Selection
from nnlab.dev.say import Trouble


def run(*words: str) -> int:
    return command.run(command.parse(words))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been run; the answers are taken from `codes`, one each, and are 0 when it is empty."""
    calls: list[list[str]] = []
    monkeypatch.setattr(install, "ensure", lambda extras, cpu=False: Environment(Path("py"), ready=True))

    def answer(argv: list[Any], env: dict[str, str], cwd: Path) -> int:
        calls.append([str(word) for word in argv])
        assert env["NNLAB_PROGRESS"] != os.environ.get("NNLAB_PROGRESS") and cwd == paths.ROOT
        return 0

    monkeypatch.setattr(command.child, "run", answer)
    return calls


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("scratch", "dev", "parity", "contracts", "chapters", "container", "browser"):
        (tmp_path / "tests" / name).mkdir(parents=True)
        (tmp_path / "tests" / name / "test_a.py").touch()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00_start_here.ipynb").touch()
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(command, "no_browser", lambda: "")
    monkeypatch.setattr(command, "cannot_build", lambda: "")
    return tmp_path


def test_everything_is_lint_and_then_one_run_of_pytest(clone: Path, ran: list[list[str]]) -> None:
    assert run() == 0
    assert [call[2] for call in ran] == [*["ruff"] * 4, "mypy", "pytest"]
    rest = [f"tests/{name}" for name in ("parity", "contracts", "chapters", "container", "browser")]
    assert ran[-1][3:10] == ["tests/dev", "tests/scratch", *rest]
    assert ran[-1][10:12] == ["notebooks", "--nbval"] and "-n" in ran[-1] and ran[-1][-1] == "--durations=30"


def test_lint_runs_no_test(clone: Path, ran: list[list[str]]) -> None:
    assert run("lint") == 0
    assert [call[2] for call in ran] == [*["ruff"] * 4, "mypy"]


def test_layers_and_the_options_of_pytest(clone: Path, ran: list[list[str]]) -> None:
    assert run("parity", "-x", "-k", "lint", "chapters", "-vv", "--durations=5", "--", "--junit-xml", "a.xml") == 0
    assert ran[0][3:5] == ["tests/parity", "tests/chapters"]
    assert ran[0][-8:] == ["-x", "-k", "lint", "-v", "-v", "--durations=5", "--junit-xml", "a.xml"]


def test_a_number_of_processes_that_is_given_stands(clone: Path, ran: list[list[str]]) -> None:
    assert run("unit", "-n", "0") == 0
    assert ran[0].count("-n") == 1 and ran[0][-2:] == ["-n", "0"]


def test_a_file_stands_in_place_of_a_layer(clone: Path, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clone)
    assert run("tests/dev/test_a.py::test_x") == 0
    assert ran == [["py", "-m", "pytest", "tests/dev/test_a.py::test_x"]]


def test_the_browser_layer_runs_in_one_process(clone: Path, ran: list[list[str]]) -> None:
    assert run("browser") == 0
    assert ran == [["py", "-m", "pytest", "tests/browser"]]


def test_a_layer_without_tests_is_a_sentence(clone: Path, ran: list[list[str]]) -> None:
    (clone / "tests" / "parity" / "test_a.py").unlink()
    with pytest.raises(Trouble, match="no test yet in parity"):
        run("parity")


def test_no_test_run_is_a_failure(
    clone: Path, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command.child, "run", lambda *_: 5)
    assert run("unit", "-k", "nothing") == 5
    assert "No test was run" in capsys.readouterr().out


def test_a_failing_lint_fails_the_run_and_the_tests_still_speak(
    clone: Path, monkeypatch: pytest.MonkeyPatch, ran: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    def answer(argv: list[Any], *_: Any) -> int:
        seen.append(argv[2])
        return int(argv[2] == "ruff")

    monkeypatch.setattr(command.child, "run", answer)
    assert run() == 1
    assert seen == [*["ruff"] * 4, "mypy", "pytest"]
    assert "Lint failed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("layer", "probe", "cure"),
    [("browser", "no_browser", chromium.CURE), ("container", "cannot_build", containers.CURE)],
)
def test_a_learner_without_a_program_runs_the_rest(
    clone: Path,
    ran: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    layer: str,
    probe: str,
    cure: str,
) -> None:
    monkeypatch.setattr(command, probe, lambda: cure)
    monkeypatch.delenv("CI", raising=False)
    assert run() == 0
    assert f"tests/{layer}" not in ran[-1] and f"Without the {layer} tests: {cure}." in capsys.readouterr().out
    with pytest.raises(Trouble, match=f"The {layer} tests can't run: "):
        run(layer)
    chosen = Selection(tests={f"tests/{layer}/test_a.py": "", "tests/dev": ""})
    monkeypatch.setattr(command, "choose_changed", lambda long: chosen)
    assert run("--changed") == 0 and ran[-1][3:5] == ["tests/dev", "-n"]
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Trouble, match=f"The {layer} tests can't run: "):
        run()


def test_where_no_container_may_be_built_ci_runs_the_rest(
    clone: Path, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing that CI could install would cure it."""
    monkeypatch.setattr(command, "cannot_build", lambda: f"{containers.REFUSED} (no)")
    monkeypatch.setenv("CI", "true")
    assert run() == 0
    assert "tests/container" not in ran[-1] and "Without the container tests: mounts" in capsys.readouterr().out
    with pytest.raises(Trouble, match="The container tests can't run: mounts"):
        run("container")


def test_what_a_change_can_reach_is_run(clone: Path, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lint always; the notebooks that were reached, and no others, also in the tests that go through all of them."""
    chosen = Selection(tests={"tests/dev": "", "tests/browser/test_a.py": ""}, notebooks={"notebooks/06_a.ipynb": ""})
    monkeypatch.setattr(command, "choose_changed", lambda long: chosen)
    envs: list[dict[str, str]] = []
    record = command.child.run
    monkeypatch.setattr(command.child, "run", lambda argv, env, cwd: envs.append(env) or record(argv, env, cwd))
    assert run("--changed", "-x") == 0
    assert [call[2] for call in ran] == [*["ruff"] * 4, "mypy", "pytest"]
    assert ran[-1][3:7] == ["tests/browser/test_a.py", "tests/dev", "notebooks/06_a.ipynb", "--nbval"]
    assert envs[-1]["NNLAB_NOTEBOOKS"] == "06_a.ipynb"
    ran.clear()
    assert run("--changed", "--list") == 0 and not ran
    monkeypatch.setattr(command, "choose_changed", lambda long: Selection(all="pyproject.toml"))
    assert run("--changed") == 0
    assert ran[-1][3] == "tests/dev" and "notebooks" in ran[-1] and "NNLAB_NOTEBOOKS" not in envs[-1]


def test_a_browser_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", sys.executable)
    assert chromium.find_browser() == sys.executable
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    assert chromium.find_browser() is None


def test_what_stays_in_one_process_and_what_is_left_out(tmp_path: Path) -> None:
    """A real run over two processes with this repository's conftest: ten cells that need one another and six tests of
    the browser stay together; tests of a notebook that was not reached are left out."""
    import nbformat

    (tmp_path / "conftest.py").write_text((paths.ROOT / "tests" / "conftest.py").read_text("utf-8"))
    for name in ("a", "b"):
        cells = [nbformat.v4.new_code_cell("n = 0")]
        cells += [nbformat.v4.new_code_cell("n += 1\nassert n == " + str(n)) for n in range(1, 10)]
        for count, cell in enumerate(cells, 1):
            cell.execution_count = count
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    (tmp_path / "browser").mkdir()
    text = "import os, pathlib\n" + "".join(
        f"def test_{n}(): (pathlib.Path(__file__).parent / f'pid{{os.getpid()}}').touch()\n" for n in range(6)
    )
    (tmp_path / "browser" / "test_b.py").write_text(text)
    text = """import pathlib, pytest
@pytest.mark.parametrize("path", [pathlib.Path("/n/06_a.ipynb"), pathlib.Path("/n/07_b.ipynb")])
def test_each(path): assert path.name == "07_b.ipynb"
"""
    (tmp_path / "test_notebooks.py").write_text(text)
    argv = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--nbval", "--nbval-current-env"]
    env = os.environ | {"IPYTHONDIR": str(tmp_path / "ipython"), "NNLAB_NOTEBOOKS": "07_b.ipynb 08_c.ipynb"}
    answer = subprocess.run([*argv, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path, env=env)
    assert "27 passed" in answer.stdout, answer.stdout
    assert len(list((tmp_path / "browser").glob("pid*"))) == 1
