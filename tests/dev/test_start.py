"""The first seconds: any Python, no package, a command mistyped."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from nnlab.dev import main, paths

ENTRY = paths.ROOT / "nnlab" / "__main__.py"


def python(*words: str, code: str | None = None) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, *words] + (["-c", code] if code else [])
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(argv, capture_output=True, text=True, cwd=paths.ROOT, env=env)


def test_an_old_python_gets_one_sentence() -> None:
    pretend = (
        "import runpy, sys; sys.version_info = (3, 9, 2, 'final', 0); runpy.run_module('nnlab', run_name='__main__')"
    )
    answer = python(code=pretend)
    assert answer.returncode == 1
    assert answer.stderr.startswith("nnlab needs Python 3.11 or newer, and this is Python 3.9: ")
    assert answer.stderr.count("\n") == 1


def test_the_old_python_is_pointed_to_a_newer_one_on_this_machine(tmp_path: Path) -> None:
    newer = tmp_path / "python3.13"
    newer.write_text("")
    newer.chmod(0o755)
    pretend = (
        f"import os, runpy, sys; os.environ['PATH'] = {str(tmp_path)!r}; sys.version_info = (3, 6, 1, 'final', 0)\n"
        "runpy.run_module('nnlab', run_name='__main__')"
    )
    assert "type `python3.13 -m nnlab` instead" in python(code=pretend).stderr


def test_the_first_file_is_written_for_old_pythons() -> None:
    tree = ast.parse(ENTRY.read_text("utf-8"), feature_version=(3, 7))
    new = (ast.JoinedStr, ast.NamedExpr, ast.AnnAssign, ast.FunctionDef, ast.ClassDef, ast.Starred)
    assert not [node for node in ast.walk(tree) if isinstance(node, new)]


def test_real_old_pythons() -> None:
    """Those that this machine happens to have; most have none."""
    for version in ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10"):
        old = shutil.which(f"python{version}")
        if old and subprocess.run([old, "-c", ""], capture_output=True).returncode == 0:
            answer = subprocess.run([old, "-m", "nnlab"], capture_output=True, text=True, cwd=paths.ROOT)
            assert f"this is Python {version}" in answer.stderr


def test_before_the_environment_exists_the_standard_library_is_enough() -> None:
    """-S and -E take every installed package out of reach, so an import of one would fail."""
    names = sorted(path.stem for path in (paths.ROOT / "nnlab" / "dev" / "commands").glob("[!_]*.py"))
    assert names == sorted(main.COMMANDS)
    code = "import sys\nimport nnlab.__main__\n" + "".join(f"import nnlab.dev.commands.{name}\n" for name in names)
    code += "print({name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names - {'nnlab', '__main__'})"
    answer = python("-S", "-E", code=code)
    assert answer.stderr == ""
    assert answer.stdout == "set()\n"


def test_help_names_every_command() -> None:
    answer = python("-S", "-E", "-m", "nnlab")
    assert answer.returncode == 0
    assert all(f"\n  {name} " in answer.stdout for name in main.COMMANDS)


@pytest.mark.parametrize("name", main.COMMANDS)
def test_each_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([name, "--help"]) == 0
    assert f"python3 -m nnlab {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("labb", "There is no command `labb` (did you mean `lab`?): there are setup, lab,"),
        ("tset", "did you mean `test`?"),
        ("docter", "did you mean `doctor`?"),
        ("zzz", f"`zzz`: there are {', '.join(main.COMMANDS)}."),
    ],
)
def test_an_unknown_command_gets_the_nearest(word: str, answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([word]) == 2
    assert answer in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "answer"),
    [
        (["setup", "--gpu"], "does not know --gpu (did you mean `--cpu`?): it takes --cpu, --test, --author"),
        (["doctor", "now"], "`doctor` does not know now: it takes --test."),
        (["bench", "--round"], "`bench` does not know --round: it takes --cpu."),
        (["bench", "speed"], "There is no bench `speed`"),
        (["train"], "Give `train` one configuration"),
        (["train", "configs/none.toml"], "configs/none.toml: shipped are configs/cifar10.toml, configs/mnist.toml."),
        (["train", "--epochs", "configs/mnist.toml"], "`train` does not know --epochs: it takes --cpu."),
        (["execute", "--chek"], "(did you mean `--check`?): it takes --check, --cpu."),
        (["execute", "99"], "There is no notebook `99`"),
        (["test", "untit"], "did you mean `unit`?"),
        (["test", "gpu"], "there are lint, unit, parity, contracts, chapters, notebooks, container, browser."),
        (["test", "unit", "--chnged"], "(did you mean `--changed`?): it takes --changed, --list, --cpu, -x"),
        (["test", "--junit-xml=x"], "what follows `--` is passed on to pytest."),
        (["test", "-k"], "`test`: argument -k: expected one argument; `python3 -m nnlab test --help` says more."),
        (["test", "--list"], "`--list` belongs to --changed"),
        (["test", "--changed", "unit"], "leave out unit, or --changed"),
    ],
)
def test_a_wrong_word_gets_a_sentence_and_installs_nothing(
    argv: list[str], answer: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnlab.dev.environment.install.install", lambda *_: pytest.fail("it began to install"))
    assert main.main(argv) == 1
    assert answer in capsys.readouterr().err


def test_paths_on_each_system() -> None:
    windows = paths.venv_python(PureWindowsPath("C:/nnlab/.venv"), windows=True)
    assert str(windows) == r"C:\nnlab\.venv\Scripts\python.exe"
    assert str(paths.venv_python(PurePosixPath("/nnlab/.venv"), windows=False)) == "/nnlab/.venv/bin/python"


def test_a_copy_that_is_no_clone_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "PYPROJECT", tmp_path / "pyproject.toml")
    with pytest.raises(main.Trouble, match="is not a clone"):
        paths.require_clone()


def test_nothing_to_install_is_named_twice() -> None:
    """environment.yml takes the package's own extras, and repeats no version."""
    text = (paths.ROOT / "environment.yml").read_text("utf-8")
    assert ".[test]" in text
    assert not set("<>=~") & set(text)
