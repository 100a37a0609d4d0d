"""What the explorers of chapter 10 compute is true."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso, Ridge

from nnlab.explore import corners, polynomial

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


# ------------------------------------------------------------------------------------------------- corners


@pytest.mark.parametrize("strength", [t for t in corners.STRENGTHS if t > 0])
def test_l1_is_scikit_learns_lasso_and_its_zeros_are_explained(strength):
    """At the minimum, x^T (y - x w) / N is strength * sign(w) where w is not zero, and no larger where it is."""
    x, y, _, _ = corners.people()
    w = corners.corners(strength).all[0]
    theirs = Lasso(strength, fit_intercept=False, tol=1e-12, max_iter=100_000).fit(x, y).coef_
    np.testing.assert_allclose(w, theirs, atol=1e-6)
    np.testing.assert_array_equal(w == 0, theirs == 0)
    pull = x.T @ (y - x @ w) / len(x)
    np.testing.assert_allclose(pull[w != 0], strength * np.sign(w[w != 0]), atol=1e-7)
    assert (np.abs(pull[w == 0]) <= strength).all()


@pytest.mark.parametrize("strength", corners.STRENGTHS)
def test_l2_is_scikit_learns_ridge_and_sets_nothing_to_zero(strength):
    x, y, _, _ = corners.people()
    d = corners.corners(strength)
    theirs = Ridge(strength * len(x), fit_intercept=False, tol=1e-12).fit(x, y).coef_
    np.testing.assert_allclose(d.all[1], theirs, atol=1e-9)
    assert d.zeros[1] == 0 and np.abs(d.all[1]).min() > 1e-4


def test_the_shapes_touch_the_contours():
    """No point of the diamond (the circle) has a lower loss than the one where it touches."""
    x, y, _, _ = corners.people()
    turn = np.linspace(0, 2 * np.pi, 401)
    ring = np.array([np.cos(turn), np.sin(turn)]).T
    for strength in (0.1, 0.35, 0.5):
        pair = corners.corners(strength).pair
        for w, norm in ((pair[0], lambda v: np.abs(v).sum(axis=-1)), (pair[1], lambda v: np.hypot(*v.T))):
            edge = ring / norm(ring)[:, None] * norm(w)
            loss = ((edge @ x[:, corners.PAIR].T - y) ** 2).mean(axis=1)
            assert ((x[:, corners.PAIR] @ w - y) ** 2).mean() <= loss.min() + 1e-9


def test_the_goal_has_one_answer():
    reached = [t for t in corners.STRENGTHS if corners.corners(t).zeros == [corners.WANTED, 0]]
    assert reached == [0.07]
