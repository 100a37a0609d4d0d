"""The Playground's settings: as they are written, as controls hold them, and the sentences for what cannot be."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pytest

from nnlab.playground import playground, settings
from nnlab.playground.declare import GROUPS, PRESETS, SHOWN
from nnlab.playground.settings import DEFAULTS, to_line, to_settings, to_values

WRITTEN: list[dict[str, Any]] = [
    {},
    dict(data="spiral", hidden=[8, 8], activation="relu", lr=0.003),
    dict(hidden=[], features=["x1_squared", "sin_x2"]),
    dict(hidden=[3, 1, 5], activation=["tanh", "relu", "softmax"]),
    dict(data="plane"),
    dict(data="plane", problem="classification"),
    dict(data="xor", problem="regression", penalty="L1", rate=0.01, dropout=0.2),
    dict(schedule="cosine", horizon=100, optimizer="nesterov", engine="pytorch", init="pytorch", seed=4),
    dict(show_test=True, discretise=True, links="gradients", values=True, look_layer=1, look_neuron=3),
]


@pytest.mark.parametrize("given", WRITTEN)
def test_settings_survive_the_way_there_and_back(given: dict[str, Any]) -> None:
    values = to_values(given)
    assert values.keys() == DEFAULTS.keys()
    again = to_settings(values)
    assert to_values(again) == values
    assert again == given  # only what differs from the defaults, and nothing less


def test_presets_are_settings() -> None:
    for name, values in PRESETS.items():
        assert to_values(to_settings({**DEFAULTS, **values})) == {**DEFAULTS, **values}, name


@pytest.mark.parametrize("given", [WRITTEN[1], WRITTEN[3], WRITTEN[6], dict(data="spiral", seed=2, steps=37)])
def test_one_line_shows_the_same_state(given: dict[str, Any]) -> None:
    """Run as code, the line gives the same settings, trained as far, with the same weights."""
    explorer = playground(**given)
    explorer.advance(13)
    line = to_line(explorer.values, explorer.data.steps, SHOWN)
    assert "\n" not in line
    again = eval(line, {"playground": playground})
    assert again.values == explorer.values
    assert again.data.steps == explorer.data.steps
    for (w, b), (w2, b2) in zip(explorer.data.weights, again.data.weights, strict=True):
        np.testing.assert_array_equal(w, w2)
        np.testing.assert_array_equal(b, b2)


def test_one_line_of_the_defaults_is_short() -> None:
    assert to_line(to_values({}), SHOWN, SHOWN) == "playground()"
    line = to_line(to_values(dict(data="spiral", hidden=[8, 8])), 0, SHOWN)
    assert line == 'playground(data="spiral", hidden=[8, 8], steps=0)'


def test_one_line_with_own_points() -> None:
    strokes = [(0, [(0.1, 0.2), (0.3, 0.25)]), (1, [(0.7, 0.8), (0.9, 0.5)])]
    drawn = playground(data="drawn", drawn=strokes, steps=5)
    again = eval(to_line(drawn.values, drawn.data.steps, SHOWN), {"playground": playground})
    assert again.values == drawn.values
    np.testing.assert_array_equal(again.data.points.x, drawn.data.points.x)
    x, labels = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2
    given = playground(data=(x, labels), hidden=[3], steps=5)
    line = to_line(given.values, given.data.steps, SHOWN)
    again = eval(line, {"playground": playground, "x": x, "labels": labels})
    np.testing.assert_array_equal(again.data.weights[0][0], given.data.weights[0][0])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (dict(data="spirals"), "Did you mean 'spiral'"),
        (dict(activation="rely"), "Did you mean 'relu'"),
        (dict(optimiser="adam"), "Did you mean 'optimizer'"),
        (dict(optimizer="lbfgs"), "There is no optimizer named 'lbfgs'"),
        (dict(schedule="cos"), "schedule"),
        (dict(engine="jax"), "engine"),
        (dict(hidden=[8] * 7), "at most 6 hidden layers"),
        (dict(hidden=[9]), "at most 8 neurons"),
        (dict(hidden=[0]), "at least 1"),
        (dict(hidden=4), "should be a list"),
        (dict(hidden=[2, 2], activation=["relu"]), "1 names for 2 hidden layers"),
        (dict(features=["x3"]), "There is no feature named 'x3'"),
        (dict(features=[]), "list at least one feature"),
        (dict(lr=-1.0), "learning rate goes from 0.0001 to 3"),
        (dict(lr="fast"), "learning rate needs numbers"),
        (dict(noise="much"), "noise goes from"),
        (dict(steps=-1), "steps should be at least 0"),
        (dict(steps=10**9), "press Play for more"),
        (dict(drawn=[(3, [(0, 0)])]), "pens from 0 to 1"),
    ],
)
def test_what_cannot_be_is_a_sentence(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        _ = playground(**given).data
    assert sentence in str(caught.value)


X = np.random.default_rng(1).normal(size=(10, 2))
Y = np.arange(10) % 2


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ((X[:, :1], Y), "x should have shape (N, 2)"),
        ((X, Y[:-1]), "labels, one for each row of x"),
        ((np.where(X > 0.9, np.nan, X), Y), "x should be finite numbers"),
        ((X, np.where(Y, np.inf, 0.0)), "labels should be finite numbers"),
        ((X, np.zeros(10)), "All 10 labels are 0"),
        ((X[:2], Y[:2]), "at least 4 points"),
        ((X,), "a pair of arrays"),
        (5, "a pair of arrays"),
        ((X, np.arange(10) % 3), "3 different whole numbers"),
        (([["a", "b"]] * 4, [0, 1, 0, 1]), "real numbers"),
    ],
)
def test_bad_own_data_is_a_sentence(data: Any, sentence: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        playground(data=data)
    assert sentence in str(caught.value)


def test_groups_hold_every_control_once_with_words() -> None:
    explorer = playground()
    assert sorted(chain(*GROUPS.values())) == sorted(explorer.controls) == sorted(DEFAULTS)
    for name, control in explorer.controls.items():
        assert control.label, name
        assert control.help, name


def test_idle_controls() -> None:
    assert {"drawn", "horizon", "rate", "look_neuron", "layer_4"} <= settings.idle(DEFAULTS)
    assert not {"layer_1", "layer_2", "layer_3", "noise"} & settings.idle(DEFAULTS)
    drawn = settings.idle({**DEFAULTS, "data": "drawn", "penalty": "L2", "schedule": "step", "each_layer": True})
    assert not {"drawn", "rate", "horizon", "activation_1"} & drawn
    assert {"noise", "activation_3"} <= drawn
