"""Chapter 02, Activation functions: what its explorers compute is true."""

import numpy as np

from nnlab.chapters.c02_activations.activation_explorer import activation_curve
from nnlab.chapters.c02_activations.depth_explorer import gradient_by_depth
from nnlab.chapters.c02_activations.dying_explorer import dying_units
from nnlab.scratch import silu


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


def test_swish_is_silu_in_the_middle_of_its_slider_and_relu_and_a_line_at_its_ends():
    x = np.linspace(-6, 6, 481)
    assert np.allclose(activation_curve("silu", 0.5, 1.0).ys, silu(x))
    assert np.abs(activation_curve("silu", 1.0, 1.0).ys - np.maximum(0, x)).max() < 0.03
    assert abs(activation_curve("silu", 0.0, 0.0).slope - 0.5) < 1e-12
    curve = activation_curve("silu", 0.8, 1.0)
    assert np.allclose(np.gradient(curve.ys, x)[1:-1], curve.slopes[1:-1], atol=0.01)
