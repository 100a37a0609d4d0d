"""reduction="none": a loss for each entry, to be weighted by hand, and pos_weight by class. Values: tests/parity."""

import warnings

import numpy as np
import pytest

import nnlab.scratch as s
from nnlab.scratch import BCEWithLogitsLoss, CrossEntropyLoss, MSELoss
from tests.scratch.test_training import example


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", s.LOSSES)
def test_losses_and_gradients_have_the_type_of_the_prediction(name, dtype):
    prediction, target = example(name, dtype)
    loss = s.LOSSES[name].loss(reduction="none")
    each = loss(prediction, target)
    dy = np.linspace(-1, 2, each.size).reshape(each.shape)
    kept = dy.copy()
    gradient = loss.backward(dy)
    assert each.dtype == gradient.dtype == dtype
    assert each.shape == target.shape and gradient.shape == prediction.shape
    np.testing.assert_array_equal(dy, kept)


@pytest.mark.parametrize("name", s.LOSSES)
def test_an_empty_batch_has_an_empty_loss(name):
    prediction, target = example(name)
    loss = s.LOSSES[name].loss(reduction="none")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert loss(prediction[:0], target[:0]).shape == target[:0].shape
        assert loss.backward(np.zeros(target[:0].shape)).shape == prediction[:0].shape


@pytest.mark.parametrize("name", s.LOSSES)
def test_a_mean_that_weighs_the_examples_trains_like_one_with_some_repeated(name):
    """What it is for: example 0 counts twice, as if it were in the batch twice."""
    prediction, target = example(name)
    loss, mean = s.LOSSES[name].loss(reduction="none"), s.LOSSES[name].loss()
    weight = np.ones((4, *[1] * (target.ndim - 1)))
    weight[0] = 2
    dy = np.broadcast_to(weight / (5 * target[0].size), target.shape)
    value = float((loss(prediction, target) * dy).sum())
    rows = [0, 0, 1, 2, 3]
    assert value == pytest.approx(mean(prediction[rows], target[rows]))
    gradient, of_rows = loss.backward(dy), mean.backward()
    np.testing.assert_allclose(gradient, [of_rows[0] + of_rows[1], *of_rows[2:]], atol=1e-12)


def test_an_ignored_label_costs_nothing_and_a_logit_of_minus_infinity_is_no_nan():
    z = np.array([[0.0, -np.inf], [5.0, 1.0]])
    loss = CrossEntropyLoss(reduction="none")
    each = loss(z, np.array([0, -100]))
    np.testing.assert_array_equal(each, [0, 0])
    assert not np.signbit(each).any()
    np.testing.assert_array_equal(loss.backward(np.ones(2)), np.zeros((2, 2)))
    np.testing.assert_array_equal(loss(z, np.array([-100, -100])), [0, 0])


@pytest.mark.parametrize("name", s.LOSSES)
def test_the_gradient_agrees_with_finite_differences(name):
    prediction, target = example(name)
    assert s.check_loss_gradient(s.LOSSES[name].loss(reduction="none"), prediction, target) < 1e-6


def test_a_weight_in_float16_is_added_up_in_float32():
    loss = CrossEntropyLoss(weight=np.array([300, 300], np.float16))
    assert loss(np.zeros((300, 2)), np.zeros(300, int)) == pytest.approx(np.log(2))


@pytest.mark.parametrize("weight", [4.0, np.array(4.0), np.array([4.0, 4.0]), [4, 4], np.array([[4]])])
def test_pos_weight_counts_positive_targets_that_many_times(weight):
    loss = BCEWithLogitsLoss("none", pos_weight=weight)
    np.testing.assert_allclose(loss(np.zeros((2, 2)), np.eye(2)), np.log(2) * (1 + 3 * np.eye(2)))


def test_a_pos_weight_is_kept_as_it_was():
    weight = np.array([2.0, 3.0])
    loss = BCEWithLogitsLoss(pos_weight=weight)
    before = loss(np.zeros((1, 2)), np.ones((1, 2)))
    weight[...] = 0
    assert loss(np.zeros((1, 2)), np.ones((1, 2))) == before


Z = np.zeros((4, 3))


def losses(loss=None, p=Z, t=Z):
    loss = loss or MSELoss("none")
    loss(p, t)
    return loss


NET = s.MLP([3, 2], rng=np.random.default_rng(0))
BAD = [
    (lambda: MSELoss("nome"), ValueError, "no reduction named 'nome'. Did you mean 'none'"),
    (lambda: losses().backward(), ValueError, r"give backward the gradient of each, of shape \(4, 3\)"),
    (lambda: losses().backward(np.ones(3)), ValueError, r"dy, the gradient of each loss, should have shape \(4, 3\)"),
    (lambda: losses().backward(1.0), ValueError, r"should have shape \(4, 3\), got \(\)"),
    (lambda: losses().backward(np.ma.ones((4, 3))), TypeError, "dy is a masked array"),
    (lambda: losses(MSELoss()).backward(np.ones((4, 3))), TypeError, "dy, the gradient of the loss, should be a num"),
    (
        lambda: losses(CrossEntropyLoss(reduction="none"), t=np.zeros(4, int)).backward(np.ones((4, 3))),
        ValueError,
        "4,",
    ),
    (lambda: losses(BCEWithLogitsLoss(pos_weight=np.ones(4))), ValueError, r"\(4,\) does not fit .* of shape \(3,\)"),
    (lambda: losses(BCEWithLogitsLoss(pos_weight=np.ones((1, 4, 3)))), ValueError, "does not fit logits"),
    (lambda: losses(BCEWithLogitsLoss(pos_weight=np.ones(3)), Z[:, :1], Z[:, :1]), ValueError, "does not fit"),
    (lambda: BCEWithLogitsLoss(pos_weight=-1), ValueError, "pos_weight should be a finite number of at least 0"),
    (lambda: BCEWithLogitsLoss(pos_weight=[1, -1]), ValueError, "pos_weight should be finite numbers of at least 0"),
    (lambda: BCEWithLogitsLoss(pos_weight=[1, np.nan]), ValueError, "pos_weight should be finite numbers"),
    (lambda: BCEWithLogitsLoss(pos_weight="3"), TypeError, "pos_weight should be a number, got str '3'"),
    (lambda: BCEWithLogitsLoss(pos_weight=True), TypeError, "pos_weight should be a number"),
    (
        lambda: s.fit(
            NET,
            MSELoss("none"),
            s.SGD(NET.params),
            np.ones((4, 3)),
            np.ones((4, 2)),
            epochs=1,
            batch_size=2,
            rng=np.random.default_rng(0),
        ),
        ValueError,
        "A step needs one number",
    ),
]


@pytest.mark.parametrize(("use", "error", "words"), BAD)
def test_what_does_not_fit_gets_a_sentence(use, error, words):
    with pytest.raises(error, match=words):
        use()
