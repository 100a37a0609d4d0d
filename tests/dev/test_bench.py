"""`bench`: which benches there are, and how one is run."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from nnlab.dev.commands import bench as command
from nnlab.dev.environment import install
from nnlab.dev.environment.interpreter import Environment
from nnlab.dev.say import Trouble


def run(*words: str) -> int:
    return command.run(command.parse(words))


def test_benches_are_the_modules_that_are_there(tmp_path: Path) -> None:
    for name in ("sliders.py", "__init__.py", "test_sliders.py"):
        (tmp_path / name).touch()
    assert command.benches(tmp_path) == ["sliders"]
    assert command.benches() == ["classroom", "engine", "kernels", "playground", "race", "serve", "site", "sliders"]


def test_bench_hands_over(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    calls: list[list[Any]] = []
    monkeypatch.setattr(command, "benches", lambda: ["sliders"])
    monkeypatch.setattr(install, "ensure", lambda extras, cpu=False: Environment(Path("py"), ready=True))

    def answer(argv: list[Any], env: dict[str, str], cwd: Path) -> int:
        calls.append(argv)
        return 3

    monkeypatch.setattr(command.child, "run", answer)
    assert run() == 0
    assert "What can be measured: sliders." in capsys.readouterr().out
    assert run("sliders", "--rounds", "3", "--cpu") == 3
    assert calls == [[Path("py"), "-m", "tests.bench.sliders", "--rounds", "3"]]
    with pytest.raises(Trouble, match=r"no bench `slider` \(did you mean `sliders`"):
        run("slider")


@pytest.mark.parametrize("name", command.benches())
def test_a_bench_explains_itself_and_refuses_what_it_does_not_know(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = importlib.import_module(f"tests.bench.{name}")
    with pytest.raises(SystemExit) as end:
        bench.main(["--help"])
    assert end.value.code == 0 and f"python3 -m nnlab bench {name}" in capsys.readouterr().out
    with pytest.raises(SystemExit) as end:
        bench.main(["--round", "3"])
    assert end.value.code == 1
    assert f"`bench {name}` does not know --round (did you mean `--rounds`?): it takes" in capsys.readouterr().err


def test_a_bench_runs_in_the_environment(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(install, "install", lambda *_: pytest.fail("it began to install"))
    assert run("engine", "--only", "no such row") == 0
    assert "ratio" in capfd.readouterr().out
