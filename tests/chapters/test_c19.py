"""Chapter 19, Evaluation: what its explorers compute is true."""

import numpy as np
import pytest

from nnlab.chapters.c19_evaluation import calibration_explorer as calibration
from nnlab.chapters.c19_evaluation import folds_explorer as folds
from nnlab.chapters.c19_evaluation import threshold_explorer as threshold
from nnlab.scratch import metrics

# ------------------------------------------------------------------------------------------------- two bells


@pytest.mark.parametrize(("cut", "separation", "rate"), [(1.0, 2.0, 0.5), (0.3, 1.0, 0.1), (2.0, 3.0, 0.05)])
def test_the_bells_are_what_sampled_scores_give(cut, separation, rate):
    rng = np.random.default_rng(0)
    y = (rng.random(200_000) < rate).astype(int)
    score = rng.normal(size=len(y)) + separation * y
    d = threshold.threshold_counts(cut, separation, rate)
    np.testing.assert_allclose(
        metrics.confusion_matrix(y, score >= cut) / len(y), d.matrix / threshold.PEOPLE, atol=0.004
    )
    assert d.roc_auc == pytest.approx(metrics.roc_auc_score(y, score), abs=0.01)
    assert d.average_precision == pytest.approx(metrics.average_precision_score(y, score), abs=0.015)
    flagged = (score >= cut).astype(int)
    assert d.precision_here == pytest.approx(metrics.precision_score(y, flagged), abs=0.02)
    assert d.recall == pytest.approx(metrics.recall_score(y, flagged), abs=0.02)
    assert d.accuracy == pytest.approx((flagged == y).mean(), abs=0.005)


def test_the_base_rate_moves_precision_and_leaves_roc():
    often, rare = (threshold.threshold_counts(1.0, 2.0, rate) for rate in (0.5, 0.01))
    assert often.roc_auc == rare.roc_auc and often.recall == pytest.approx(rare.recall)
    assert rare.precision_here < 0.06 < 0.8 < often.precision_here
    assert rare.average_precision < 0.35 and often.average_precision > 0.9
    assert threshold.threshold_counts(6.0, 2.0, 0.01).accuracy > 0.989  # flags nearly nobody


def test_the_goal_is_a_narrow_gap():
    explorer = threshold.threshold_explorer()
    values = dict(separation=2.0, rate=0.01)
    met = [
        t for t in np.linspace(-3, 6, 181).round(2) if explorer.goal.reached(explorer.compute(threshold=t, **values))
    ]
    assert met and min(met) >= 2.9 and max(met) <= 3.05


# ------------------------------------------------------------------------------------------------- calibration


@pytest.mark.parametrize("model", calibration.MODELS)
def test_the_curves_pass_through_the_values_here(model):
    for bins in (5, 10, 20):
        for k in (0, 24, 40):
            d = calibration.calibration(model, float(calibration.TEMPERATURES[k]), bins)
            assert d.loss == pytest.approx(d.losses[k]) and d.error == pytest.approx(d.errors[k], abs=1e-9)
            assert d.count.sum() == len(calibration.logits_and_labels(model)[1])
            assert np.sum(d.count * np.abs(d.right - d.said)) / d.count.sum() == pytest.approx(d.error, abs=1e-9)


def test_temperature_changes_confidence_and_no_decision():
    found = [calibration.calibration("moved digits", t, 10) for t in (0.5, 1.0, 2.0, 4.0)]
    assert len({d.accuracy for d in found}) == 1
    assert sorted((d.confidence for d in found), reverse=True) == [d.confidence for d in found]


def test_moved_digits_are_stated_too_surely_and_the_others_are_not():
    moved, plain, names = (calibration.calibration(m, 1.0, 10) for m in ("moved digits", "digits", "surnames"))
    assert moved.confidence > moved.accuracy + 0.05
    assert plain.error < 0.02 and names.error < 0.06 < moved.error
    assert 1.5 < calibration.TEMPERATURES[moved.losses.argmin()] < 2.3
    assert 0.9 < calibration.TEMPERATURES[plain.losses.argmin()] < 1.2


# ------------------------------------------------------------------------------------------------- folds


@pytest.mark.parametrize("count", [3, 4, 5, 6])
@pytest.mark.parametrize("split", folds.SPLITS)
@pytest.mark.parametrize("data", folds.DATA)
def test_cells_say_what_the_splits_do(data, split, count):
    d = folds.folds(data, split, count)
    assert (d.state[count:] == -1).all() and (d.state[:count] >= 0).all()
    tested = (d.state[:count] == folds.TESTED).sum(axis=0)
    assert (tested == 1).all() if split != "past to future" else tested.max() == 1
    for row in d.state[:count]:
        test, leak = np.flatnonzero(row == folds.TESTED), np.flatnonzero(row == folds.LEAKED)
        train = np.flatnonzero((row == folds.TRAINED) | (row == folds.LEAKED))
        wanted = {
            "separate rows": [],
            "people": [i for i in train if d.groups[i] in d.groups[test]],
            "time series": [i for i in train if i > test.min()],
        }[data]
        assert leak.tolist() == list(wanted)


def test_what_leaks_looks_better_than_it_is():
    for data, bad, good in (("people", "shuffled", "grouped"), ("time series", "shuffled", "past to future")):
        leaky, honest = folds.folds(data, bad, 5), folds.folds(data, good, 5)
        assert leaky.leaks > 0 == honest.leaks
        assert leaky.inside > leaky.later + 0.15
        assert abs(honest.inside - honest.later) < 0.06
    rows = [folds.folds("separate rows", split, 5) for split in ("shuffled", "stratified", "grouped")]
    assert all(d.leaks == 0 and abs(d.inside - d.later) < 0.04 for d in rows)
    assert folds.folds("separate rows", "in order", 5).empty == 4
