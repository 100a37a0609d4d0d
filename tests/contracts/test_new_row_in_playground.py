"""An optimizer, an activation, a schedule or an initialiser is one row of its table: the Playground knows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnlab.playground import playground
from nnlab.scratch import ACTIVATIONS, INITIALISERS, OPTIMIZERS, SCHEDULES

ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "optimizer": (OPTIMIZERS, "momentum"),
    "activation": (ACTIVATIONS, "tanh"),
    "schedule": (SCHEDULES, "cosine"),
    "init": (INITIALISERS, "xavier_normal"),
}


@pytest.mark.parametrize("control", ROWS)
def test_a_row_that_was_just_added_is_offered_and_trains(control: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table, twin = ROWS[control]
    monkeypatch.setitem(table, "toy", table[twin]._replace(name="toy"))
    explorer = playground(**{control: "toy"}, steps=0)
    assert list(explorer.controls[control].options)[-2:].count("toy") == 1
    before = [w.copy() for w, _ in explorer.data.weights]
    explorer.advance(30)
    assert explorer.data.train_loss is not None and not explorer.data.trouble
    assert any((w != old).any() for (w, _), old in zip(explorer.data.weights, before, strict=True))
    explorer.set(**{control: explorer.controls[control].options[0]})  # and back to one that was there
    if control in ("activation", "optimizer"):  # the same row by another name takes the same steps
        one, other = (playground(**{control: name}, steps=20).data for name in ("toy", twin))
        np.testing.assert_array_equal(one.weights[0][0], other.weights[0][0])


@pytest.mark.parametrize("control", ROWS)
def test_a_row_that_is_not_there_is_refused(control: str) -> None:
    with pytest.raises(ValueError, match="toy"):
        playground(**{control: "toy"})
