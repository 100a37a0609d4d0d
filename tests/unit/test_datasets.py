"""Toy data: shapes, labels, determinism, clear errors."""

import numpy as np
import pytest

from nnlab.datasets import CORNERS, LOGIC, gaussians, spirals


@pytest.mark.parametrize("make", [spirals, gaussians])
def test_a_data_set_has_its_stated_shape_and_both_classes(make):
    x, labels = make(101, seed=3)
    assert x.shape == (101, 2) and labels.shape == (101,) and x.dtype == np.float64
    assert sorted(np.unique(labels)) == [0, 1] and abs(labels.mean() - 0.5) < 0.01


@pytest.mark.parametrize("make", [spirals, gaussians])
def test_the_seed_decides_everything(make):
    assert np.array_equal(make(50, seed=1)[0], make(50, seed=1)[0])
    assert not np.array_equal(make(50, seed=1)[0], make(50, seed=2)[0])


def test_noise_moves_points_off_the_spiral():
    clean, noisy = spirals(400, noise=0, seed=0)[0], spirals(400, noise=0.1, seed=0)[0]
    assert 0.05 < (noisy - clean).std() < 0.15


@pytest.mark.parametrize(("n", "error"), [(1, ValueError), (-3, ValueError), (2.5, TypeError), ("ten", TypeError)])
def test_a_wrong_size_is_told(n, error):
    with pytest.raises(error, match="n should be"):
        spirals(n)


def test_logic_is_logic():
    for (a, b), both, either, one in zip(CORNERS, LOGIC["AND"], LOGIC["OR"], LOGIC["XOR"], strict=True):
        assert (both, either, one) == (a and b, a or b, a != b)
    with pytest.raises(ValueError):
        CORNERS[0, 0] = 5
