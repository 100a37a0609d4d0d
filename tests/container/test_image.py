"""The container, really built from its Dockerfile and started as its image says."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab.serve.model import ServedModel
from tests.serve.conftest import tiny

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny(tmp_path_factory.mktemp("model") / "tiny.onnx")


@pytest.fixture(scope="module")
def found(model: Path) -> dict[str, Any]:
    """What `nnlab.dev.image` found, by the name that it has there."""
    words = [sys.executable, "-m", "nnlab.dev.image", str(model)]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-4000:]
    return dict(json.loads(run.stdout))


def test_it_answers(found: dict[str, Any], model: Path) -> None:
    served = ServedModel(model)
    assert found["health"] == {"status": "alive"}
    assert found["predict"]["model"] == {"name": "tiny", "version": "1", "sha256": served.sha256}
    wanted = served.probabilities(np.array([found["input"]], np.float32))
    np.testing.assert_allclose(found["predict"]["probabilities"], wanted, atol=1e-6)


def test_it_is_an_ordinary_user_without_any_privilege(found: dict[str, Any]) -> None:
    process = found["process"]
    assert process["Uid"].split() == process["Gid"].split() == ["10001"] * 4
    assert process["Groups"] == "" and int(process["CapEff"], 16) == 0 and process["NoNewPrivs"] == "1"


def test_it_can_write_nothing_but_temporary_files(found: dict[str, Any]) -> None:
    assert found["read-only"] is True and found["can write"] == ["/tmp/written"]


def test_it_is_process_1_and_ends_when_asked(found: dict[str, Any]) -> None:
    assert found["process"]["number"] == "1" and found["status after SIGTERM"] == 0


def test_a_model_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "nnlab.dev.image", str(tmp_path / "none.onnx")]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 1 and run.stderr == f"There is no model {words[-1]}: give an ONNX file.\n"
