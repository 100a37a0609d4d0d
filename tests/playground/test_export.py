"""Code that the Playground exports runs by itself, and gives what the running network gives."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest
import torch

from nnlab.playground import export, model, playground
from nnlab.playground.data import FEATURES, features
from nnlab.scratch import ACTIVATIONS

CASES: list[dict[str, Any]] = [
    *(dict(hidden=[3, 4], activation=name) for name in ACTIVATIONS),
    dict(hidden=[8, 8, 8, 8, 8, 8], activation=["relu", "tanh", "gelu", "silu", "elu", "softmax"]),
    dict(hidden=[], features=list(FEATURES)),
    dict(data="multi-gaussian", hidden=[5], features=["x1_x2", "sin_x2"]),
    dict(data="spiral", engine="pytorch", dropout=0.3),
]


def outputs(explorer: Any, x: np.ndarray) -> np.ndarray:
    """The running network's raw outputs."""
    d = explorer.data
    moved = (x - d.points.centre) / d.points.scale
    raw = model.forward(d.weights, d.activations, features(moved, d.names))[-1][1][:, 0]
    return raw * d.points.y_scale + d.points.y_centre if d.problem == "regression" else raw


def executed(code: str) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "exported"}
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        exec(compile(code, "exported", "exec"), space)
    assert shown.getvalue().strip()
    return space


@pytest.mark.parametrize("given", CASES, ids=str)
def test_exports_give_the_same_outputs(given: dict[str, Any]) -> None:
    explorer = playground(steps=60, **given)
    check(explorer, np.random.default_rng(0).uniform(-6, 6, (50, 2)))


def test_exports_move_own_points_as_the_playground_does() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2)) * [3, 50] + [1000, -20]
    explorer = playground(data=(x, (x[:, 0] > 1000).astype(int)), steps=60)
    check(explorer, x)
    explorer = playground(data=(x, 5000 + x[:, 1]), steps=400)
    assert np.abs(explorer.data.y).max() <= 1
    check(explorer, x)
    wanted = 5000 + x[:, 1]
    assert np.abs(outputs(explorer, x) - wanted).mean() < 0.5 * np.abs(wanted - wanted.mean()).mean()


def check(explorer: Any, x: np.ndarray) -> None:
    wanted = outputs(explorer, x)
    assert np.ptp(wanted) > 0
    ours = executed(export.numpy_code(explorer.data))["network"](x)
    np.testing.assert_allclose(ours, wanted, rtol=0, atol=1e-10)
    theirs = executed(export.torch_code(explorer.data))["network"](torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(theirs, wanted, rtol=0, atol=1e-10)


def test_exports_need_nothing_but_their_library() -> None:
    d = playground(hidden=[2] * 6, activation=["identity", "leaky_relu", "sigmoid", "gelu", "softmax", "elu"]).data
    assert "nnlab" not in export.numpy_code(d) + export.torch_code(d)
    assert "torch" not in export.numpy_code(d)
    assert "numpy" not in export.torch_code(d)


def test_an_activation_that_the_export_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that is added to ACTIVATIONS is exported all the same: NumPy code takes it from nnlab."""
    monkeypatch.delitem(export._NUMPY, "leaky_relu")
    monkeypatch.delitem(export._TORCH, "leaky_relu")
    explorer = playground(hidden=[4, 3], activation="leaky_relu", steps=40)
    check(explorer, np.random.default_rng(0).uniform(-6, 6, (20, 2)))
    assert "nnlab" in export.numpy_code(explorer.data)
