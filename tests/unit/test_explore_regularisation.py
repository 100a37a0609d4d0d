"""What the explorers of chapter 10 compute is true."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso, Ridge

from nnlab.explore import corners, overfit, polynomial

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


# ------------------------------------------------------------------------------------------------- the overfit lab

DEFAULT = {name: control.value for name, control in overfit.overfit_explorer().controls.items()}


def trained(epochs=overfit.EPOCHS, **changed):
    values = DEFAULT | changed
    students = overfit.begin(**values)
    for _ in range(epochs):
        overfit.advance(students, **values)
    return students, overfit.look(students, **values)


def test_each_student_has_digits_of_its_own_and_so_many_wrong_labels():
    x, truth = overfit.digits("train")
    students = overfit.begin(**DEFAULT | dict(count=300, more_data=True, noise=0.3))
    np.testing.assert_array_equal(np.concatenate([s.x for s in students]), x)  # all of them, each once
    for k, s in enumerate(students):
        assert (s.y != truth[k * 1200 : (k + 1) * 1200]).sum() == 360


def test_pictures_are_moved_by_whole_pixels():
    x, _ = overfit.digits("validation")
    moved = overfit.shifts(x[:5])
    assert moved.shape == (5, 3, 3, 14, 14)
    np.testing.assert_array_equal(moved[:, 1, 1], x[:5])
    np.testing.assert_array_equal(moved[:, 0, 1, 1:], x[:5, :-1])  # down by one, a row of paper comes in
    assert (moved[:, 0, 1, 0] == 0).all()


def test_early_stopping_gives_the_best_network_back():
    students, d = trained(early=True)
    images, labels = overfit.digits("validation")
    for k, s in enumerate(students):
        assert s.stopped and s.best_epoch < overfit.EPOCHS
        accuracy, loss = overfit.judge(s.net, images, labels)
        assert (accuracy, loss) == s.best[1:]
        assert d.validation[k, -1] == d.validation[k, s.best_epoch - 1] == accuracy
    without, _ = trained()
    assert all(a.best[2] < b.score[2] for a, b in zip(students, without, strict=True))


def test_the_test_digits_are_looked_at_only_at_the_end():
    assert trained(3)[1].test.size == 0
    assert trained()[1].test.shape == (overfit.SEEDS,)


def test_l1_leaves_zeros_and_nothing_else_does():
    assert trained(20, l1=True)[1].zeros > 0.2
    assert trained(20, l2=True, dropout=True, batch_norm=True)[1].zeros == 0


@pytest.mark.parametrize("remedy", [name for name in overfit.REMEDIES if name != "more_data"])
def test_one_remedy_alone_misses_the_goal(remedy):
    goal = overfit.overfit_explorer().goal
    assert not goal.reached(trained(**{remedy: True})[1])


def test_without_a_remedy_it_learns_by_heart():
    _, d = trained()
    assert d.train[:, -1].mean() > 0.95 and d.gap > 0.3
    assert trained(hidden=4)[1].train[:, -1].mean() < 0.9  # what has no room cannot
