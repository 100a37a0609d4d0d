"""Chapter 04, Backpropagation: what its explorers compute is true."""

import numpy as np
import pytest

from nnlab.chapters.c04_backpropagation import tangent_explorer
from nnlab.chapters.c04_backpropagation.graph_explorer import EDGES, STEPS, graph_steps
from nnlab.chapters.c04_backpropagation.tangent_explorer import weight_tangent
from nnlab.scratch import numeric_gradient


@pytest.mark.parametrize("which", tangent_explorer.PICK)
@pytest.mark.parametrize("w", [-2.0, 0.1, 1.5])
def test_the_tangent_is_the_slope_of_the_curve(which, w):
    slope = weight_tangent(which, w, 1.0).slope
    numeric = numeric_gradient(lambda v: tangent_explorer._loss_and_slope(which, float(v[0]))[0], np.array([w]))[0]
    assert abs(slope - numeric) < 1e-8


def test_the_graph_shows_what_it_has_computed_so_far():
    first, last = (graph_steps(step, 0.5, 2.0, -0.4, -0.5) for step in (0, STEPS))
    assert "L" not in first.values and not first.grads
    t = np.tanh(0.6)
    assert last.values["L"] == pytest.approx((t + 0.5) ** 2)
    assert last.grads["w"] == pytest.approx(2 * (t + 0.5) * (1 - t**2) * 0.5)
    assert set(last.slopes) == set(EDGES)
