"""Chapter 01: the exercises' solutions agree with PyTorch, and the perceptron learns what it can."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlab.exercises import ALL


def solution(id):
    return ALL[id].build(ALL[id].solution)


TABLES = arrays(np.float64, (3, 4), elements=st.floats(-1000, 1000))


@given(TABLES, arrays(np.float64, (2, 4), elements=st.floats(-9, 9)), arrays(np.float64, 2, elements=st.floats(-9, 9)))
def test_layer_is_pytorchs(x, weight, bias):
    right = torch.nn.functional.linear(*map(torch.tensor, (x, weight, bias)))
    np.testing.assert_allclose(solution("01.2").layer(x, weight, bias), right, atol=1e-9)
    neuron = solution("01.1").neuron(x[0], weight[1], bias[1], np.tanh)
    np.testing.assert_allclose(neuron, np.tanh(right[0, 1].item()), atol=1e-9)


def test_the_perceptron_learns_or_and_not_xor():
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    step = solution("01.3").perceptron_step
    for labels, errors in (([-1, 1, 1, 1], {0}), ([-1, 1, 1, -1], {1, 2, 3, 4})):
        w, b = np.zeros(2), 0.0
        for i in range(100):
            w, b = step(w, b, x[i % 4], labels[i % 4])
        assert np.sum(np.array(labels) * (x @ w + b) <= 0) in errors
