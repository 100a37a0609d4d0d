"""Chapter 02, Activation functions: what its explorers compute is true."""

import numpy as np

from nnlab.chapters.c02_activations.depth_explorer import gradient_by_depth
from nnlab.chapters.c02_activations.dying_explorer import dying_units


def test_gradients_vanish_and_stay_as_the_chapter_says():
    sigmoid = gradient_by_depth("sigmoid", "xavier_normal", 20)
    relu = gradient_by_depth("relu", "kaiming_normal", 20)
    assert sigmoid.ratio < 1e-6
    assert relu.ratio > 0.1 and relu.ratio < 10
    assert len(sigmoid.signal) == len(sigmoid.gradient) == 20


def test_a_dead_unit_stays_dead():
    dead = dying_units("relu", 0.3, 0.0).dead
    assert (np.diff(dead) >= 0).all() and dead[-1] >= 30
    assert dying_units("leaky_relu", 0.3, 0.0).dead[-1] == 0
