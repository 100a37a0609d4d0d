"""Search: dimensions equal SciPy's and scikit-learn's, halving keeps the best, bad input is refused."""

import itertools

import numpy as np
import pytest
from scipy import stats
from sklearn.model_selection import ParameterGrid

from nnlab.scratch.search import (
    Categorical,
    Integer,
    LogUniform,
    Uniform,
    grid_search,
    hyperband,
    median_rule,
    random_search,
    spent,
    successive_halving,
)

SPACE = {
    "lr": LogUniform(1e-4, 1.0),
    "dropout": Uniform(0.0, 0.5),
    "width": Integer(8, 64, log=True),
    "batch": Categorical([16, 64, 256]),
}


@pytest.mark.parametrize(
    ("dim", "twin"),
    [
        (LogUniform(1e-4, 2.0), stats.loguniform(1e-4, 2.0)),
        (Uniform(-1.0, 3.0), stats.uniform(-1.0, 4.0)),
    ],
)
def test_a_number_is_the_quantile_that_scipy_has(dim, twin):
    for u in np.linspace(0, 1, 21):
        assert dim.at(u) == pytest.approx(twin.ppf(u), rel=1e-12)


def test_whole_numbers_have_the_shares_that_are_stated():
    u = np.linspace(0, 1, 200_001)[:-1]
    plain = np.array([Integer(3, 7).at(x) for x in u])
    np.testing.assert_allclose(np.bincount(plain)[3:] / len(u), 0.2, atol=1e-4)
    log = np.bincount([Integer(1, 15, log=True).at(x) for x in u])[1:] / len(u)
    k = np.arange(1, 16)
    np.testing.assert_allclose(log, np.log((k + 1) / k) / np.log(16), atol=1e-4)
    assert Integer(3, 7).at(1.0) == 7 and isinstance(Integer(3, 7).at(0.5), int)


def test_choices_are_equally_likely():
    rng = np.random.default_rng(0)
    found = [c["batch"] for c in random_search(SPACE, 3000, rng=rng)]
    assert set(found) == {16, 64, 256} and min(map(found.count, set(found))) > 900


def test_a_grid_is_every_combination_in_scikit_learns_values():
    ours = list(grid_search(SPACE, {"lr": 5, "dropout": 3, "width": 4, "batch": 1}))
    axes = {name: dim.grid(n) for (name, dim), n in zip(SPACE.items(), (5, 3, 4, 1), strict=True)}
    assert axes["width"] == [8, 16, 32, 64] and axes["dropout"] == [0, 0.25, 0.5]
    np.testing.assert_allclose(axes["lr"], [1e-4, 1e-3, 1e-2, 1e-1, 1], rtol=1e-12)
    key = lambda c: tuple(sorted(c.items()))  # noqa: E731
    assert sorted(map(key, ours)) == sorted(map(key, ParameterGrid(axes))) and len(ours) == 5 * 3 * 4 * 3
    assert [c["batch"] for c in itertools.islice(ours, 4)] == [16, 64, 256, 16]
    assert Uniform(0, 4).grid(1) == [2]
    assert Integer(1, 3).grid(9) == [1, 2, 3]


def test_random_search_is_seeded_and_spreads_over_decades():
    first, again, other = (list(random_search(SPACE, 400, rng=np.random.default_rng(s))) for s in (0, 0, 1))
    assert first == again != other
    decade = np.floor(np.log10([c["lr"] for c in first])).astype(int)
    assert np.bincount(decade + 4).min() > 70  # four of them, 100 each expected


def test_halving_keeps_the_best_and_counts_what_it_spends():
    calls = []

    def loss(candidate, epochs):
        calls.append((candidate["k"], epochs))
        return abs(candidate["k"] - 5) / epochs if candidate["k"] != 20 else float("nan")

    rungs = successive_halving([{"k": k} for k in range(27)], loss, least=1, most=27)
    assert [(rung.epochs, len(rung.candidates)) for rung in rungs] == [(1, 27), (3, 9), (9, 3), (27, 1)]
    assert rungs[-1].candidates == [{"k": 5}]
    assert {c["k"] for c in rungs[1].candidates} == {1, 2, 3, 4, 5, 6, 7, 8, 9}
    assert spent(rungs) == 27 * 1 + 9 * 2 + 3 * 6 + 1 * 18 == 81
    assert len(calls) == 27 + 9 + 3 + 1
    assert len(successive_halving([{"k": 0}], loss, least=1, most=9)) == 1
    short = successive_halving([{"k": k} for k in range(8)], loss, least=2, most=5, factor=2)
    assert [(rung.epochs, len(rung.candidates)) for rung in short] == [(2, 8), (4, 4), (5, 2)]


def test_hyperbands_brackets_are_those_of_the_paper():
    assert hyperband(81) == [(81, 1), (34, 3), (15, 9), (8, 27), (5, 81)]
    assert hyperband(27) == [(27, 1), (12, 3), (6, 9), (4, 27)]
    assert hyperband(1) == [(1, 1)]


def test_the_median_rule():
    others = [[5.0, 4.0], [3.0, 2.0], [4.0, 1.0], [9.0], [2.0, 3.0]]
    assert median_rule([4.5], others) and not median_rule([4.0], others)
    assert not median_rule([6.0, 2.5], others) and median_rule([6.0, 2.6], others)  # two of four are above 2.5
    assert not median_rule([9.0], others[:4]) and not median_rule([9.0, 9.0, 9.0], others)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: Uniform(1, 0), "low should be below high"),
        (lambda: Uniform(0, float("inf")), "high should be a finite number"),
        (lambda: LogUniform(0, 1), "a log scale needs low above 0"),
        (lambda: Integer(0, 8, log=True), "a log scale needs low above 0"),
        (lambda: Integer(1.5, 8), "low should be a whole number"),
        (lambda: Categorical([]), "at least one value"),
        (lambda: list(grid_search({}, 3)), "at least one dimension"),
        (lambda: random_search({}, 3, rng=np.random.default_rng(0)), "at least one dimension"),
        (lambda: random_search({"lr": (1e-4, 1)}, 3, rng=np.random.default_rng(0)), "lr should be a dimension"),
        (lambda: random_search(SPACE, 0, rng=np.random.default_rng(0)), "trials should be at least 1"),
        (lambda: random_search(SPACE, 3, rng=0), "rng should be a generator"),
        (lambda: grid_search(SPACE, {"lr": 3}), "points should name lr, dropout, width, batch"),
        (lambda: Uniform(0, 1).at(1.5), "u should be from 0 to 1"),
        (lambda: successive_halving([], lambda c, e: 0.0, least=1, most=9), "at least one candidate"),
        (lambda: successive_halving([{}], lambda c, e: 0.0, least=9, most=1), "most should be at least 9"),
        (lambda: successive_halving([{}], lambda c, e: 0.0, least=1, most=9, factor=1), "factor should be at least 2"),
    ],
)
def test_bad_input_gets_a_sentence(call, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence):
        call()


def test_numpys_small_integers_do_not_overflow():
    assert hyperband(np.int8(81), np.int8(3)) == hyperband(81, 3)
    rungs = successive_halving([{}] * 9, lambda c, epochs: 0.0, least=np.int8(50), most=200, factor=np.int8(3))
    assert [rung.epochs for rung in rungs] == [50, 150, 200]


@pytest.mark.parametrize(
    "call",
    [
        lambda: Categorical("relu"),  # would choose a letter
        lambda: Categorical({16, 64}),  # has no order, so no seed
        lambda: Categorical(None),
        lambda: list(grid_search([Uniform(0, 1)], 2)),
        lambda: LogUniform(1e-300, 1e300),
        lambda: Uniform(-1e308, 1e308),
        lambda: successive_halving([{}], lambda c, e: None, least=1, most=3),
    ],
)
def test_what_was_taken_silently_is_refused(call):
    with pytest.raises((TypeError, ValueError), match=r"should|too far apart"):
        call()
