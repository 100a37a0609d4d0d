"""Statistics of drift: their formulas, their twin in SciPy, and what they say of two samples of one distribution."""

import numpy as np
import pytest
from scipy.stats import chi2, ks_2samp

from nnlab.scratch.metrics import ks_statistic, population_stability


def test_the_index_is_its_formula():
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.4, 0.4, 0.2])
    assert population_stability(1000 * p, 10 * q, smoothing=0) == pytest.approx(np.sum((q - p) * np.log(q / p)))
    assert population_stability([5, 5], [70, 70]) == 0
    assert population_stability([5, 0], [0, 5]) == pytest.approx(2 * (5.5 - 0.5) / 6 * np.log(11))
    assert population_stability([1, 2, 3], [3, 2, 9]) == pytest.approx(population_stability([3, 2, 9], [1, 2, 3]))


def test_without_smoothing_an_empty_bin_is_infinite_and_two_are_not():
    assert population_stability([5, 5, 0], [5, 0, 5], smoothing=0) == np.inf
    assert population_stability([5, 5, 0], [4, 6, 0], smoothing=0) < 1


def test_without_drift_its_distribution_is_the_one_that_is_stated():
    """Index / (1 / n + 1 / m) is about chi square with B - 1 degrees of freedom: alarms come as often as wanted."""
    rng, n, m, bins = np.random.default_rng(0), 1000, 2000, 10
    found = [
        population_stability(rng.multinomial(m, np.full(bins, 0.1)), rng.multinomial(n, np.full(bins, 0.1)))
        for _ in range(4000)
    ]
    scaled = np.array(found) / (1 / n + 1 / m)
    assert abs(scaled.mean() - 9) < 0.3
    for rate in (0.1, 0.01):
        assert np.mean(scaled > chi2.ppf(1 - rate, bins - 1)) == pytest.approx(rate, rel=0.4)


@pytest.mark.parametrize("sizes", [(1, 1), (5, 9), (200, 50)])
def test_ks_is_scipys(sizes):
    rng = np.random.default_rng(1)
    for _ in range(20):
        x, y = (rng.normal(size=n).round(1) for n in sizes)  # with ties
        assert ks_statistic(x, y) == pytest.approx(ks_2samp(x, y).statistic)


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (([1], [1]), "counts of the same bins"),
        (([1, 2], [1, 2, 3]), "counts of the same bins"),
        (([1, -1], [1, 2]), "expected should be counts"),
        (([1, 1], [0, 0]), "actual should be counts"),
        (([1, np.nan], [1, 1]), "expected should be counts"),
    ],
)
def test_what_are_no_counts_is_refused(bad, sentence):
    with pytest.raises(ValueError, match=sentence):
        population_stability(*bad)


def test_what_is_no_sample_is_refused():
    for bad in ([], [[1.0]], [np.nan]):
        with pytest.raises(ValueError, match="x should be one row of numbers"):
            ks_statistic(bad, [1.0])
