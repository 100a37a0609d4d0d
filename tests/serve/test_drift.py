"""The watch for drift: a reference that survives its file, and a window that forgets."""

import numpy as np
import pytest

from nnlab.serve.drift import DriftWatch, Reference, watch


def sample(n, seed, shift=0.0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)) + shift
    p = 1 / (1 + np.exp(-x[:, 0]))
    return x, np.column_stack([1 - p, p])


def test_a_reference_survives_json_and_knows_its_own():
    reference = Reference.fit(*sample(2000, 0))
    assert Reference.from_json(reference.to_json()) == reference
    assert reference.names == ("feature 0", "feature 1", "feature 2", "confidence", "class")
    assert all(sum(counts) == 2000 for counts in reference.counts)
    assert max(reference.compare(*sample(2000, 0)).values()) == pytest.approx(0)
    assert max(reference.compare(*sample(2000, 1)).values()) < 0.05
    moved = reference.compare(*sample(2000, 1, 1.0))
    assert min(moved[f"feature {k}"] for k in range(3)) > 0.5 and moved["class"] > 0.1


def test_a_picture_is_watched_by_mean_and_standard_deviation():
    x = np.random.default_rng(0).random((50, 1, 8, 8))
    seen = watch(x, np.full((50, 2), 0.5))
    assert list(seen) == ["mean", "std", "confidence", "class"]
    np.testing.assert_allclose(seen["std"], x.reshape(50, -1).std(axis=1))


def test_a_feature_with_few_values_makes_fewer_bins():
    x, p = sample(500, 0)
    x[:, 1] = x[:, 1] > 0
    reference = Reference.fit(x, p)
    assert len(reference.counts[1]) == len(reference.edges[1]) + 1 <= 3
    assert all(np.isfinite(v) for v in reference.compare(x[:20], p[:20]).values())


def test_the_window_holds_the_last_rows_only():
    watched = DriftWatch(Reference.fit(*sample(2000, 0)), window=300)
    assert watched.indices() == {} and watched.rows == 0
    watched.add(*sample(300, 1, 2.0))
    assert watched.indices()["feature 1"] > 1
    for k in range(3):
        watched.add(*sample(100, 2 + k))
    assert watched.rows == 300 and watched.indices()["feature 1"] < 0.3
    x, p = zip(*(sample(100, 2 + k) for k in range(3)), strict=True)
    assert watched.indices() == pytest.approx(watched.reference.compare(np.concatenate(x), np.concatenate(p)))


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="needs at least 100 rows, got 50"):
        Reference.fit(*sample(50, 0))
