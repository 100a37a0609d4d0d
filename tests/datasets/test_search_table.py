"""The table of chapter 20: its shapes and ranges, and that the script which is said to make it does."""

import sys
from pathlib import Path

import numpy as np
import pytest

from nnlab import datasets

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(DATA))
    import train_search

    yield train_search
    sys.modules.pop("train_search", None)


def test_the_table_is_what_its_docstring_says():
    t = datasets.search_table()
    assert [len(axis) for axis in t[:4]] == [13, 4, 3, 3]
    assert t.loss.shape == t.validation.shape == t.test.shape == (13, 4, 3, 3, 3, 27)
    assert t.blocks.shape == (13, 4, 3, 3, 3, 5)
    assert t.loss.min() > 0.3 and t.loss.max() <= 10
    for share in t[5:]:
        assert share.min() > 0 and share.max() < 1
    np.testing.assert_allclose(t.blocks.mean(axis=-1), t.validation[..., -1], atol=1e-12)
    np.testing.assert_allclose(t.lr[[0, 6, 12]], [1e-4, 1e-2, 1])
    assert (DATA / "search.npz").stat().st_size < 300_000


def test_the_script_trains_what_the_table_says(script):
    t = datasets.search_table()
    assert script.LR.tolist() == t.lr.tolist() and list(script.WIDTH) == t.width.tolist()
    # the same generator, but fewer networks draw from it: as good, not the same
    found = script.train(8, 0.0, 64, lr=t.lr[5:8], seeds=2, epochs=6)
    assert found["loss"].shape == (3, 2, 6) and found["blocks"].shape == (3, 2, 5)
    np.testing.assert_array_equal(found["blocks"].sum(axis=2), found["validation"][..., -1])
    mine, listed = found["loss"].mean(axis=1), t.loss[5:8, 0, 0, 1, :, :6].mean(axis=1)
    assert np.abs(mine - listed)[:, -1].max() < 0.25


def test_the_script_trains_the_same_networks_again(script):
    full = script.train(8, 0.5, 256, epochs=1)
    t = datasets.search_table()
    assert np.abs(full["loss"][..., 0] - t.loss[:, 0, 2, 2, :, 0]).max() < 0.02
