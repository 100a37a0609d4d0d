"""Chapter 02: the exercises' solutions agree with PyTorch."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlab.exercises import ALL


def solution(id):
    return ALL[id].build(ALL[id].solution)


TABLES = arrays(np.float64, (3, 4), elements=st.floats(-1000, 1000))


@given(TABLES, st.floats(0, 3))
def test_leaky_relu_is_pytorchs(x, slope):
    t = torch.tensor(x, requires_grad=True)
    y = torch.nn.functional.leaky_relu(t, slope)
    y.sum().backward()
    np.testing.assert_allclose(solution("02.1").leaky_relu(x, slope), y.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(solution("02.1").leaky_relu_grad(x, slope), t.grad.numpy(), atol=1e-12)


@given(TABLES)
def test_sigmoid_is_pytorchs(x):
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_allclose(solution("02.2").sigmoid(x), torch.sigmoid(torch.tensor(x)), rtol=1e-12, atol=1e-307)


@given(TABLES, st.sampled_from([0, 1, -1, -2]))
def test_softmax_is_pytorchs(x, axis):
    right = torch.softmax(torch.tensor(x), axis)
    np.testing.assert_allclose(solution("02.3").softmax(x, axis), right, rtol=1e-12, atol=1e-300)
