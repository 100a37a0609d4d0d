"""`serve` and `predict`: what they take, what they hand over, and what they refuse in a sentence."""

from pathlib import Path
from typing import Any

import pytest

from nnlab.dev import child
from nnlab.dev.commands import predict, serve
from nnlab.dev.environment import install
from nnlab.dev.environment.interpreter import Environment
from nnlab.dev.inside import predict as inside
from nnlab.dev.say import Trouble


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that were handed over, without Python's path."""
    found: list[list[str]] = []

    def run(argv: Any, env: Any = None, cwd: Any = None) -> int:
        found.append([str(word) for word in argv][1:])
        return 0

    monkeypatch.setattr(install, "ensure", lambda extras, cpu=False: Environment(Path("py"), ready=True))
    monkeypatch.setattr(child, "run", run)
    return found


def test_serve_hands_over(calls: list[list[str]], tmp_path: Path) -> None:
    model, config = tmp_path / "m.onnx", tmp_path / "c.toml"
    model.touch()
    serve.run(serve.parse([str(model), "--port", "0", "--workers", "2"]))
    assert calls.pop() == ["-m", "nnlab.serve", str(model), "--port", "0", "--workers", "2"]
    best = tmp_path / "best.pt"
    best.touch()
    serve.run(serve.parse(["--config", str(config), str(best), "--share", "0.2"]))
    assert calls == [
        ["-m", "nnlab.dev.inside.export", str(best), str(config)],
        ["-m", "nnlab.serve", str(tmp_path / "best.onnx"), "--share", "0.2"],
    ]


def test_serve_refuses(calls: list[list[str]], tmp_path: Path) -> None:
    (tmp_path / "m.pt").touch()
    for words, sentence in (
        ([], "Give `serve` a model"),
        ([str(tmp_path / "none.onnx")], "There is no model"),
        ([str(tmp_path / "m.pt")], "A checkpoint needs --config"),
    ):
        with pytest.raises(Trouble, match=sentence):
            serve.run(serve.parse(words))
    assert calls == []


def test_predict_hands_over_and_refuses(calls: list[list[str]], tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("m.onnx", "in.csv", "out.csv")]
    predict.run(predict.parse([*files, "--workers", "2", "--scheduler", "tcp://10.0.0.5:8786"]))
    assert calls == [["-m", "nnlab.dev.inside.predict", *files, "4096", "2", "tcp://10.0.0.5:8786"]]
    for words, sentence in (
        (files[:2], "a model, an input and an output"),
        ([*files, "--rows", "0"], "--rows should be"),
    ):
        with pytest.raises(Trouble, match=sentence):
            predict.parse(words)


def test_predict_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(tmp_path / name) for name in ("none.onnx", "in.csv", "out.csv")]
    assert inside.main([*words, "10", "1"]) == 1
    assert "There is no model none.onnx" in capsys.readouterr().err
