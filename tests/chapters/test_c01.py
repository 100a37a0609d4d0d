"""Chapter 01, The artificial neuron: what its explorers compute is true."""

import numpy as np

from nnlab.chapters.c01_neuron.perceptron_explorer import perceptron_advance, perceptron_begin
from nnlab.chapters.c01_neuron.xor_layer_explorer import xor_layer
from nnlab.chapters.c01_neuron.xor_neuron_explorer import xor_neuron


def test_a_perceptron_step_changes_weights_only_at_a_mistake():
    state = perceptron_begin(0.1, 7)
    for _ in range(60):
        before, b = state.w.copy(), state.b
        perceptron_advance(state, 0.1, 7)
        x, y = state.x[state.seen], state.y[state.seen]
        if state.changed:
            assert y * (x @ before + b) <= 0 and np.allclose(state.w, before + y * x) and state.b == b + y
        else:
            assert np.array_equal(state.w, before)
    assert state.mistakes == 0


def test_no_neuron_of_the_explorer_computes_xor_and_the_layer_does():
    grid = np.linspace(-2, 2, 9)
    assert max(xor_neuron(a, b, c).correct for a in grid for b in grid for c in grid) == 3
    assert xor_layer(-0.5, -1.5, 1.0, -1.0, -0.5).correct == 4
