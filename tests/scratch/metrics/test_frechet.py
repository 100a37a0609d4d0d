"""The Fréchet distance: against scipy's matrix root, known cases, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import sqrtm

from nnlab.scratch.metrics import frechet_distance

RNG = np.random.default_rng(0)


def test_it_is_the_formula_with_scipys_root():
    a, b = RNG.normal(size=(60, 5)) @ RNG.normal(size=(5, 5)), RNG.normal(size=(40, 5)) + 1
    s_a, s_b = np.cov(a.T), np.cov(b.T)
    gap = a.mean(0) - b.mean(0)
    wanted = gap @ gap + np.trace(s_a + s_b - 2 * sqrtm(s_a @ s_b).real)
    assert frechet_distance(a, b) == pytest.approx(wanted, rel=1e-8)
    assert frechet_distance(b, a) == pytest.approx(wanted, rel=1e-8)


def test_known_cases():
    a = RNG.normal(size=(100, 3))
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(a, a + 2) == pytest.approx(12)  # only the means differ
    assert frechet_distance(a[:, :1], 3 * a[:, :1]) == pytest.approx(
        4 * (a[:, 0].var(ddof=1) + a[:, 0].mean() ** 2)
    )  # in one dimension (sigma_a - sigma_b)^2
    dead = np.column_stack([a, np.zeros(100)])  # a feature that never fires
    assert frechet_distance(dead, dead + np.array([0, 0, 0, 1])) == pytest.approx(1)


def test_equal_clouds_are_never_below_0():
    assert all(frechet_distance(a, a) >= 0 for a in RNG.normal(size=(20, 40, 30)))


def test_few_rows_look_further_away():
    a, b = RNG.normal(size=(2000, 8)), RNG.normal(size=(2000, 8))
    assert frechet_distance(a, b[:50]) > 3 * frechet_distance(a, b)


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (np.ones((3, 2)), np.ones((3, 3)), "the same features"),
        (np.ones((1, 2)), np.ones((3, 2)), "a should have at least two rows"),
        (np.ones((3, 2)), np.ones(3), "b should have 2 axes"),
        (np.ones((3, 0)), np.ones((3, 0)), "and a feature"),
        (np.full((3, 2), np.nan), np.ones((3, 2)), "a should be finite"),
    ],
)
def test_what_it_refuses(a, b, words):
    with pytest.raises(ValueError, match=words):
        frechet_distance(a, b)
