"""The recorded runs of chapter 18: the file holds what the docstrings say, and its script makes such a file."""

import importlib
import sys
from types import ModuleType

import numpy as np
import pytest

from nnlab.datasets import emoji, files, picture_features, tuning_runs
from nnlab.datasets.pictures import emoji_split, few
from nnlab.datasets.trained import TUNING


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(files.FOLDER))
    return importlib.import_module("train_transfer")


def test_shapes_and_ranges() -> None:
    x, runs = picture_features(), tuning_runs()
    assert x.shape == (1906, 1280) and x.dtype == np.float32 and x.min() == 0 and 5 < x.max() <= 6.001
    sizes = {"prepared": (4, 2, 3), "head_curve": (3, 15), "head_kept": (3,), "head_test": (3,), "variants": (7, 3, 2)}
    sizes |= {"grid_curve": (3, 3, 3, 5), "grid_kept": (3, 3, 3), "grid_test": (3, 3, 3), "sizes": (3, 4, 3)}
    for name, shape in sizes.items():
        values = getattr(runs, name)
        assert values.shape == shape and values.min() > 0.03 and values.max() < 0.9, name


def test_the_kept_epoch_is_one_of_the_curve() -> None:
    runs = tuning_runs()
    assert np.isclose(runs.grid_curve, runs.grid_kept[..., None]).any(axis=-1).all()
    assert np.isclose(runs.head_curve, runs.head_kept[..., None]).any(axis=-1).all()
    for values, n in ((runs.grid_curve, 238), (runs.grid_test, 478), (runs.sizes, 478), (runs.variants[..., 0], 238)):
        np.testing.assert_allclose(values * n, np.rint(values * n), atol=1e-6)


def test_the_features_are_the_backbones(script: ModuleType, capsys) -> None:
    assert script.check(n=6) < 0.6
    assert "of a step" in capsys.readouterr().out


def test_the_script_makes_such_parts(script: ModuleType, capsys) -> None:
    """Each part with a few pictures, one seed and one epoch."""
    made = script.make("preparation", examples=12, seeds=1)
    made |= script.make("grid", examples=12, seeds=1, epochs=1, size=32)
    made |= script.make("variants", examples=12, seeds=1, epochs=1, size=32)
    made |= script.make("sizes", examples=12, seeds=1, epochs=1, size=32, fresh=1)
    runs = tuning_runs()
    assert set(made) == set(runs._fields)
    for name, values in made.items():
        wanted = list(getattr(runs, name).shape)
        assert values.ndim == len(wanted)
        assert [a == b or a == 1 for a, b in zip(values.shape, wanted, strict=True)] == [True] * len(wanted)
        assert values.min() >= 0 and values.max() <= 1
    assert "of validation" in capsys.readouterr().out


def test_features_are_kept_in_steps(script: ModuleType, monkeypatch) -> None:
    whole = emoji()
    monkeypatch.setattr(script, "emoji", lambda: whole._replace(images=whole.images[:8]))
    made = script.make("features", size=32)
    assert made["features"].shape == (8, 1280) and made["features"].dtype == np.uint8
    assert made["features"].max() == script.LEVELS and made["scale"].dtype == np.float32


def test_main_writes_what_is_missing(script: ModuleType, monkeypatch, tmp_path) -> None:
    wrote: dict[str, bytes] = {}
    made: list[str] = []

    def make(name: str) -> dict[str, np.ndarray]:
        made.append(name)
        return {name: np.zeros(2)}

    monkeypatch.setattr(script, "CACHE", tmp_path / "parts")
    monkeypatch.setattr(script, "make", make)
    monkeypatch.setattr(script, "write", wrote.__setitem__)
    for arguments in (["grid"], [], ["sizes"]):
        monkeypatch.setattr(sys, "argv", ["train_transfer.py", *arguments])
        script.main()
    assert made == ["grid", "features", "preparation", "variants", "sizes", "sizes"] and list(wrote) == ["transfer.npz"]


def test_a_few_of_each_category() -> None:
    rows, labels = emoji_split()[0], emoji().labels
    one, more = few(rows, labels, 5, seed=3), few(rows, labels, 10, seed=3)
    assert np.bincount(labels[one]).tolist() == [5] * 9 and set(one) < set(more) <= set(rows)
    assert set(few(rows, labels, None)) == set(rows) and set(one) != set(few(rows, labels, 5, seed=4))
    assert len(few(rows, labels, 10**6)) == len(rows)
    assert tuple(TUNING["sizes"]) == (10, 20, 40, None)
    with pytest.raises(ValueError, match="n should be at least 1, got 0"):
        few(rows, labels, 0)
