"""Domination and its area, by hand, by brute force and by Optuna."""

import numpy as np
import optuna
import pytest

from nnlab.scratch.pareto import hypervolume, pareto_front


def test_who_is_dominated():
    costs = np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0], [3.0, 3.0], [1.0, 4.0], [2.0, 2.0]])
    assert pareto_front(costs).tolist() == [True, True, True, False, False, True]
    assert pareto_front(np.zeros((0, 2))).tolist() == []
    assert pareto_front(np.array([[1.0], [2.0], [1.0]])).tolist() == [True, False, True]


def test_the_front_is_optunas():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    costs = np.random.default_rng(0).integers(0, 8, (40, 2)).astype(float)
    study = optuna.create_study(directions=["minimize", "minimize"])
    study.add_trials([optuna.trial.create_trial(values=list(row)) for row in costs])
    theirs = sorted(tuple(trial.values) for trial in study.best_trials)
    assert sorted(map(tuple, costs[pareto_front(costs)].tolist())) == theirs


@pytest.mark.parametrize("seed", range(3))
def test_the_area_is_counted(seed):
    costs = np.random.default_rng(seed).integers(0, 12, (9, 2)).astype(float)
    cells = np.stack(np.meshgrid(np.arange(10) + 0.5, np.arange(10) + 0.5), axis=-1).reshape(-1, 1, 2)
    counted = (costs[None] <= cells).all(axis=2).any(axis=1).sum()
    assert hypervolume(costs, np.array([10.0, 10.0])) == counted
    assert hypervolume(costs[pareto_front(costs)], np.array([10.0, 10.0])) == counted


def test_what_is_refused():
    with pytest.raises(ValueError, match="no NaN"):
        pareto_front(np.array([[np.nan, 1.0]]))
    with pytest.raises(ValueError, match="reference should be two numbers"):
        hypervolume(np.ones((2, 2)), np.ones(3))
    with pytest.raises(ValueError, match="two objectives"):
        hypervolume(np.ones((2, 3)), np.ones(2))
    with pytest.raises(ValueError, match="2 axes"):
        pareto_front(np.ones(3))
    assert hypervolume(np.array([[5.0, 5.0]]), np.array([4.0, 9.0])) == 0
