"""The accountant against integrals and against the closed form."""

import numpy as np
import pytest

from nnlab.scratch.sharing import privacy


def divergence(noise: float, rate: float, order: int) -> float:
    """Renyi's divergence by numeric integration, from the mixture to the noise alone."""
    x = np.linspace(-12 * noise, 12 * noise + 2 * order, 400_001)
    log_q = -(x**2) / (2 * noise**2)
    ratio = (1 - rate) + rate * np.exp((2 * x - 1) / (2 * noise**2))  # p / q
    inner = np.exp(order * np.log(ratio) + log_q)
    return float(np.log(np.trapezoid(inner, x) / np.trapezoid(np.exp(log_q), x)) / (order - 1))


@pytest.mark.parametrize(("noise", "rate", "order"), [(1.0, 1.0, 3), (2.0, 0.1, 4), (1.0, 0.01, 8), (4.0, 0.5, 2)])
def test_the_divergence_is_the_integral(noise, rate, order):
    assert privacy.sampled_gaussian_rdp(noise, rate, order) == pytest.approx(divergence(noise, rate, order), rel=1e-6)
    if rate == 1:
        assert privacy.gaussian_rdp(noise, order) == order / (2 * noise**2)


@pytest.mark.parametrize("noise", [0.7, 1.0, 5.0, 30.0])
@pytest.mark.parametrize("steps", [1, 30])
def test_it_bounds_the_closed_form_and_not_by_much(noise, steps):
    found = privacy.epsilon(noise, steps, 1e-5)
    assert privacy.gaussian_delta(noise, steps, found) <= 1e-5
    if found > 0.1:
        assert privacy.gaussian_delta(noise, steps, 0.75 * found) > 1e-5


def test_sampling_rounds_and_noise_move_it_the_right_way():
    base = privacy.epsilon(1.0, 30, 1e-5, rate=0.1)
    assert privacy.epsilon(1.0, 30, 1e-5, rate=0.05) < base < privacy.epsilon(1.0, 30, 1e-5)
    assert privacy.epsilon(2.0, 30, 1e-5, rate=0.1) < base < privacy.epsilon(1.0, 60, 1e-5, rate=0.1)
    assert privacy.epsilon(1.0, 30, 1e-3, rate=0.1) < base
    assert privacy.epsilon(0.01, 10, 1e-5, rate=0.5) > 1000  # nothing overflows


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"noise": 0.0}, "noise should be above 0"),
        ({"delta": 0.0}, "delta should be above 0"),
        ({"delta": 1.0}, "delta should be"),
        ({"steps": 0}, "steps should be at least 1"),
        ({"rate": 0.0}, "rate should be above 0"),
        ({"rate": 1.5}, "rate should be from 0 to 1"),
    ],
)
def test_what_it_refuses(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        privacy.epsilon(**({"noise": 1.0, "steps": 3, "delta": 1e-5} | options))


@pytest.mark.parametrize(
    "call",
    [
        lambda: privacy.epsilon(1.0, 10, 1e-5, orders=()),
        lambda: privacy.epsilon(1.0, 10, 1e-5, orders=(1.5,), rate=0.1),
        lambda: privacy.epsilon(1.0, 10, 1e-5, orders=(1,)),
        lambda: privacy.epsilon(1e-200, 10, 1e-5, rate=0.1),  # said 0: perfectly private
        lambda: privacy.epsilon(1e200, 10, 1e-5),
    ],
)
def test_what_has_no_bound_is_refused_in_a_sentence(call):
    with pytest.raises(ValueError, match=r"orders? should|noise should"):
        call()


def test_delta_at_a_huge_epsilon_is_zero():
    assert privacy.gaussian_delta(1.0, 1, 1000.0) == 0.0
