"""Losses are means over the targets that count, accuracy a share of them; a nan is never taken for "no better"."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from nnlab.pytorch import MLP, evaluate, tensors, train

WEIGHT = torch.tensor([1.0, 9.0])
LOSSES = {
    "function": functional.cross_entropy,
    "module": nn.CrossEntropyLoss(),
    "weights": nn.CrossEntropyLoss(weight=WEIGHT),
    "weights in a lambda": lambda y, t: functional.cross_entropy(y, t, weight=WEIGHT),
    "weights, positional": lambda y, t: functional.cross_entropy(y, t, WEIGHT),
    "partial, smoothed": partial(functional.cross_entropy, weight=WEIGHT, label_smoothing=0.1),
    "weight 0": nn.CrossEntropyLoss(weight=torch.tensor([0.0, 2.0])),
    "nll": lambda y, t: functional.nll_loss(y.log_softmax(1), t, weight=WEIGHT),
    "nll module": lambda y, t: nn.NLLLoss(WEIGHT)(y.log_softmax(1), t),
    "masked by hand": lambda y, t: functional.cross_entropy(y[t >= 0], t[t >= 0]),
}


def rows(n=600, ignored=88):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4))
    y = (x[:, 0] > 0.8).astype(int)
    y[n - ignored :] = -100
    return tensors(x, y)


def made():
    torch.manual_seed(0)
    return MLP((4, 8, 2))


@pytest.mark.parametrize("batch_size", [7, 88, 512])
@pytest.mark.parametrize("name", LOSSES)
def test_the_mean_is_that_over_all_counted_targets(name, batch_size):
    """512 leaves a batch of 88 ignored targets, whose own mean is 0 / 0."""
    model, data, loss = made(), rows(), LOSSES[name]
    x, y = data.tensors
    with torch.no_grad():
        wanted, right = float(loss(model(x), y)), model(x).argmax(1) == y
    found, accuracy = evaluate(model, data, loss=loss, batch_size=batch_size)
    assert found == pytest.approx(wanted, rel=1e-5)
    assert accuracy == pytest.approx(float(right[y >= 0].double().mean()))


def test_a_class_can_be_ignored():
    model, data = made(), rows(600, 0)
    x, y = data.tensors
    loss, accuracy = evaluate(model, data, loss=nn.CrossEntropyLoss(ignore_index=1), batch_size=7)
    assert loss == pytest.approx(functional.cross_entropy(model(x)[y == 0], y[y == 0]).item(), rel=1e-5)
    assert accuracy == pytest.approx(float((model(x).argmax(1) == y)[y == 0].double().mean()))


def test_elementwise_losses_too():
    rng = np.random.default_rng(0)
    data = tensors(rng.normal(size=(100, 4)), rng.normal(size=(100, 2)) ** 2)
    x, y = data.tensors
    for loss in (nn.MSELoss(), functional.l1_loss, lambda a, b: ((a - b) ** 2).mean(), nn.BCEWithLogitsLoss()):
        wanted = loss(made()(x), y).item()
        assert evaluate(made(), data, loss=loss, batch_size=33)[0] == pytest.approx(wanted, rel=1e-5)

    def some(a, b):  # as many elements as are large
        return functional.mse_loss(a[b > 1], b[b > 1])

    assert evaluate(made(), data, loss=some, batch_size=33)[0] == pytest.approx(some(made()(x), y).item(), rel=1e-5)


def test_the_training_loss_is_the_mean_over_counted_targets_and_ignored_batches_are_harmless():
    model, data = made(), rows(64, 40)
    opt = torch.optim.SGD(model.parameters(), lr=0.0)
    x, y = data.tensors
    for name in ("function", "weights", "weight 0"):
        loss = LOSSES[name]
        wanted = loss(model(x), y).item()
        row = train(model, data, data, opt, epochs=1, batch_size=4, loss=loss, progress=False)[0]
        assert row.train_loss == pytest.approx(wanted, rel=1e-5) == pytest.approx(row.validation_loss, rel=1e-5)
        opt.zero_grad()
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    train(model, data, data, opt, epochs=3, batch_size=2, loss=LOSSES["weight 0"], progress=False)
    assert all(torch.isfinite(p).all() for p in model.parameters())


def test_early_stopping_works_with_ignored_validation_targets():
    model, data = made(), rows()
    history = train(
        model, data, data, torch.optim.Adam(model.parameters(), lr=0.01), epochs=6, patience=2, progress=False
    )
    losses = [row.validation_loss for row in history]
    assert len(history) == 6 and losses == sorted(losses, reverse=True) and history.best.epoch == 6


def test_a_validation_loss_that_is_no_number_stops_with_a_sentence():
    model, x = made(), np.ones((10, 4))
    x[3, 2] = np.nan
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(FloatingPointError, match="The validation loss is nan in epoch 1"):
        train(model, rows(), tensors(x, np.ones(10, int)), opt, epochs=2, progress=False)
    with pytest.raises(ValueError, match="all targets are ignored"):
        evaluate(model, tensors(np.ones((3, 4)), np.full(3, -100)))
    with pytest.raises(ValueError, match='reduction="mean"'):
        train(model, rows(), rows(), opt, epochs=2, loss=nn.CrossEntropyLoss(reduction="sum"))


@pytest.mark.parametrize("shape", [(7,), (3, 5)])
def test_accuracy_of_dense_outputs_is_a_share_of_all_targets(shape):
    """Logits (N, C, ...) and targets (N, ...): one class a token, or a pixel."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20, 4, *shape))
    right = logits.argmax(1)
    assert evaluate(nn.Identity(), tensors(logits, right), batch_size=8)[1] == 1.0
    wrong = right.copy()
    wrong[:5] = (wrong[:5] + 1) % 4
    assert evaluate(nn.Identity(), tensors(logits, wrong), batch_size=8)[1] == 0.75
    wrong[:5] = -100
    assert evaluate(nn.Identity(), tensors(logits, wrong), batch_size=8)[1] == 1.0
