"""Every row of `LOSSES` equals its PyTorch twin: value and gradient, in float64, at extreme logits too."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlab.scratch import LOSSES, BCEWithLogitsLoss, CrossEntropyLoss
from nnlab.twins import loss_parity

COMMON = settings(max_examples=15, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**31)
REDUCTIONS = st.sampled_from(["mean", "sum", "none"])


def above(rng, reduction, shape):
    """A random gradient from above: none or a number for a number, an array of losses for an array."""
    return rng.normal(size=shape) if reduction == "none" else rng.choice([None, float(rng.normal())])


def data(name, rng, n, c):
    """A prediction and a target that fit the loss."""
    prediction, target = 3 * rng.normal(size=(n, c)), 3 * rng.normal(size=(n, c))
    if name == "bce":
        return rng.uniform(size=(n, c)), rng.uniform(size=(n, c))
    if name == "bce_with_logits":
        return prediction, rng.uniform(size=(n, c))
    if name == "cross_entropy":
        return prediction, rng.integers(c, size=n)
    return prediction, target


def twin(name):
    return getattr(torch.nn, LOSSES[name].twin.rpartition(".")[2])


@pytest.mark.parametrize("name", LOSSES)
@COMMON
@given(seed=SEEDS, n=st.integers(1, 7), c=st.integers(1, 5), reduction=REDUCTIONS)
def test_a_loss_agrees(name, seed, n, c, reduction):
    rng = np.random.default_rng(seed)
    prediction, target = data(name, rng, n, c)
    ours, theirs = LOSSES[name].loss(reduction=reduction), twin(name)(reduction=reduction)
    proof = loss_parity(ours, theirs, prediction, target, above(rng, reduction, np.shape(target)))
    assert proof.agree, proof


@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_of_a_row_is_the_mean_of_its_function(name):
    prediction, target = data(name, np.random.default_rng(0), 6, 3)
    row = LOSSES[name]
    assert row.loss()(prediction, target) == pytest.approx(float(row.fn(prediction, target).mean()), rel=1e-12)
    loss = row.loss(reduction="sum")
    loss(prediction, target)
    np.testing.assert_allclose(loss.backward(), row.grad(prediction, target), rtol=1e-12)


@COMMON
@given(
    seed=SEEDS,
    shape=st.sampled_from([(5, 3), (1, 4), (3, 4, 2), (2, 5, 3, 2), (2, 2, 1)]),
    reduction=REDUCTIONS,
    smoothing=st.sampled_from([0.0, 0.1, 1.0]),
    weighted=st.booleans(),
    ignored=st.booleans(),
    soft=st.booleans(),
)
def test_cross_entropy_with_all_its_options_agrees(seed, shape, reduction, smoothing, weighted, ignored, soft):
    rng = np.random.default_rng(seed)
    z = 3 * rng.normal(size=shape)
    weight = rng.uniform(0.5, 2, shape[1]) if weighted else None
    options = {"reduction": reduction, "label_smoothing": smoothing}
    if soft:
        target = np.moveaxis(rng.dirichlet(np.ones(shape[1]), size=(shape[0], *shape[2:])), -1, 1).copy()
    else:
        target = rng.integers(shape[1], size=(shape[0], *shape[2:]))
        if ignored:
            target.flat[1:] = np.where(rng.uniform(size=target.size - 1) < 0.4, 1, target.flat[1:])
            target.flat[0] = 0  # one label is left, whatever happens
            options["ignore_index"] = 1
    theirs = torch.nn.CrossEntropyLoss(weight=None if weight is None else torch.tensor(weight), **options)
    dy = above(rng, reduction, (shape[0], *shape[2:]))
    proof = loss_parity(CrossEntropyLoss(weight=weight, **options), theirs, z, target, dy)
    assert proof.agree, proof


WEIGHTS = [
    ((), (6, 2)),
    ((2,), (6, 2)),
    ((1,), (6, 2)),
    ((6, 1), (6, 2)),
    ((6, 2), (6, 2)),
    ((3,), (3,)),
    ((1, 2), (6, 2)),
]
WEIGHTS += [((3, 2), (4, 3, 2)), ((3, 1), (4, 3, 2)), ((1, 1, 2), (4, 3, 2))]


@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("size", "shape"), WEIGHTS, ids=str)
def test_pos_weight_agrees(size, shape, reduction, zero):
    """One number, or one for each class, is broadcast as by PyTorch; 0 leaves the positive examples out."""
    rng = np.random.default_rng(0)
    weight = rng.uniform(0.2, 7, size) * (not zero)
    rng = np.random.default_rng(0)
    theirs = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor(weight, dtype=torch.float64), reduction=reduction)
    ours = BCEWithLogitsLoss(pos_weight=weight if np.ndim(weight) == 0 else np.array(weight), reduction=reduction)
    dy = above(rng, reduction, shape)
    proof = loss_parity(ours, theirs, 3 * rng.normal(size=shape), rng.uniform(size=shape), dy)
    assert proof.agree, proof


EXTREME = np.array([[1000, -1000], [-1000, 1000], [1000, 1000], [-1000, -1000], [0, 1000]])
EXTREMES = {
    "cross_entropy": (EXTREME, np.array([0, 0, 1, 1, 0])),
    "bce_with_logits": (EXTREME, EXTREME > 0),
    "bce": (EXTREME > 0, EXTREME == 1000),
    "huber": (EXTREME, -EXTREME),
    "l1": (EXTREME, -EXTREME),
    "mse": (EXTREME, -EXTREME),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", EXTREMES)
@pytest.mark.parametrize("wrong", [False, True])
def test_extreme_values_agree_without_a_warning(name, dtype, wrong):
    prediction, target = EXTREMES[name]
    prediction = prediction.astype(dtype)
    if name != "cross_entropy":
        target = (1 - target if wrong else 1 * target).astype(dtype)
    elif wrong:
        target = 1 - target
    tensor = torch.tensor(prediction, requires_grad=True)
    theirs = twin(name)()(tensor, torch.tensor(target))
    theirs.backward()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss = LOSSES[name].loss()
        value, gradient = loss(prediction, target), loss.backward()
    assert gradient.dtype == dtype
    np.testing.assert_allclose(value, theirs.item(), rtol=1e-6)
    np.testing.assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-6)


def test_a_masked_logit_of_minus_infinity_agrees():
    z = np.array([[0.5, -np.inf, 1.0], [2.0, 0.0, -np.inf]])
    proof = loss_parity(CrossEntropyLoss(), torch.nn.CrossEntropyLoss(), z, np.array([2, 0]))
    assert proof.agree, proof
