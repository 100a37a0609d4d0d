"""The scripts that record for chapter 14, on smaller sizes, without TensorFlow."""

import importlib
import json
import os

import numpy as np
import pytest

from nnlab.datasets import files

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture
def script(monkeypatch):
    """A script of the data folder by its name, imported as when it is run: from that folder."""
    monkeypatch.syspath_prepend(files.FOLDER)
    return importlib.import_module


def test_the_curve_is_that_of_a_run(script):
    train_keras = script("train_keras")

    found = train_keras.curves(epochs=2, train=128)
    assert set(found) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert all(values.shape == (2,) and values.dtype == np.float32 for values in found.values())
    assert found["loss"][1] < found["loss"][0]


def test_what_is_handed_to_tensorflow(script, tmp_path):
    export_keras = script("export_keras")

    made = export_keras.make(tmp_path, train=256, epochs=1, check=100)
    with np.load(tmp_path / "data.npz") as data:
        assert data["x"].shape == (100, 14, 14, 1) and data["logits"].shape == (100, 10)
        assert len(data["calibration"]) == len(data["targets"]) == 64 * 50
        loaded = export_keras.keras.models.load_model(tmp_path / "model.keras")
        np.testing.assert_allclose(loaded.predict(data["x"], verbose=0), data["logits"], atol=1e-5)
    assert made["parameters"] == 6218 and 0 <= made["accuracy"] <= 1


def test_seconds_and_the_record(script, monkeypatch):
    export_keras = script("export_keras")

    monkeypatch.setattr(export_keras, "imports", lambda code: 1.2345)
    here = export_keras.seconds(count=3)
    assert list(here) == ["NumPy", "PyTorch", "Keras on PyTorch"]
    assert all(row["step"] > 0 and row["first"] > 0 for row in here.values())
    there = {"versions": {"tensorflow-cpu": "2"}, "formats": {}, "seconds": {"Keras on TensorFlow": {"step": 0.00123}}}
    record = export_keras.record({"parameters": 6218, "accuracy": 0.9}, here, there)
    assert json.loads(json.dumps(record)) == record
    assert record["seconds"]["NumPy"]["import"] == 1.2 and record["seconds"]["Keras on TensorFlow"]["step"] == 0.0012
    assert tuple(record["seconds"]) == export_keras.FRAMEWORKS and record["parameters"] == 6218


def test_an_environment_that_is_there_is_used(script, tmp_path):
    export_keras = script("export_keras")

    python = tmp_path / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    python.parent.mkdir()
    python.touch()
    assert export_keras.environment(tmp_path) == python
