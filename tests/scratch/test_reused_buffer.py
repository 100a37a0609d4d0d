"""A caller may fill its input with the next batch before backward: the gradients are those of the forward."""

import numpy as np
import pytest

import nnlab.scratch as s
from nnlab.scratch.module import Layer
from tests.scratch.test_layers import LAYERS, make


@pytest.mark.parametrize("call", ["call", "forward"])
@pytest.mark.parametrize("outer", ["layer", "sequential", "nested", "residual after nothing"])
@pytest.mark.parametrize("name", LAYERS)
def test_an_input_overwritten_before_backward(name, outer, call):
    layer, x = make(name)
    if outer == "sequential":
        layer = s.Sequential(layer)
    elif outer == "nested":
        layer = s.Sequential(s.Sequential(), s.Sequential(layer))
    elif outer != "layer":
        layer = s.Residual() if name == "Flatten" else s.Sequential(s.Residual(), layer)
    layer.eval()
    buffer = x.copy()
    y = layer.forward(buffer) if call == "forward" else layer(buffer)
    dy = np.random.default_rng(1).normal(size=y.shape)
    expected = [layer.backward(dy).copy(), *(g.copy() for g in layer.grads.values())]
    layer.forward(buffer)
    layer.backward(dy)
    y = layer.forward(buffer) if call == "forward" else layer(buffer)
    buffer[...] = 0
    y[...] = 0
    for a, b in zip([layer.backward(dy), *layer.grads.values()], expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_example():
    layer, b = s.Linear(2, 1, rng=np.random.default_rng(0)), np.array([[1.0, 2.0]])
    layer(b)
    b[:] = 0
    layer.backward(np.ones((1, 1)))
    np.testing.assert_array_equal(layer.grads["weight"], [[1, 2]])


@pytest.mark.parametrize("kind", [s.RNN, s.LSTM, s.GRU])
@pytest.mark.parametrize("shape", [(1, 4, 3), (4, 1, 3)])
def test_a_sequence_of_one_example_or_one_step(kind, shape):
    """There, time first and batch first are the same memory."""
    layer, x = kind(3, 2, rng=np.random.default_rng(0)), np.ones(shape)
    dy = np.ones_like(layer(x))
    layer.backward(dy)
    expected = dict(layer.grads)
    layer(x)
    x[...] = 0
    layer.backward(dy)
    for name, g in layer.grads.items():
        np.testing.assert_array_equal(g, expected[name])


def test_the_output_of_one_network_is_the_input_of_another():
    rng = np.random.default_rng(0)
    first, second = s.Sequential(s.Linear(3, 2, rng=rng), s.Linear(2, 2, rng=rng)), s.Linear(2, 1, rng=rng)
    y = first(np.ones((1, 3)))
    kept = y.copy()
    second(y)
    y[...] = 0
    second.backward(np.ones((1, 1)))
    np.testing.assert_array_equal(second.grads["weight"], kept)


def test_a_layer_of_ones_own_that_returns_its_input():
    class Pass(Layer):
        def forward(self, x):
            return x

        def backward(self, dy):
            return dy

    class View(Pass):
        def forward(self, x):
            return x[:]

    for own in (Pass, View):
        net = s.Sequential(own(), s.Linear(2, 1, rng=np.random.default_rng(0)))
        b = np.array([[1.0, 2.0]])
        net(b)
        b[:] = 0
        net.backward(np.ones((1, 1)))
        np.testing.assert_array_equal(net.grads["1.weight"], [[1, 2]])


@pytest.mark.parametrize("name", s.LOSSES)
def test_a_prediction_and_a_target_overwritten_before_backward(name):
    rng = np.random.default_rng(0)
    p, t = rng.uniform(0.1, 0.9, (4, 3)), rng.uniform(0.1, 0.9, (4, 3))
    t = rng.integers(3, size=4) if name == "cross_entropy" else t
    loss = s.LOSSES[name].loss()
    loss(p, t)
    expected = loss.backward()
    loss(p, t)
    p[...], t[...] = 0, 0
    np.testing.assert_array_equal(loss.backward(), expected)


def test_a_large_input_whose_copy_uses_the_memory_of_the_last_one():
    rng = np.random.default_rng(0)
    layer = s.Linear(100, 2, rng=rng)
    for rows in (200, 200, 300, 150):
        x, dy = rng.normal(size=(rows, 100)), rng.normal(size=(rows, 2))
        buffer = x.copy()
        layer(buffer)
        buffer[...] = 0
        layer.backward(dy)
        np.testing.assert_allclose(layer.grads["weight"], dy.T @ x)
