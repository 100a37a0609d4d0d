"""Chapter 20, Hyperparameter search: what its objective and explorers compute is true."""

import numpy as np
import pytest

from nnlab.chapters.c20_search import grid_random_explorer as plane
from nnlab.chapters.c20_search import pruning_explorer as pruning
from nnlab.chapters.c20_search import study_explorer as study
from nnlab.chapters.c20_search import tabulated
from nnlab.scratch.search import median_rule, random_search

# ------------------------------------------------------------------------------------------------- the objective


def test_the_objective_is_the_table_where_it_was_trained_and_between_elsewhere():
    t = tabulated.table()
    for i, j, k, b in [(0, 0, 0, 0), (6, 2, 1, 1), (12, 3, 2, 2)]:
        setting = {"lr": t.lr[i], "width": t.width[j], "dropout": t.dropout[k], "batch": t.batch[b]}
        np.testing.assert_allclose(tabulated.curve(setting, 2), t.loss[i, j, k, b, 2], rtol=1e-9)
        np.testing.assert_allclose(tabulated.curve(setting, None, "test"), t.test[i, j, k, b].mean(0), rtol=1e-9)
        assert tabulated.loss(setting, 9, 1) == pytest.approx(t.loss[i, j, k, b, 1, 8])
    between = {"lr": np.sqrt(t.lr[3] * t.lr[4]), "width": 16, "dropout": 0.0, "batch": 64}
    assert tabulated.loss(between) == pytest.approx((t.loss[3, 1, 0, 1, 0, -1] + t.loss[4, 1, 0, 1, 0, -1]) / 2)


def test_every_candidate_of_the_space_has_a_loss():
    found = [tabulated.loss(c) for c in random_search(tabulated.SPACE, 300, rng=np.random.default_rng(0))]
    assert min(found) > 0.34 and max(found) < 10 and np.isfinite(found).all()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"lr": 2.0}, "lr should be in the table's range"),
        ({"width": 4}, "width should be in the table's range"),
        ({"dropout": 0.9}, "dropout should be in the table's range"),
        ({"batch": 32}, "batch should be one of 16, 64, 256"),
    ],
)
def test_a_candidate_outside_of_the_table_is_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        tabulated.loss({"lr": 0.01, "width": 16, "dropout": 0.1, "batch": 64, **change})
    with pytest.raises(ValueError, match="seed should be 0, 1, 2 or None"):
        tabulated.loss({"lr": 0.01, "width": 16, "dropout": 0.1, "batch": 64}, seed=3)


# ------------------------------------------------------------------------------------------------- grid, random


def test_the_averages_are_what_single_problems_give():
    best, drawn = plane._problems()
    grid, random = plane.average_best(0.3)
    for k, side in enumerate(plane.SIDES):
        points = plane.grid_points(int(side))
        single = [plane.problem(points[:, 0], points[:, 1], 0.3, u, v).min() for u, v in best]
        assert grid[k] == pytest.approx(np.mean(single))
        single = [
            plane.problem(p[: side**2, 0], p[: side**2, 1], 0.3, u, v).min()
            for p, (u, v) in zip(drawn, best, strict=True)
        ]
        assert random[k] == pytest.approx(np.mean(single))


def test_random_leads_where_one_dimension_matters_and_the_grid_where_both_do():
    for side in range(2, 9):
        assert plane.grid_and_random(side, 0.0, 0).lead < -0.03
        assert plane.grid_and_random(side, 1.0, 0).lead > 0.05
    d = plane.grid_and_random(3, 0.0, 4)
    assert len(np.unique(d.grid[:, 0])) == 3 and len(np.unique(d.random[:, 0])) == 9


# ------------------------------------------------------------------------------------------------- a study


@pytest.mark.parametrize("method", study.METHODS)
def test_a_study_is_replayed_as_it_was(method):
    found, losses = study.trials(method, 1)
    assert len(found) == study.TRIALS and losses == pytest.approx([tabulated.loss(c) for c in found])
    d = study.replay(method, 20, 1)
    assert d.losses.tolist() == losses[:20].tolist() and len(d.lr) == len(d.width) == 20
    assert d.best[method][19] == losses[:20].min()
    again, _ = study.trials.__wrapped__(method, 1)
    assert again == found


def test_a_grid_has_every_combination_once():
    found, _ = study.trials("grid", 3)
    assert len({tuple(c.values()) for c in found}) == 54
    assert [len({c[name] for c in found}) for name in study.POINTS] == [3, 3, 2, 3]


def test_tpe_reaches_the_hard_target_more_often():
    reached = {m: sum(study.trials(m, seed)[1].min() < 0.38 for seed in range(5)) for m in study.METHODS}
    assert reached["TPE"] >= 4 and reached["TPE"] >= reached["grid"] + 2


# ------------------------------------------------------------------------------------------------- pruning


def test_the_median_rule_is_applied_after_each_epoch():
    losses = pruning.curves(2)
    ends = pruning.lengths(losses, "median rule", 2, 3)
    finished = [row for row, end in zip(losses, ends, strict=True) if end == 27]
    assert ends.min() >= 2 and ends.max() == 27 and len(finished) >= 5
    k = int(np.flatnonzero(ends < 27)[-1])
    before = [row for row, end in zip(losses[:k], ends[:k], strict=True) if end == 27]
    assert median_rule(losses[k][: ends[k]], before)
    assert not any(median_rule(losses[k][:e], before) for e in range(2, ends[k]))


def test_halving_spends_what_its_rungs_say():
    d = pruning.prune("halving", 1, 3, 0)
    assert sorted(d.ends) == [1] * 18 + [3] * 6 + [9] * 2 + [27] and d.ends[d.chosen] == 27
    assert d.saved == pytest.approx(1 - 81 / 729)
    assert pruning.prune("train all", 1, 3, 0).saved == 0 == pruning.prune("train all", 1, 3, 0).regret


def test_a_late_cut_keeps_the_best_and_an_early_one_does_not():
    for seed in range(10):
        assert pruning.prune("halving", 9, 3, seed).regret == 0
        assert pruning.prune("halving", 1, 3, seed).regret > 0
