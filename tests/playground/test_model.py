"""The Playground's network in training, without a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnlab.playground import model, playground
from nnlab.playground.data import EDGE, SETS, Points, own, split, targets
from nnlab.playground.declare import GOAL, SPIRAL
from nnlab.playground.schedule import Factor
from nnlab.playground.settings import to_values
from nnlab.scratch import ACTIVATIONS, INITIALISERS, OPTIMIZERS, SCHEDULES, numeric_gradient


def run(steps: int, **given: Any) -> tuple[model.Training, dict[str, Any]]:
    values = to_values(given)
    state = model.begin(**values)
    for _ in range(steps):
        model.advance(state, **values)
    return state, values


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_data_sets(name: str, noise: float) -> None:
    points = SETS[name](noise, np.random.default_rng(0))
    assert points.x.shape == (400, 2) and points.y.shape == (400,)
    assert np.abs(points.x).max() < 2 * EDGE
    assert np.isfinite(points.y).all()
    if points.kind == "class":
        assert set(points.y) == {0, 1} and 150 < points.y.sum() < 250
    for problem in ("classification", "regression"):
        y = targets(points, problem)
        assert y.shape == (400,) and len(np.unique(y)) > 1
        assert problem == "regression" or set(y) == {0.0, 1.0}


@pytest.mark.parametrize(("n", "share", "cut"), [(400, 0.5, 200), (400, 0.9, 360), (5, 0.1, 1), (5, 0.9, 4)])
def test_split(n: int, share: float, cut: int) -> None:
    train, test = split(n, share, np.random.default_rng(0))
    assert len(train) == cut
    assert sorted([*train, *test]) == list(range(n))


def test_own_points_are_moved_onto_the_plane() -> None:
    x = np.array([[100.0, 2000.0], [110.0, 2000.0], [100.0, 2040.0], [105.0, 2020.0]])
    points = own((x, [3, 7, 3, 7]))
    assert np.abs(points.x).max() <= 5 + 1e-9
    np.testing.assert_allclose(points.x * points.scale + points.centre, x)
    assert list(points.y) == [0, 1, 0, 1]
    inside = own((np.array([[0.0, 1], [2, 3], [-5, 4], [1, 1]]), [0.1, 0.2, 0.3, 0.4]))
    assert (inside.scale, inside.centre, inside.kind) == (1, (0, 0), "number")


ALIKE = [
    *(dict(optimizer=name) for name in OPTIMIZERS),
    *(dict(activation=name, hidden=[8, 8, 8]) for name in ACTIVATIONS),
    dict(penalty="L1", rate=0.01),
    dict(penalty="L2", rate=0.01, optimizer="momentum"),
    dict(dropout=0.3, hidden=[8, 8]),
    dict(schedule="one_cycle", horizon=20),
    dict(schedule="plateau", horizon=20),
    dict(data="multi-gaussian", hidden=[6, 6]),
    dict(hidden=[]),
    dict(batch_size=7, features=["x1", "x2_squared", "x1_x2", "sin_x1"]),
]


@pytest.mark.parametrize("given", ALIKE, ids=lambda given: ",".join(f"{k}={v}" for k, v in given.items()))
def test_both_engines_give_the_same_losses(given: dict[str, Any]) -> None:
    """The same first weights and batches: the losses of the first 100 steps agree to 1e-6, in float64."""
    ours, _ = run(100, lr=0.01, **given)
    theirs, _ = run(100, lr=0.01, engine="pytorch", **given)
    assert len(ours.batch_losses) == len(theirs.batch_losses) == 100
    assert ours.batch_losses[-1] != ours.batch_losses[0]
    np.testing.assert_allclose(ours.batch_losses, theirs.batch_losses, rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours.history, theirs.history, rtol=0, atol=1e-6)


def test_one_switch_changes_the_engine() -> None:
    explorer = playground(lr=0.01, steps=60)
    before = explorer.data.history
    explorer.set(engine="pytorch")
    explorer.restart()
    explorer.advance(60)
    np.testing.assert_allclose(explorer.data.history, before, atol=1e-6)


def test_same_settings_same_run_and_another_seed_another() -> None:
    one, two, other = (run(30, seed=seed)[0].batch_losses for seed in (3, 3, 4))
    assert one == two != other


def test_losses_and_accuracy_are_what_they_say() -> None:
    state, values = run(45)  # 200 points, batches of 10: 2 epochs and 5 steps
    assert state.epoch == 2 and [row[0] for row in state.history] == [0, 1, 2]
    now = model.now(state, **values)
    out = model.forward(now.weights, now.activations, state.inputs[:400])[-1][1][:, 0]
    y = state.y[state.test]
    z = out[state.test]
    np.testing.assert_allclose(now.test_loss or 0, np.mean(np.log1p(np.exp(-np.where(y == 1, z, -z)))))
    assert now.accuracy == np.mean((z > 0) == y)
    assert now.to_epoch == 15


def test_gradients_are_those_of_the_last_batch() -> None:
    """Against central differences of the loss by the first layer's weights, before the step."""
    values = to_values(dict(hidden=[4, 3], batch_size=20))
    state = model.begin(**values)
    assert state.engine is not None and model.now(state, **values).sizes == []
    weights = [(w.copy(), b.copy()) for w, b in state.engine.weights]
    rows = state.order[:20]
    model.advance(state, **values)

    def loss(w: np.ndarray) -> float:
        z = model.forward([(w, weights[0][1]), *weights[1:]], state.activations, state.inputs[rows])[-1][1][:, 0]
        return float(np.mean(np.logaddexp(0, np.where(state.y[rows] == 1, -z, z))))

    now = model.now(state, **values)
    assert now.gradients is not None
    numeric = numeric_gradient(loss, weights[0][0])
    np.testing.assert_allclose(now.gradients[0][0], numeric, atol=1e-8)
    np.testing.assert_allclose(now.sizes[0], np.sqrt(np.mean(numeric**2)), atol=1e-8)


def test_maps_are_the_responses_of_the_neurons() -> None:
    state, values = run(20, hidden=[5, 3], look_layer=2, look_neuron=3)
    now = model.now(state, **values)
    corner = np.array([[-EDGE, EDGE]])  # the upper left of every map
    layers = model.forward(now.weights, now.activations, corner)
    for maps, (_, a) in zip(now.maps, layers, strict=False):
        np.testing.assert_allclose(maps[:, 0, 0], a[0])
    np.testing.assert_allclose(now.answer[0, 0], 2 / (1 + np.exp(-layers[-1][1][0, 0])) - 1)
    assert now.shown == ("neuron", 1, 2, -1)
    np.testing.assert_allclose(now.large[0, 0], layers[1][1][0, 2])


def test_dead_units_are_found() -> None:
    state, values = run(0, hidden=[4], activation="relu")
    assert state.engine is not None
    w, b = state.engine.weights[0]
    b[1], w[1] = -1000.0, 0.0
    now = model.now(state, **values)
    assert now.dead[0][1] and not now.dead[0][[0, 2, 3]].any()


def test_numbers_beyond_bounds_are_told_and_nothing_raised() -> None:
    state, values = run(3000, optimizer="sgd", lr=3.0, data="multi-gaussian", activation="identity", hidden=[8, 8, 8])
    assert "Lower the learning rate" in state.trouble
    steps = state.steps
    model.advance(state, **values)
    assert state.steps == steps
    assert model.now(state, **values).train_loss is None


def test_play_ends_where_nothing_more_can_come() -> None:
    explorer = playground(data="drawn")
    assert explorer.data.trouble and explorer.finished
    explorer.set(data="xor")
    assert not explorer.finished


def test_nothing_drawn_waits_for_points() -> None:
    explorer = playground(data="drawn")
    assert "Draw points of both classes" in explorer.data.trouble
    explorer.advance(5)
    assert explorer.data.epoch == 0
    explorer.set(drawn=[(0, [(0.1, 0.1), (0.2, 0.1)]), (1, [(0.8, 0.9), (0.9, 0.9)])])
    explorer.advance(5)
    assert not explorer.data.trouble and explorer.data.train_loss
    np.testing.assert_allclose(explorer.data.points.x[0], [-4.8, -4.8])


def test_an_error_or_a_reset_loses_no_drawing() -> None:
    strokes = [(0, [(0.1, 0.1), (0.2, 0.1)]), (1, [(0.8, 0.9), (0.9, 0.9)])]
    explorer = playground(lr=0.1)
    explorer.set(data="drawn", drawn=strokes)
    explorer.set(x1=False, x2=False)
    assert "switch on at least one" in explorer.data.trouble
    with pytest.raises(ValueError, match="goes from 0 to 50"):
        explorer.set(noise=80)
    assert explorer.values["drawn"][1][1] == ((0.8, 0.9), (0.9, 0.9)) and explorer.values["lr"] == 0.1
    explorer.set(x1=True)
    assert len(explorer.data.points.x) == 4
    explorer.reset()
    assert explorer.values["data"] == "circle" and len(explorer.values["drawn"]) == 2


def test_live_settings_act_on_the_run() -> None:
    explorer = playground(steps=10)
    for values in (dict(lr=0.5), dict(batch_size=30), dict(penalty="L2"), dict(dropout=0.5), dict(show_test=True)):
        explorer.set(**values)
        assert explorer.data.steps == 10, values
    assert explorer.data.lr == 0.5
    explorer.set(seed=1)
    assert explorer.data.steps == 0


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_stay_within_their_horizon(name: str) -> None:
    factor = Factor(name, 40)
    seen = []
    for _ in range(60):
        seen.append(factor.now)
        factor.step(1.0)  # a loss that stands still
    assert max(seen) <= 1 + 1e-9 and min(seen) >= 0
    assert len(set(np.round(seen, 9))) > 2
    assert len(set(seen[41:])) == 1


@pytest.mark.parametrize("init", [*INITIALISERS, "pytorch"])
def test_first_weights(init: str) -> None:
    state, _ = run(0, init=init, hidden=[8, 8])
    assert state.engine is not None
    w, b = state.engine.weights[1]
    assert (w == 0).all() == (init == "zeros")
    assert (b == 0).all() == (init != "pytorch")


def test_the_preset_separates_the_spiral() -> None:
    """The goal's own settings reach it, within the steps it states."""
    explorer = playground()
    assert GOAL.solution is not None
    explorer.set(**GOAL.solution)
    assert not explorer.reached
    while not explorer.reached and explorer.data.steps < GOAL.steps:
        explorer.advance(100)
    assert explorer.reached and (explorer.data.test_loss or 1) < 0.05 and len(explorer.data.maps) <= 3
    assert explorer.values["data"] == SPIRAL["data"]
    assert not playground(data="circle", steps=1000).reached


def test_points_are_kept_as_given() -> None:
    x = np.random.default_rng(0).normal(size=(30, 2))
    y = x[:, 0] * 0.7
    before = x.copy(), y.copy()
    explorer = playground(data=(x, y), steps=20)
    assert explorer.values["problem"] == "regression" and isinstance(explorer.data.points, Points)
    np.testing.assert_array_equal(explorer.data.points.x, x)
    np.testing.assert_array_equal((x, y)[0], before[0])
    np.testing.assert_array_equal(y, before[1])
