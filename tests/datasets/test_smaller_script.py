"""data/train_smaller.py makes what data/smaller.npz holds: on a few digits, part by part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnlab.datasets.smaller import SMALLER, SmallerRuns
from tests.data_scripts import DATA, load_script


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    module = load_script("train_smaller", monkeypatch)
    monkeypatch.setattr(module, "CACHE", tmp_path)
    few = dict(amounts=(0.5,), keeps=(0.25,), bits=(2, 8), temperatures=(4.0,), zeros=(0.9,))
    for name, values in few.items():
        monkeypatch.setitem(SMALLER, name, values)
    monkeypatch.setattr(module.torch, "compile", lambda net: net)  # which takes half a minute
    return module


def test_every_part_and_the_whole(script, tmp_path):
    for name in script.PARTS:
        how = {"seconds": 0.001} if name == "time" else {}
        np.savez(tmp_path / f"{name}.npz", **script.make(name, 1, 200, **how))
    whole = script.joined({name: tmp_path / f"{name}.npz" for name in script.PARTS})
    with np.load(DATA / "smaller.npz", allow_pickle=False) as found:
        assert set(whole) == set(found.files) and set(SmallerRuns._fields) < set(whole)
        assert all(whole[name].shape == found[name].shape for name in whole if name.endswith((".weight", ".bias")))
        assert whole["table_size"][0, 0, 0] > 266_000 and found["table_size"][0, 0, 0] > 266_000
    assert all(np.isfinite(whole[name]).all() for name in ("time", "table_accuracy", "soft", "narrow"))
