"""The gradient check passes what is right and refuses what is broken."""

import numpy as np
import pytest

from nnlab.scratch import (
    GRU,
    LOSSES,
    LSTM,
    MLP,
    RNN,
    BatchNorm1d,
    Conv2d,
    Dropout,
    Embedding,
    LayerNorm,
    Linear,
    MSELoss,
    MultiheadAttention,
    Residual,
    Softmax,
    Tanh,
    check_gradients,
    check_loss_gradient,
    numeric_gradient,
)


def make_rng():
    return np.random.default_rng(0)


def test_numeric_gradient_of_a_known_function():
    x = np.array([[1.0, -2.0], [0.5, 3.0]])
    kept = x.copy()
    np.testing.assert_allclose(numeric_gradient(lambda a: float((a**3).sum()), x), 3 * x**2, rtol=1e-8)
    np.testing.assert_array_equal(x, kept)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (MLP([3, 4, 2], activation="tanh", rng=make_rng()), (5, 3)),
        (Conv2d(2, 3, 2, stride=2, padding=1, rng=make_rng()), (2, 2, 4, 3)),
        (Conv2d(2, 4, 2, padding=1, dilation=2, groups=2, rng=make_rng()), (2, 2, 4, 3)),
        (BatchNorm1d(3), (5, 3)),
        (BatchNorm1d(3).eval(), (5, 3)),
        (LayerNorm(3), (5, 3)),
        (RNN(3, 2, bidirectional=True, rng=make_rng()), (2, 3, 3)),
        (LSTM(3, 2, num_layers=2, rng=make_rng()), (2, 3, 3)),
        (GRU(3, 2, rng=make_rng()), (2, 3, 3)),
        (MultiheadAttention(4, 2, rng=make_rng()), (2, 3, 4)),
        (Residual(Linear(3, 3, rng=make_rng()), Tanh()), (4, 3)),
        (Dropout(0.5, rng=make_rng()).eval(), (4, 3)),
        (Softmax(), (4, 3)),
    ],
    ids=lambda x: type(x).__name__ if hasattr(x, "params") else None,
)
def test_it_passes_what_is_right(layer, shape):
    rng = make_rng()
    for p in layer.params.values():
        p += 0.3 * rng.normal(size=p.shape)
    state = layer.state_dict()
    errors = check_gradients(layer, rng.normal(size=shape), rng=rng)
    assert errors.keys() == {"x", *layer.params} and max(errors.values()) < 1e-7
    for name, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, state[name])


class Zeros(Linear):
    def backward(self, dy):
        return 0 * super().backward(dy)


class ZeroWeight(Linear):
    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["weight"] = 0 * self.grads["weight"]
        return dx


class NoBias(Linear):
    def backward(self, dy):
        dx = super().backward(dy)
        del self.grads["bias"]
        return dx


class WritesToDy(Tanh):
    def backward(self, dy):
        dx = super().backward(dy)
        dy *= 0
        return dx


class WritesToX(Tanh):
    def forward(self, x):
        y = super().forward(x)
        x += 1e-3
        return y


class ForgetsTheMean(BatchNorm1d):
    """Treats mean and variance as constants, which they are only in evaluation."""

    def backward(self, dy):
        normal, scale, _ = self._take()
        self.grads["weight"], self.grads["bias"] = (dy * normal).sum(axis=0), dy.sum(axis=0)
        return dy * self.params["weight"] * scale


class SoftmaxOfOneInput(Softmax):
    """s (1 - s) is the derivative of an output with respect to its own input; the other inputs count too."""

    def backward(self, dy):
        (x,) = self._take()
        s = np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)
        return dy * s * (1 - s)


class ZeroSoftmax(Softmax):
    """With an upstream gradient of ones this would pass."""

    def backward(self, dy):
        return 0 * super().backward(dy)


class FlatShape(Tanh):
    def backward(self, dy):
        return super().backward(dy).reshape(-1)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (Zeros(3, 2, rng=make_rng()), "gradient of x is off"),
        (ZeroWeight(3, 2, rng=make_rng()), "gradient of weight is off"),
        (NoBias(3, 2, rng=make_rng()), "no gradient for bias"),
        (WritesToDy(), "wrote to x or dy"),
        (WritesToX(), "wrote to x or dy"),
        (ForgetsTheMean(3), "gradient of x is off"),
        (SoftmaxOfOneInput(), "gradient of x is off"),
        (ZeroSoftmax(), "gradient of x is off"),
        (FlatShape(), r"should have shape \(4, 3\)"),
    ],
    ids=lambda x: type(x).__name__ if hasattr(x, "params") else None,
)
def test_it_refuses_what_is_broken(layer, words):
    with pytest.raises(AssertionError, match=words):
        check_gradients(layer, make_rng().normal(size=(4, 3)), rng=make_rng())


def test_it_says_where_it_cannot_judge():
    with pytest.raises(ValueError, match=r"eval\(\)"):
        check_gradients(Dropout(0.5, rng=make_rng()), np.ones((4, 3)), rng=make_rng())
    with pytest.raises(ValueError, match="float64"):
        check_gradients(Linear(3, 2, rng=make_rng(), dtype=np.float32), np.ones((4, 3)), rng=make_rng())
    with pytest.raises(TypeError, match="whole numbers"):
        check_gradients(Embedding(3, 2, rng=make_rng()), np.ones((4, 3)), rng=make_rng())
    with pytest.raises(TypeError, match="generator"):
        check_gradients(Tanh(), np.ones(3), rng=0)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_pass(name):
    rng = make_rng()
    prediction = rng.uniform(0.1, 0.9, (4, 3))
    target = rng.integers(3, size=4) if name == "cross_entropy" else rng.uniform(size=(4, 3))
    assert check_loss_gradient(LOSSES[name].loss(), prediction, target) < 1e-7


class LossWithoutTheMean(MSELoss):
    def backward(self):
        return super().backward() * self._kept[0].size


class LossOfZeros(MSELoss):
    def backward(self):
        return 0 * super().backward()


@pytest.mark.parametrize("loss", [LossWithoutTheMean(), LossOfZeros()])
def test_broken_losses_are_refused(loss):
    with pytest.raises(AssertionError, match="gradient of the prediction is off"):
        check_loss_gradient(loss, make_rng().normal(size=(4, 3)), np.zeros((4, 3)))
