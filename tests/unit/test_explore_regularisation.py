"""What the explorers of chapter 10 compute is true."""

import numpy as np
import pytest

from nnlab.explore import polynomial

# ------------------------------------------------------------------------------------------------- polynomials


def test_without_a_penalty_it_is_the_least_squares_polynomial():
    d = polynomial.fits(5, 0, 20, 0.3, 1)
    np.testing.assert_allclose(d.w, np.polyfit(d.x, d.y, 5)[::-1], rtol=1e-8)


@pytest.mark.parametrize("degree", [1, 4, 15])
def test_ridge_is_where_its_gradient_is_zero(degree):
    """2/N A^T (A w - y) + 2 strength w = 0, without the last term for the constant."""
    d, strength = polynomial.fits(degree, 0.003, 20, 0.3, 4), 0.003
    a = polynomial.powers(d.x, degree)
    gradient = 2 / len(d.x) * a.T @ (a @ d.w - d.y) + 2 * strength * d.w * (np.arange(degree + 1) > 0)
    np.testing.assert_allclose(gradient, 0, atol=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_training_error_falls_with_the_degree_and_new_error_does_not(seed):
    d = polynomial.fits(3, 0, 20, 0.3, seed)
    assert (np.diff(d.train) <= 1e-9).all()
    assert d.validation[15] > 10 * d.validation[3]  # 46 times at least, on these ten seeds
    tamed = polynomial.fits(15, 0.001, 20, 0.3, seed)
    assert tamed.error < d.validation[15] / 10


def test_the_goal_is_missed_by_too_little_and_by_too_much():
    explorer = polynomial.polynomial_explorer()
    for values in explorer.presets.values():
        assert explorer.compute(**values).error > 2 * polynomial._BOUND
    assert explorer.compute(degree=3, strength=0).error < polynomial._BOUND
    assert explorer.compute(**explorer.goal.solution).error < polynomial._BOUND
