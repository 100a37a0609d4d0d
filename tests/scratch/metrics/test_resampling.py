"""Intervals hold what they promise, and p-values equal SciPy's."""

import numpy as np
import pytest
from scipy import stats

from nnlab.scratch.metrics import bootstrap_interval, f1_score, mcnemar_test, permutation_test, roc_auc_score


def mean(x):
    return float(np.mean(x))


def test_the_interval_is_scipys_percentile_interval():
    x = np.random.default_rng(0).exponential(size=80)
    found = bootstrap_interval(mean, x, rng=np.random.default_rng(1), resamples=20_000)
    wanted = stats.bootstrap((x,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(2))
    np.testing.assert_allclose(found[1:], wanted.confidence_interval, rtol=0.01)
    assert found.estimate == x.mean()


def test_it_holds_the_truth_about_as_often_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    for _ in range(300):
        x = (rng.random(100) < 0.7).astype(float)
        _, low, high = bootstrap_interval(mean, x, rng=rng, confidence=0.9, resamples=200)
        hits += low <= 0.7 <= high
    assert 0.82 < hits / 300 < 0.96  # 0.9 by its name; four standard deviations are 0.07


def test_rows_are_drawn_together():
    rng = np.random.default_rng(0)
    a = rng.normal(size=50)
    paired = bootstrap_interval(lambda a, b: mean(b - a), a, a + 1, rng=rng)
    assert paired.low == pytest.approx(1) and paired.high == pytest.approx(1)
    t = np.array([0, 1] * 20)
    assert bootstrap_interval(f1_score, t, t, rng=rng, resamples=50) == (1, 1, 1)


def test_groups_are_drawn_as_wholes():
    """Ten people, 20 equal rows each: the interval of ten numbers, not that of 200."""
    rng = np.random.default_rng(0)
    people = np.repeat(np.arange(10), 20)
    x = rng.normal(size=10)[people]
    by_person = bootstrap_interval(mean, x, rng=rng, groups=people)
    by_row = bootstrap_interval(mean, x, rng=rng)
    assert 3.5 < (by_person.high - by_person.low) / (by_row.high - by_row.low) < 5.5  # the square root of 20 is 4.5


def test_draws_with_one_class_are_left_out():
    t, score = np.array([1, 0, 0, 0]), np.array([0.9, 0.1, 0.5, 0.3])
    with pytest.warns(UserWarning):
        assert bootstrap_interval(roc_auc_score, t, score, rng=np.random.default_rng(0), resamples=50).low == 1
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="nan in every draw"):
        bootstrap_interval(roc_auc_score, t[1:], score[1:], rng=np.random.default_rng(0), resamples=5)


@pytest.mark.parametrize("seed", range(5))
def test_mcnemar_is_the_binomial_test(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.random(200) < 0.8, rng.random(200) < 0.85
    n, k = int((a != b).sum()), int((a & ~b).sum())
    assert mcnemar_test(a, b) == pytest.approx(stats.binomtest(k, n).pvalue)
    assert mcnemar_test(a, a) == 1


@pytest.mark.parametrize("shift", [0.0, 0.3, 0.6])
def test_permutation_test_is_scipys(shift):
    rng = np.random.default_rng(1)
    a = rng.normal(size=12)
    b = a + shift + rng.normal(size=12)
    exact = stats.permutation_test(
        (b, a), lambda x, y: np.mean(x - y), permutation_type="samples", n_resamples=np.inf
    ).pvalue
    assert permutation_test(a, b, rng=rng, permutations=50_000) == pytest.approx(exact, abs=0.01)


def test_equal_models_give_equal_p_values_by_chance():
    """Under no difference p is below 0.1 in about a tenth of all tries."""
    rng = np.random.default_rng(0)
    p = [permutation_test(*rng.normal(size=(2, 30)), rng=rng, permutations=300) for _ in range(400)]
    assert 0.04 < np.mean(np.array(p) < 0.1) < 0.16
    assert permutation_test([1.0, 2], [1.0, 2], rng=rng) == 1


def test_bad_input():
    rng = np.random.default_rng(0)
    for call, words in [
        (lambda: bootstrap_interval(mean, [], rng=rng), "empty"),
        (lambda: bootstrap_interval(mean, rng=rng), "arrays"),
        (lambda: bootstrap_interval(mean, [1.0], [1.0, 2], rng=rng), "same number of rows"),
        (lambda: bootstrap_interval(mean, [1.0], rng=rng, confidence=1.0), "confidence"),
        (lambda: bootstrap_interval(mean, [1.0, 2], rng=rng, groups=[1]), "groups"),
        (lambda: permutation_test([1.0], [1.0, 2], rng=rng), "same number of rows"),
        (lambda: permutation_test([np.nan], [1.0], rng=rng), "NaN"),
        (lambda: mcnemar_test([True], [True, False]), "same number of rows"),
    ]:
        with pytest.raises(ValueError, match=words):
            call()
    with pytest.raises(TypeError, match="True or False"):
        mcnemar_test([1, 0], [0, 1])
    with pytest.raises(TypeError, match="default_rng"):
        permutation_test([1.0], [2.0], rng=0)
