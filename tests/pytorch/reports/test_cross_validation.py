"""Cross-validation keeps what is tested out of training: models, scalers, groups, the future, the generator."""

import numpy as np
import pytest
import torch
from sklearn.model_selection import KFold, TimeSeriesSplit
from sklearn.preprocessing import StandardScaler
from torch import nn

from nnlab import scratch
from nnlab.pytorch import MLP, cross_validate, evaluate_regressor, train


def rows(n=90):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4))
    return x, (x[:, 0] + 0.3 * rng.normal(size=n) > 0.8).astype(int)


def make():
    return MLP([4, 8, 2])


def fit(model, data):
    opt = torch.optim.Adam(model.parameters(), lr=0.03)
    train(model, data, data, opt, epochs=5, batch_size=16, progress=False)


def nothing(model, data):
    pass


def test_every_row_is_tested_once_with_the_same_share_of_each_class():
    x, y = rows()
    found = cross_validate(make, x, y, fit=fit, splits=5)
    np.testing.assert_array_equal(np.sort(np.concatenate([fold.test for fold in found.folds])), np.arange(90))
    assert np.ptp([y[fold.test].sum() for fold in found.folds]) <= 1
    assert found.mean == pytest.approx(np.mean([fold.report.accuracy for fold in found.folds])) and found.mean > 0.8
    assert found.std == pytest.approx(np.std(found.scores, ddof=1))
    assert "standard deviation" in repr(found) and len(repr(found).splitlines()) == 7


def test_each_fold_trains_a_new_model_on_its_training_rows_only():
    x, y = rows()
    x[:, 3] = np.arange(90)
    seen = []

    def look(model, data):
        seen.append((model, data.tensors[0][:, 3].numpy().astype(int)))

    found = cross_validate(make, x, y, fit=look)
    assert len({id(model) for model, _ in seen}) == 5
    for fold, (_, trained_on) in zip(found.folds, seen, strict=True):
        np.testing.assert_array_equal(trained_on, fold.train)
        assert not set(fold.train) & set(fold.test)


def test_each_fold_fits_its_own_scaler_on_its_training_rows():
    x, y = rows()
    x = x * [1, 10, 100, 1000] + 5
    given = []

    class Noted(StandardScaler):
        def fit(self, x):
            given.append(x)
            return super().fit(x)

    def scaled(model, data):
        part = data.tensors[0].numpy()
        np.testing.assert_allclose(part.mean(axis=0), 0, atol=1e-4)
        np.testing.assert_allclose(part.std(axis=0), 1, atol=1e-4)

    found = cross_validate(make, x, y, fit=scaled, scaler=Noted)
    for fold, part in zip(found.folds, given, strict=True):
        np.testing.assert_array_equal(part, x[fold.train])
    pictures = np.random.default_rng(0).normal(size=(90, 2, 2))
    assert cross_validate(make, pictures, y, fit=nothing, scaler=StandardScaler, splits=2).scores.shape == (2,)


def test_the_same_seed_gives_the_same_and_the_callers_generator_is_left_alone():
    x, y = rows()
    torch.manual_seed(3)
    state = torch.get_rng_state()
    first = cross_validate(make, x, y, fit=fit, splits=3, seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(4)
    again = cross_validate(make, x, y, fit=fit, splits=3, seed=1)
    np.testing.assert_array_equal(first.scores, again.scores)
    other = cross_validate(make, x, y, fit=fit, splits=3, seed=2)
    assert first.folds[0].test.tolist() != other.folds[0].test.tolist()


def test_groups_and_time():
    x, y = rows()
    people = np.arange(90) // 6
    found = cross_validate(make, x, y, fit=nothing, groups=people)
    for fold in found.folds:
        assert not set(people[fold.train]) & set(people[fold.test])
    for splitter in (TimeSeriesSplit(4), scratch.TimeSeriesSplit(4)):
        found = cross_validate(make, x, y, fit=nothing, splits=splitter)
        assert all(fold.train.max() < fold.test.min() for fold in found.folds) and len(found.folds) == 4
    ours = cross_validate(make, x, y, fit=nothing, splits=scratch.GroupKFold(5), groups=people)
    assert len(ours.folds) == 5


def test_regression():
    x, _ = rows()
    found = cross_validate(lambda: MLP([4, 1]), x, x[:, 0], fit=nothing, metric="r2")
    assert found.metric == "r2" and found.mean < 1
    assert cross_validate(lambda: MLP([4, 1]), x, x[:, 0], fit=nothing).metric == "rmse"
    assert cross_validate(lambda: MLP([4, 1]), x, x[:, 0], fit=nothing, evaluate=evaluate_regressor).mean > 0


@pytest.mark.filterwarnings("ignore:The groups parameter is ignored")
def test_what_would_leak_or_does_not_fit_is_refused():
    x, y = rows()
    one, scaler, body = make(), StandardScaler(), nn.Linear(4, 2)

    class Overlap:
        def split(self, x, y, groups):
            yield np.arange(60), np.arange(59, 90)

    for words, error, keywords in [
        ("same object or weights", ValueError, dict(make_model=lambda: one)),
        ("same object or weights", ValueError, dict(make_model=lambda: nn.Sequential(body))),
        ("scaler gave the same", ValueError, dict(scaler=lambda: scaler)),
        ("make_model should make", TypeError, dict(make_model=one)),
        ("scaler should make", TypeError, dict(scaler=scaler)),
        ("trains and tests on row 59", ValueError, dict(splits=Overlap())),
        ("group 0 on both sides", ValueError, dict(splits=KFold(3), groups=np.arange(90) % 45)),
        ("no 'acuracy'", ValueError, dict(metric="acuracy")),
        ("equally many rows", ValueError, dict(y=y[:5])),
        ("equally many rows", ValueError, dict(groups=[1])),
        ("number the classes", TypeError, dict(y=y.astype(str))),
    ]:
        with pytest.raises(error, match=words):
            cross_validate(**dict(make_model=make, x=x, y=y, fit=nothing) | keywords)
