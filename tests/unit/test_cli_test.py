"""`test` and `bench`: which words mean what, and what is run."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nnlab._cli import chromium, cmd_bench, cmd_test, install, paths
from nnlab._cli.environment import Environment
from nnlab._cli.say import Trouble


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been run; the answers are taken from `codes`, one each, and are 0 when it is empty."""
    calls: list[list[str]] = []
    monkeypatch.setattr(install, "ensure", lambda extras, cpu=False: Environment(Path("py"), ready=True))

    def run(argv: list[Any], env: dict[str, str], cwd: Path) -> int:
        calls.append([str(word) for word in argv])
        assert env["NNLAB_PROGRESS"] != os.environ.get("NNLAB_PROGRESS") and cwd == paths.ROOT
        return 0

    monkeypatch.setattr(cmd_test.child, "run", run)
    return calls


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("unit", "parity", "browser"):
        (tmp_path / "tests" / name).mkdir(parents=True)
        (tmp_path / "tests" / name / "test_a.py").touch()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00_start_here.ipynb").touch()
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(cmd_test, "find_browser", lambda: "chromium")
    return tmp_path


def test_everything_is_lint_and_then_one_run_of_pytest(clone: Path, ran: list[list[str]]) -> None:
    assert cmd_test.run([]) == 0
    assert [call[2] for call in ran] == ["ruff", "ruff", "mypy", "pytest"]
    assert ran[3][3:6] == ["tests/unit", "tests/parity", "tests/browser"]
    assert ran[3][6:8] == ["notebooks", "--nbval"] and "-n" in ran[3]


def test_lint_alone_runs_no_test(clone: Path, ran: list[list[str]]) -> None:
    assert cmd_test.run(["lint"]) == 0
    assert [call[2] for call in ran] == ["ruff", "ruff", "mypy"]


def test_layers_and_the_options_of_pytest(clone: Path, ran: list[list[str]]) -> None:
    assert cmd_test.run(["unit", "parity", "-x", "-k", "lint"]) == 0
    assert ran[0][3:5] == ["tests/unit", "tests/parity"] and ran[0][-3:] == ["-x", "-k", "lint"]


def test_a_file_stands_in_place_of_a_layer(clone: Path, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clone)
    assert cmd_test.run(["tests/unit/test_a.py::test_x"]) == 0
    assert ran == [["py", "-m", "pytest", "tests/unit/test_a.py::test_x"]]


def test_the_browser_alone_is_not_spread_over_processes(clone: Path, ran: list[list[str]]) -> None:
    assert cmd_test.run(["browser"]) == 0
    assert ran == [["py", "-m", "pytest", "tests/browser"]]


def test_a_layer_without_tests_is_a_sentence(clone: Path, ran: list[list[str]]) -> None:
    (clone / "tests" / "parity" / "test_a.py").unlink()
    with pytest.raises(Trouble, match="no test yet in parity"):
        cmd_test.run(["parity"])


def test_no_test_run_is_a_failure(
    clone: Path, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cmd_test.child, "run", lambda *_: 5)
    assert cmd_test.run(["unit", "-k", "nothing"]) == 5
    assert "No test was run" in capsys.readouterr().out


def test_a_failing_lint_fails_the_run_and_the_tests_still_speak(
    clone: Path, monkeypatch: pytest.MonkeyPatch, ran: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    def run(argv: list[Any], *_: Any) -> int:
        seen.append(argv[2])
        return int(argv[2] == "ruff")

    monkeypatch.setattr(cmd_test.child, "run", run)
    assert cmd_test.run([]) == 1
    assert seen == ["ruff", "ruff", "mypy", "pytest"]
    assert "Lint failed" in capsys.readouterr().out


def test_a_learner_without_a_browser_runs_the_rest(
    clone: Path, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cmd_test, "find_browser", lambda: None)
    monkeypatch.delenv("CI", raising=False)
    assert cmd_test.run([]) == 0
    assert "tests/browser" not in ran[-1] and "Without the browser tests" in capsys.readouterr().out
    with pytest.raises(Trouble, match="apt-get install chromium"):
        cmd_test.run(["browser"])
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Trouble, match="find no browser"):
        cmd_test.run([])


def test_a_browser_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", sys.executable)
    assert chromium.find_browser() == sys.executable
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    assert chromium.find_browser() is None


def test_cells_of_a_notebook_and_browser_tests_stay_in_one_process(tmp_path: Path) -> None:
    """A real run over two processes with this repository's conftest: ten cells that need one another."""
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
    argv = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--nbval", "--nbval-current-env"]
    env = os.environ | {"IPYTHONDIR": str(tmp_path / "ipython")}
    answer = subprocess.run([*argv, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path, env=env)
    assert "26 passed" in answer.stdout, answer.stdout
    assert len(list((tmp_path / "browser").glob("pid*"))) == 1


def test_benches_are_the_modules_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "bench_sliders.py").touch()
    (tmp_path / "cmd_bench.py").touch()
    assert cmd_bench.benches(tmp_path) == ["sliders"]


def test_bench_hands_over(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    calls: list[list[Any]] = []
    monkeypatch.setattr(cmd_bench, "benches", lambda: ["sliders"])
    monkeypatch.setattr(install, "ensure", lambda extras, cpu=False: Environment(Path("py"), ready=True))

    def run(argv: list[Any], env: dict[str, str], cwd: Path) -> int:
        calls.append(argv)
        return 3

    monkeypatch.setattr(cmd_bench.child, "run", run)
    assert cmd_bench.run([]) == 0
    assert "What can be measured: sliders." in capsys.readouterr().out
    assert cmd_bench.run(["sliders", "--rounds", "3"]) == 3
    assert calls == [[Path("py"), "-m", "nnlab._cli.bench_sliders", "--rounds", "3"]]
    with pytest.raises(Trouble, match="did you mean `sliders`"):
        cmd_bench.run(["slider"])
