"""Inputs that carry more than an array, or fit only by chance, are refused in a sentence."""

import numpy as np
import pytest
import torch

import nnlab.scratch as s
from nnlab.checks import as_float


def rng():
    return np.random.default_rng(0)


MASKED = np.ma.masked_array([[1.0, 2.0, -999.0]], [[0, 0, 1]])
LABELS = np.ma.masked_array([0, 1], [0, 1])
NET, DATA = s.MLP([3, 2], rng=rng()), np.ones((1, 3))
MASKED_INPUTS = [
    lambda: as_float(MASKED),
    lambda: as_float(np.ma.masked_array([1.0, 2.0])),  # nothing is hidden now, and may be tomorrow
    lambda: as_float([MASKED, MASKED]),
    lambda: as_float([[1.0, np.ma.masked]]),
    *[lambda loss=loss: loss(MASKED, np.ones((1, 3))) for loss in (s.MSELoss(), s.L1Loss(), s.HuberLoss())],
    *[lambda loss=loss: loss(np.ones((1, 3)), MASKED) for loss in (s.MSELoss(), s.BCELoss(), s.BCEWithLogitsLoss())],
    lambda: s.CrossEntropyLoss()(np.ones((2, 3)), LABELS),
    lambda: s.CrossEntropyLoss()(np.ma.masked_array(np.ones((2, 3))), np.zeros(2, int)),
    lambda: s.CrossEntropyLoss(weight=MASKED[0]),
    lambda: s.BCEWithLogitsLoss(pos_weight=MASKED[0]),
    lambda: s.BCEWithLogitsLoss(pos_weight=MASKED[0, :1].reshape(())),
    lambda: s.relu(MASKED),
    lambda: s.softmax(MASKED),
    *[lambda layer=layer: layer(MASKED) for layer in (NET, s.LayerNorm(3), s.Dropout(0.5, rng=rng()), s.Flatten())],
    lambda: s.Embedding(3, 2, rng=rng())(LABELS),
    lambda: s.LSTM(3, 2, rng=rng())(np.ones((1, 2, 3)), (np.ma.ones((1, 1, 2)), np.ones((1, 1, 2)))),
    lambda: s.MultiheadAttention(4, 2, rng=rng())(np.ones((2, 3, 4)), np.ma.masked_array(np.zeros((3, 3), bool))),
    lambda: s.fit(NET, s.MSELoss(), s.SGD(NET.params), MASKED, np.ones((1, 2)), epochs=1, batch_size=1, rng=rng()),
    lambda: s.fit(NET, s.MSELoss(), s.SGD(NET.params), DATA, MASKED[:, :2], epochs=1, batch_size=1, rng=rng()),
    lambda: s.predict(NET, MASKED),
    lambda: NET.load_state_dict({"0.weight": np.ma.ones((2, 3)), "0.bias": np.ones(2)}),
    lambda: s.SGD({"w": np.ma.ones(3)}),
    lambda: s.SGD({"w": np.ones(3)}).step({"w": np.ma.ones(3)}),
    lambda: NET.params.update({"0.bias": np.ma.ones(2)}),
    lambda: s.numeric_gradient(np.sum, MASKED),
]


@pytest.mark.parametrize("use", MASKED_INPUTS)
def test_a_masked_array_is_refused(use):
    with pytest.raises(TypeError, match="is a masked array, and the mask would be lost"):
        use()


def test_a_masked_gradient_from_above_is_refused():
    NET(DATA)
    with pytest.raises(TypeError, match="dy is a masked array"):
        NET.backward(np.ma.ones((1, 2)))


RAGGED = [[1.0, 2.0, 3.0], [1.0]]
RAGGED_INPUTS = [
    lambda: as_float(RAGGED),
    lambda: as_float([1.0, [2.0]]),
    lambda: NET(RAGGED),
    lambda: s.MSELoss()(RAGGED, RAGGED),
    lambda: s.CrossEntropyLoss()(np.ones((2, 3)), [[0], [0, 1]]),
    lambda: s.Embedding(3, 2, rng=rng())([[0], [0, 1]]),
    lambda: s.fit(NET, s.MSELoss(), s.SGD(NET.params), RAGGED, [1, 2], epochs=1, batch_size=1, rng=rng()),
    lambda: s.predict(NET, RAGGED),
    lambda: s.MultiheadAttention(4, 2, rng=rng())(np.ones((2, 3, 4)), [[True], [True, False]]),
    lambda: NET.load_state_dict({"0.weight": RAGGED, "0.bias": np.ones(2)}),
    lambda: s.SGD({"w": np.ones((2, 2))}).step({"w": RAGGED}),
]


@pytest.mark.parametrize("use", RAGGED_INPUTS)
def test_rows_of_several_lengths_are_refused(use):
    with pytest.raises(ValueError, match="rows have different lengths"):
        use()


@pytest.mark.parametrize(
    "shape", [(2, 3, 3), (1, 3, 3), (3,), (1, 3), (3, 1), (2, 1, 3, 3), (1, 2, 3, 3), (2, 2, 1, 3), (1, 1, 3, 3)]
)
@pytest.mark.parametrize("dtype", [bool, float])
def test_a_mask_that_fits_by_chance_is_refused_as_by_pytorch(shape, dtype):
    """Two examples, two heads: (2, 3, 3) could mean either, so it means neither."""
    mask = np.zeros(shape, dtype)
    with pytest.raises(ValueError, match=r"attn_mask should have shape \(3, 3\), \(4, 3, 3\) or \(2, 2, 3, 3\), got"):
        s.MultiheadAttention(4, 2, rng=rng())(np.ones((2, 3, 4)), mask)
    x = torch.ones(2, 3, 4)
    with pytest.raises((RuntimeError, AssertionError)):
        torch.nn.MultiheadAttention(4, 2, batch_first=True)(x, x, x, attn_mask=torch.tensor(mask))


def test_a_mask_for_each_example_and_head_is_taken_in_pytorchs_shape_too():
    layer, x = s.MultiheadAttention(4, 2, rng=rng()), rng().normal(size=(2, 3, 4))
    mask = (rng().uniform(size=(2, 2, 3, 3)) < 0.4) & ~np.eye(3, dtype=bool)
    np.testing.assert_array_equal(layer(x, mask), layer(x, mask.reshape(4, 3, 3)))


@pytest.mark.parametrize("name", [name for name in s.LOSSES if name != "cross_entropy"])
@pytest.mark.parametrize("shape", [(4,), (1, 4), (), (1,), (1, 1), (4, 1, 1)])
def test_a_target_that_could_be_broadcast_is_refused(name, shape):
    with pytest.raises(ValueError, match=r"target should have shape \(4, 1\), got"):
        s.LOSSES[name].loss()(np.full((4, 1), 0.5), np.full(shape, 0.5))


@pytest.mark.parametrize("weight", [1.0, [1.0], np.ones((3, 1)), np.ones((1, 3)), np.ones(4)])
def test_a_class_weight_that_could_be_broadcast_is_refused(weight):
    with pytest.raises(ValueError, match=r"weight, one number a class, should have shape \(3,\), got"):
        s.CrossEntropyLoss(weight=weight)(np.zeros((4, 3)), np.zeros(4, int))
