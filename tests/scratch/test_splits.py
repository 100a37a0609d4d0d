"""Splits equal scikit-learn's row by row; shuffled ones keep what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import model_selection as theirs

from nnlab.scratch import splits as ours

SETTINGS = settings(max_examples=60, deadline=None)


def same(one, other, *args):
    pairs, wanted = list(one.split(*args)), list(other.split(*args))
    assert len(pairs) == len(wanted)
    for mine, yours in zip(pairs, wanted, strict=True):
        np.testing.assert_array_equal(mine[0], yours[0])
        np.testing.assert_array_equal(mine[1], yours[1])


@SETTINGS
@given(st.integers(2, 6), st.integers(0, 40), st.integers(0, 3))
def test_k_fold_and_time(k, more, gap):
    x = np.zeros((4 * k + 4 + more, 2))  # enough for a training part in front of the gap
    same(ours.KFold(k), theirs.KFold(k), x)
    same(ours.TimeSeriesSplit(k, gap=gap), theirs.TimeSeriesSplit(k, gap=gap), x)


@SETTINGS
@given(st.integers(2, 5), st.integers(0, 2**32), st.booleans())
@pytest.mark.filterwarnings("ignore:The least populated class")
def test_stratified_and_grouped(k, seed, text):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4 * k, 50))
    y = np.append(np.zeros(2 * k, int), rng.integers(4, size=n - 2 * k))[rng.permutation(n)]
    y = np.array(["d", "b", "a", "c"])[y] if text else y
    same(ours.StratifiedKFold(k), theirs.StratifiedKFold(k), np.zeros(n), y)
    groups = np.append(np.arange(k), rng.integers(3 * k, size=n - k))
    same(ours.GroupKFold(k), theirs.GroupKFold(k), np.zeros(n), None, groups)


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_folds_cover_all_rows_once(seed):
    y = np.repeat([0, 1, 2], [30, 15, 6])
    for splitter in (
        ours.KFold(4, rng=np.random.default_rng(seed)),
        ours.StratifiedKFold(3, rng=np.random.default_rng(seed)),
    ):
        parts = list(splitter.split(y, y))
        np.testing.assert_array_equal(np.sort(np.concatenate([test for _, test in parts])), np.arange(51))
        for train, test in parts:
            assert not set(train) & set(test) and len(train) + len(test) == 51
        assert (np.diff(parts[0][1]) != 1).any()
    for _, test in parts:
        np.testing.assert_array_equal(np.bincount(y[test]), [10, 5, 2])


def test_bad_input():
    x = np.zeros(3)
    for splitter, args, words in [
        (ours.KFold(5), (x,), "at least 5 rows"),
        (ours.StratifiedKFold(2), (x,), "y is needed"),
        (ours.StratifiedKFold(2), (x, [0, 1]), "shape"),
        (ours.StratifiedKFold(2), (x, [0, 1, 2]), "fewer"),
        (ours.GroupKFold(3), (x, None, [0, 0, 1]), "at least 3 groups"),
        (ours.GroupKFold(2), (x,), "groups is needed"),
        (ours.TimeSeriesSplit(3), (x,), "too few"),
        (ours.TimeSeriesSplit(2, gap=1), (x,), "too few"),
    ]:
        with pytest.raises(ValueError, match=words):
            list(splitter.split(*args))
    with pytest.raises(ValueError, match="n_splits"):
        ours.KFold(1)
    with pytest.raises(TypeError, match="default_rng"):
        ours.KFold(2, rng=3)
