"""What the explorers of the chapters compute is true: each against its definition, not against itself."""

import numpy as np
import pytest

from nnlab.datasets import mnist
from nnlab.explore import backprop, digits, first_steps, gradients, losses, neurons, xor
from nnlab.scratch import numeric_gradient
from nnlab.scratch.losses import huber, l1


def test_no_line_beats_the_best_lines():
    y = np.append(losses.CLEAN[:-1], 30.0)
    rng = np.random.default_rng(0)
    costs = {
        "mse": (losses.fit_mse(losses.X, y), lambda e: e**2),
        "l1": (losses.fit_l1(losses.X, y), lambda e: l1(e, 0 * e)),
        "huber": (losses.fit_huber(losses.X, y, 0.7), lambda e: huber(e, 0 * e, 0.7)),
    }
    for name, (line, cost) in costs.items():
        best = cost(line[0] * losses.X + line[1] - y).mean()
        for slope, start in line + rng.normal(0, 0.05, (300, 2)):
            assert cost(slope * losses.X + start - y).mean() >= best - 1e-9, name


@pytest.mark.parametrize("which", backprop.PICK)
@pytest.mark.parametrize("w", [-2.0, 0.1, 1.5])
def test_the_tangent_is_the_slope_of_the_curve(which, w):
    slope = backprop.weight_tangent(which, w, 1.0).slope
    numeric = numeric_gradient(lambda v: backprop._loss_and_slope(which, float(v[0]))[0], np.array([w]))[0]
    assert abs(slope - numeric) < 1e-8


def test_the_graph_shows_what_it_has_computed_so_far():
    first, last = (backprop.graph_steps(step, 0.5, 2.0, -0.4, -0.5) for step in (0, backprop.STEPS))
    assert "L" not in first.values and not first.grads
    t = np.tanh(0.6)
    assert last.values["L"] == pytest.approx((t + 0.5) ** 2)
    assert last.grads["w"] == pytest.approx(2 * (t + 0.5) * (1 - t**2) * 0.5)
    assert set(last.slopes) == set(backprop.EDGES)


def test_the_best_answer_is_the_truth():
    for truth in (0.0, 0.3, 0.7, 1.0):
        curve = losses.confidence(0.5, truth)
        assert curve.best <= curve.curve.min() + 1e-9


def test_a_perceptron_step_changes_weights_only_at_a_mistake():
    state = neurons.perceptron_begin(0.1, 7)
    for _ in range(60):
        before, b = state.w.copy(), state.b
        neurons.perceptron_advance(state, 0.1, 7)
        x, y = state.x[state.seen], state.y[state.seen]
        if state.changed:
            assert y * (x @ before + b) <= 0 and np.allclose(state.w, before + y * x) and state.b == b + y
        else:
            assert np.array_equal(state.w, before)
    assert state.mistakes == 0


def test_no_neuron_of_the_explorer_computes_xor_and_the_layer_does():
    grid = np.linspace(-2, 2, 9)
    assert max(xor.xor_neuron(a, b, c).right for a in grid for b in grid for c in grid) == 3
    assert xor.xor_layer(-0.5, -1.5, 1.0, -1.0, -0.5).right == 4


def test_gradients_vanish_and_stay_as_the_chapter_says():
    sigmoid = gradients.gradient_by_depth("sigmoid", "xavier_normal", 20)
    relu = gradients.gradient_by_depth("relu", "kaiming_normal", 20)
    assert sigmoid.ratio < 1e-6
    assert relu.ratio > 0.1 and relu.ratio < 10
    assert len(sigmoid.signal) == len(sigmoid.gradient) == 20


def test_a_dead_unit_stays_dead():
    dead = gradients.dying_units("relu", 0.3, 0.0).dead
    assert (np.diff(dead) >= 0).all() and dead[-1] >= 30
    assert gradients.dying_units("leaky_relu", 0.3, 0.0).dead[-1] == 0


def test_the_line_explorers_error_is_the_mean_squared_miss():
    d = first_steps.line_fit(2.0, 10.0)
    assert d.error == pytest.approx(np.mean((2 * first_steps.HOURS + 10 - first_steps.POINTS) ** 2))
    assert d.error >= first_steps.LEAST_ERROR


def test_a_drawing_is_centred_as_mnist_is():
    images, _ = mnist("test")
    for image in images[:50] / 255:
        if not image[:, -2:].any() and not image[:1].any():  # else a shift loses ink
            assert np.array_equal(digits.centred(digits.shifted(image, 2, -1)), digits.centred(image))
        assert np.abs(digits.centred(image) - image).max() < 1e-6
    assert not digits.centred(np.zeros((28, 28))).any()


def test_shifting_moves_ink_and_loses_what_leaves():
    image = np.zeros((28, 28))
    image[10, 10] = image[0, 27] = 1
    moved = digits.shifted(image, 3, -2)
    assert moved[8, 13] == 1 and moved.sum() == 1


def test_a_digit_is_read_from_its_pixels():
    reading = digits.digit_explorer().data
    assert reading.says == reading.label and reading.p.sum() == pytest.approx(1, abs=1e-5)
    assert [len(h) for h in reading.hidden] == [128, 64]
