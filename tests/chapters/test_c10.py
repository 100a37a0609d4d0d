"""What the explorers of chapter 10 compute is true."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso, Ridge

from nnlab.chapters.c10_regularisation import augmentation_explorer as augmentation
from nnlab.chapters.c10_regularisation import corners_explorer as corners
from nnlab.chapters.c10_regularisation import overfit_explorer as overfit
from nnlab.chapters.c10_regularisation import polynomial_explorer as polynomial

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
        assert explorer.compute(**values).error > 2 * polynomial.GOAL_ERROR
    assert explorer.compute(degree=3, strength=0).error < polynomial.GOAL_ERROR
    assert explorer.compute(**explorer.goal.solution).error < polynomial.GOAL_ERROR


# ------------------------------------------------------------------------------------------------- corners


@pytest.mark.parametrize("strength", [t for t in corners.STRENGTHS if t > 0])
def test_l1_is_scikit_learns_lasso_and_its_zeros_are_explained(strength):
    """At the minimum, x^T (y - x w) / N is strength * sign(w) where w is not zero, and no larger where it is."""
    x, y, _, _ = corners.people()
    w = corners.corners(strength).all[0]
    theirs = Lasso(strength, fit_intercept=False, tol=1e-12, max_iter=100_000).fit(x, y).coef_
    np.testing.assert_allclose(w, theirs, atol=1e-6)
    np.testing.assert_array_equal(w == 0, theirs == 0)
    correlation = x.T @ (y - x @ w) / len(x)
    np.testing.assert_allclose(correlation[w != 0], strength * np.sign(w[w != 0]), atol=1e-7)
    assert (np.abs(correlation[w == 0]) <= strength).all()


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
    reached = [t for t in corners.STRENGTHS if corners.corners(t).zeros == [corners.GOAL_ZEROS, 0]]
    assert reached == [0.07]


# ------------------------------------------------------------------------------------------------- the overfit lab

DEFAULT = {name: control.value for name, control in overfit.overfit_explorer().controls.items()}


def trained(epochs=overfit.EPOCHS, **changed):
    values = DEFAULT | changed
    networks = overfit.begin(**values)
    for _ in range(epochs):
        overfit.advance(networks, **values)
    return networks, overfit.curves(networks, **values)


def test_each_network_has_digits_of_its_own_and_its_share_of_wrong_labels():
    x, truth = overfit.digits("train")
    networks = overfit.begin(**DEFAULT | dict(count=300, more_data=True, noise=0.3))
    np.testing.assert_array_equal(np.concatenate([n.x for n in networks]), x)  # all of them, each once
    for k, n in enumerate(networks):
        assert (n.y != truth[k * 1200 : (k + 1) * 1200]).sum() == 360


def test_pictures_are_moved_by_whole_pixels():
    x, _ = overfit.digits("validation")
    moved = overfit.shifts(x[:5])
    assert moved.shape == (5, 3, 3, 14, 14)
    np.testing.assert_array_equal(moved[:, 1, 1], x[:5])
    np.testing.assert_array_equal(moved[:, 0, 1, 1:], x[:5, :-1])  # down by one, a row of paper comes in
    assert (moved[:, 0, 1, 0] == 0).all()


def test_early_stopping_gives_the_best_network_back():
    networks, d = trained(early=True)
    images, labels = overfit.digits("validation")
    for k, n in enumerate(networks):
        assert n.stopped and n.best_epoch < overfit.EPOCHS
        accuracy, loss = overfit.evaluate(n.net, images, labels)
        assert (accuracy, loss) == n.best[1:]
        assert d.validation[k, -1] == d.validation[k, n.best_epoch - 1] == accuracy
    without, _ = trained()
    assert all(a.best[2] < b.metrics[2] for a, b in zip(networks, without, strict=True))


def test_the_test_digits_are_used_only_at_the_end():
    assert trained(3)[1].test.size == 0
    assert trained()[1].test.shape == (overfit.SEEDS,)


def test_l1_leaves_zeros_and_nothing_else_does():
    assert trained(20, l1=True)[1].zeros > 0.2
    assert trained(20, l2=True, dropout=True, batch_norm=True)[1].zeros == 0


@pytest.mark.parametrize("remedy", [name for name in overfit.REMEDIES if name != "more_data"])
def test_a_single_remedy_misses_the_goal(remedy):
    goal = overfit.overfit_explorer().goal
    assert not goal.reached(trained(**{remedy: True})[1])


def test_without_a_remedy_it_learns_by_heart():
    _, d = trained()
    assert d.train[:, -1].mean() > 0.95 and d.gap > 0.3
    assert trained(hidden=4)[1].train[:, -1].mean() < 0.9  # what has no room cannot


def test_all_remedies_together_help_at_the_labs_mild_strengths():
    everything = overfit.overfit_explorer().presets["all but more data"]
    without, together = trained()[1], trained(**everything)[1]
    assert together.gap < without.gap / 4  # a tenth of it, here
    assert together.validation[:, -1].mean() > without.validation[:, -1].mean() + 0.03  # 0.68 to 0.60


def test_the_corner_of_the_diamond_is_hit_and_the_circle_is_left_off_the_axes():
    pair = corners.corners(corners.corners_explorer().controls["strength"].value).pair
    assert (pair[0] == 0).sum() == 1 and (pair[1] != 0).all()


def test_without_noise_freedom_does_no_harm_and_more_points_tame_it():
    assert polynomial.fits(15, 0, 20, 0.0, 1).validation.argmin() == 15
    for seed in range(10):
        few, many = (polynomial.fits(15, 0, points, 0.3, seed).error for points in (20, 60))
        assert many < few / 20, seed


# ------------------------------------------------------------------------------------------------- augmentation

NOTHING = dict(rotation=0, shift=0, crop=0, flip=False, erase=0, jitter=0.0, noise=0.0)


@pytest.mark.parametrize("subject", [*augmentation.DIGITS, *augmentation.EMOJI, *augmentation.NAMES])
def test_with_nothing_switched_on_nothing_changes(subject):
    d = augmentation.augmented(subject, seed=0, **NOTHING)
    assert d.picture.min() >= 0 and d.picture.max() <= 1 and np.ptp(d.picture) > 0.5
    for sample in d.samples:
        np.testing.assert_array_equal(sample, d.picture)
    assert d.misread == 0 and d.warning == ""


def test_torchs_generator_is_left_as_it_was():
    torch.manual_seed(3)
    state = torch.get_rng_state()
    first = augmentation.augmented("6", seed=1, **NOTHING | dict(noise=0.2))
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(4)  # and what was drawn elsewhere does not matter
    np.testing.assert_array_equal(
        first.samples, augmentation.augmented("6", seed=1, **NOTHING | dict(noise=0.2)).samples
    )


@pytest.mark.parametrize("change", [dict(rotation=40), dict(shift=20), dict(crop=50), dict(erase=30), dict(noise=0.3)])
def test_each_transform_acts_and_each_sample_differs(change):
    d = augmentation.augmented("face", seed=0, **NOTHING | change)
    assert len({sample.tobytes() for sample in d.samples}) == augmentation.COUNT
    assert all((sample != d.picture).any() for sample in d.samples)


def test_a_flip_is_a_mirror_and_comes_half_of_the_time():
    flipped = total = 0
    for seed in range(20):
        d = augmentation.augmented("arrow", seed=seed, **NOTHING | dict(flip=True))
        for sample in d.samples:
            mirrored = np.array_equal(sample, d.picture[..., ::-1])
            assert mirrored or np.array_equal(sample, d.picture)
            flipped, total = flipped + mirrored, total + 1
    assert 0.38 < flipped / total < 0.62  # 240 throws of a coin: four standard deviations are 0.13


def test_a_six_becomes_a_nine_only_with_large_turns():
    small = [augmentation.augmented("6", seed=s, **NOTHING | dict(rotation=20)).predicted for s in range(10)]
    large = [augmentation.augmented("6", seed=s, **NOTHING | dict(rotation=180)).predicted for s in range(10)]
    assert 9 not in np.concatenate(small)
    assert np.mean(np.array(large) == 9) > 0.15


def test_the_warning_comes_where_the_label_changes():
    for subject in ("6", "9"):
        assert "none" in augmentation.augmented(subject, seed=0, **NOTHING | dict(rotation=180)).warning
    assert "mirrored 2" in augmentation.augmented("2", seed=0, **NOTHING | dict(flip=True)).warning
    assert augmentation.augmented("0", seed=0, **NOTHING | dict(flip=True, rotation=180)).warning == ""
    assert "direction" in augmentation.augmented("arrow", seed=0, **NOTHING | dict(flip=True)).warning
    assert augmentation.augmented("flower", seed=0, **NOTHING | dict(flip=True)).warning == ""


def test_the_lines_it_shows_make_the_same_samples():
    explorer = augmentation.augmentation_explorer()
    explorer.set(subject="flower", **explorer.presets["for photographs"])
    scope = {}
    exec(explorer.actions["PyTorch lines"].act(explorer), scope)
    torch.manual_seed(augmentation.COUNT * explorer.values["seed"])
    first = scope["augment"](torch.from_numpy(explorer.data.picture)).clamp(0, 1).numpy()
    np.testing.assert_array_equal(first, explorer.data.samples[0])
