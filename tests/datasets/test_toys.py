"""Toy data: shapes, labels, formulas, determinism, clear errors."""

import numpy as np
import pytest

from nnlab.datasets import CORNERS, LOGIC, circle, gaussians, moons, multi_gaussian, plane, spirals, xor

CLASSES = [spirals, gaussians, circle, xor, moons]
NUMBERS = [plane, multi_gaussian]


@pytest.mark.parametrize("make", CLASSES)
def test_a_data_set_has_its_stated_shape_and_both_classes(make):
    x, labels = make(101, seed=3)
    assert x.shape == (101, 2) and labels.shape == (101,) and x.dtype == np.float64
    assert sorted(np.unique(labels)) == [0, 1]
    assert abs(labels.mean() - 0.5) < (0.15 if make is xor else 0.01)  # xor draws its quarters


@pytest.mark.parametrize("make", NUMBERS)
def test_a_set_to_fit_has_its_stated_shape_and_range(make):
    x, y = make(4000, seed=3)
    assert x.shape == (4000, 2) and y.shape == (4000,) and x.dtype == y.dtype == np.float64
    assert -1 <= y.min() < -0.9 and 0.9 < y.max() <= 1 and np.abs(x).max() <= 1


@pytest.mark.parametrize("make", CLASSES + NUMBERS)
def test_the_seed_decides_everything(make):
    for same in (1, np.random.default_rng(1)):
        assert all(map(np.array_equal, make(50, seed=1), make(50, seed=same)))
    assert not np.array_equal(make(50, seed=1)[0], make(50, seed=2)[0])


def test_noise_moves_points_off_the_spiral():
    clean, noisy = spirals(400, noise=0, seed=0)[0], spirals(400, noise=0.1, seed=0)[0]
    assert 0.05 < (noisy - clean).std() < 0.15


@pytest.mark.parametrize("make", [*NUMBERS, circle, xor, moons])
def test_noise_is_added_last_and_has_the_size_it_says(make):
    clean, noisy = make(2000, noise=0, seed=0), make(2000, noise=0.1, seed=0)
    where = 1 if make in NUMBERS else 0
    assert (noisy[where] - clean[where]).std() == pytest.approx(0.1, rel=0.05)
    assert np.array_equal(noisy[1 - where], clean[1 - where])


def test_the_formulas():
    x, labels = circle(1000, noise=0)
    radius = np.hypot(*x.T)
    assert radius[labels == 1].max() <= 0.5 and radius[labels == 0].min() >= 0.7 and radius.max() <= 1
    x, labels = xor(1000, gap=0.1)
    assert np.abs(x).min() >= 0.1 and np.array_equal(labels, (x[:, 0] * x[:, 1] < 0).astype(int))
    x, labels = moons(1000, noise=0)
    upper = np.where(labels[:, None] == 0, x, -x)
    assert np.allclose(np.hypot(upper[:, 0] + 0.5, upper[:, 1] + 0.25), 1) and upper[:, 1].min() >= -0.25
    x, y = plane(100)
    assert np.allclose(y, (x[:, 0] + x[:, 1]) / 2)


def test_the_hills_alternate():
    x, y = multi_gaussian(20_000)
    for i, a in enumerate((-2 / 3, 0, 2 / 3)):
        for j, b in enumerate((-0.4, 0.4)):
            nearest = np.argmin(np.hypot(x[:, 0] - a, x[:, 1] - b))
            assert y[nearest] * (-1) ** (i + j) > 0.9


@pytest.mark.parametrize(("n", "error"), [(1, ValueError), (-3, ValueError), (2.5, TypeError), ("ten", TypeError)])
@pytest.mark.parametrize("make", CLASSES + NUMBERS)
def test_a_wrong_size_is_told(make, n, error):
    with pytest.raises(error, match="n should be"):
        make(n)


@pytest.mark.parametrize("make", CLASSES + NUMBERS)
def test_a_wrong_noise_is_told(make):
    with pytest.raises(ValueError, match="noise should be a finite number of at least 0"):
        make(10, noise=-1)
    with pytest.raises(TypeError, match="noise should be a number"):
        make(10, noise="much")


def test_a_wrong_gap_is_told():
    with pytest.raises(ValueError, match="gap should be at least 0 and below 1"):
        xor(10, gap=1)


def test_logic_is_logic():
    for (a, b), both, either, one in zip(CORNERS, LOGIC["AND"], LOGIC["OR"], LOGIC["XOR"], strict=True):
        assert (both, either, one) == (a and b, a or b, a != b)
    with pytest.raises(ValueError):
        CORNERS[0, 0] = 5
