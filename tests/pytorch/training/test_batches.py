"""Batches of one row, and data sets that draw random numbers."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from nnlab.pytorch import CNN, MLP, tensors, train
from nnlab.pytorch.training import loop
from nnlab.pytorch.training.batches import Batches


def rows(n, *shape):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, *shape))
    return tensors(x, (x.reshape(n, -1)[:, 0] > 0).astype(int))


def go(model, data, **options):
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    options = {"epochs": 1, "batch_size": 64, "progress": False} | options
    return train(model, data, data, opt, **options)


def normalised():
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2))


def test_a_last_batch_of_one_row_before_batch_norm_is_refused_in_time_and_drop_last_helps():
    model = normalised()
    before = [p.clone() for p in model.state_dict().values()]
    with pytest.raises(ValueError, match=r"65 rows, batch_size=64\) has one row, .*set drop_last=True"):
        go(model, rows(65, 4))
    assert all(torch.equal(p, q) for p, q in zip(model.state_dict().values(), before, strict=True))
    assert len(go(model, rows(65, 4), drop_last=True)) == 1
    with pytest.raises(ValueError, match="take larger batches"):
        go(model, rows(5, 4), batch_size=1)


def test_one_row_is_trained_on_where_that_works():
    go(MLP((4, 2)), rows(65, 4))
    go(CNN(classes=2, channels=(3,), hidden=5, size=4), rows(65, 1, 4, 4))  # averages over pixels, too


def test_looking_ahead_draws_no_random_numbers(monkeypatch):
    def trained():
        torch.manual_seed(0)
        model = CNN(classes=2, channels=(3,), hidden=5, size=4, dropout=0.5)
        go(model, rows(65, 1, 4, 4))
        return model.state_dict().values()

    looked = trained()
    monkeypatch.setattr(loop, "check_single_rows", lambda *_: None)
    assert all(torch.equal(p, q) for p, q in zip(looked, trained(), strict=True))


@pytest.mark.parametrize("count", [1, 2])
def test_drop_last_leaves_out_incomplete_batches(count):
    assert Batches(65, 16, seed=0, count=count, drop_last=True).sizes() == [16] * 4
    assert Batches(64, 16, seed=0, count=count, drop_last=True).sizes() == [16] * 4
    with pytest.raises(ValueError, match="leaves nothing of 15 rows in batches of 16"):
        Batches(15, 16, seed=0, drop_last=True)


class Noisy(torch.utils.data.Dataset):
    """Draws noise from each of the global generators."""

    def __init__(self, data):
        self.data = data

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        x, y = self.data[i]
        return x + torch.randn(4) + np.random.normal() + random.gauss(0, 1), y  # noqa: NPY002


class Crash(Exception):
    pass


def noisy(path=None, after=None, **options):
    steps = []

    def loss(y, target):
        if torch.is_grad_enabled():
            steps.append(1)
            if after is not None and len(steps) > after:
                raise Crash
        return torch.nn.functional.cross_entropy(y, target)

    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002
    random.seed(0)
    model = normalised()
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    data = {"batch_size": 16, "epochs": 2, "every": 1, "progress": False} | options
    train(model, Noisy(rows(64, 4)), rows(64, 4), opt, loss=loss, checkpoint=path, **data)
    return list(model.state_dict().values())


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("after", [2, 5])
def test_random_augmentation_resumes_bit_for_bit(tmp_path, workers, after):
    through = noisy(workers=workers)
    with pytest.raises(Crash):
        noisy(tmp_path / "c.pt", after, workers=workers)
    resumed = noisy(tmp_path / "c.pt", workers=workers)
    assert all(torch.equal(p, q) for p, q in zip(through, resumed, strict=True))


def test_random_augmentation_is_the_same_for_any_number_of_workers():
    assert all(torch.equal(p, q) for p, q in zip(noisy(workers=1), noisy(workers=2), strict=True))
