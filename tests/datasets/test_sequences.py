"""The adding problem and padding."""

from __future__ import annotations

import numpy as np
import pytest

from nnlab.datasets import adding, pad


def test_adding_is_the_sum_of_the_two_marked_numbers():
    x, y = adding(200, 11, rng=np.random.default_rng(0))
    assert x.shape == (200, 11, 2) and x.dtype == np.float32 and y.shape == (200,) and y.dtype == np.float32
    numbers, marks = x[:, :, 0], x[:, :, 1]
    assert numbers.min() >= 0 and numbers.max() < 1 and set(np.unique(marks)) == {0, 1}
    assert (marks[:, :5].sum(axis=1) == 1).all() and (marks[:, 5:].sum(axis=1) == 1).all()
    np.testing.assert_allclose((numbers * marks).sum(axis=1), y, rtol=1e-6)


def test_adding_marks_every_place_and_has_the_stated_variance():
    x, y = adding(20_000, 4, rng=np.random.default_rng(1))
    np.testing.assert_allclose(x[:, :, 1].mean(axis=0), 0.5, atol=0.02)
    assert abs(np.mean((y - 1) ** 2) - 1 / 6) < 0.005


def test_adding_repeats_with_its_seed_and_says_what_it_wants():
    for one, other in zip(*(adding(3, 2, rng=np.random.default_rng(5)) for _ in range(2)), strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match="length should be 2 or more"):
        adding(3, 1, rng=np.random.default_rng(0))
    with pytest.raises((TypeError, ValueError)):
        adding(3, 4, rng=0)  # type: ignore[arg-type]


def test_pad():
    x, lengths = pad([[3, 1], [2], [5, 6, 7]])
    assert x.tolist() == [[3, 1, 0], [2, 0, 0], [5, 6, 7]] and lengths.tolist() == [2, 1, 3]
    assert x.dtype == lengths.dtype == np.int64
    assert pad([[3, 1]], length=4, value=9)[0].tolist() == [[3, 1, 9, 9]]


@pytest.mark.parametrize(
    ("sequences", "length", "said"),
    [([], None, "no sequences"), ([[1], []], None, "empty one at place 1"), ([[1, 2, 3]], 2, "at least 3")],
)
def test_pad_refuses(sequences, length, said):
    with pytest.raises(ValueError, match=said):
        pad(sequences, length)
