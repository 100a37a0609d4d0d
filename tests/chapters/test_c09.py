"""What the explorers of chapter 09 compute is true, and the PyTorch lines they write do what they say."""

import warnings

import numpy as np
import pytest
import torch

from nnlab.chapters.c09_schedules import range_test_explorer as range_test
from nnlab.chapters.c09_schedules import schedule_explorer as schedules
from nnlab.chapters.c09_schedules.digits_run import BATCH, MAX_LOSS, DigitsTraining, smoothed
from nnlab.chapters.c09_schedules.schedule_plan import RULES, VALIDATE_EVERY
from nnlab.datasets.digits import small_digits
from nnlab.scratch import MLP, SGD, CrossEntropyLoss

DEFAULTS = schedules.schedule_explorer().values
DESIGNS = [
    *(dict(rule=rule) for rule in RULES),
    *(dict(rule=rule, warmup=50, lr=0.2) for rule in RULES),
    dict(rule="step", every=20, factor=0.9, warmup=150, total="200"),
    dict(rule="cosine", low=0.5, warmup=10, lr=0.005, total="800"),
    dict(rule="cyclical", low=0.1, half=30, mode="triangular2"),
    dict(rule="one-cycle", rise=0.6, total="200"),
    dict(rule="plateau", patience=0, factor=0.1),
]


def run(**changes):
    values = {**DEFAULTS, **changes}
    state = schedules.begin(**values)
    for _ in range(int(values["total"])):
        schedules.advance(state, **values)
    return state, schedules.now(state, **values)


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_the_pytorch_lines_give_the_same_rates(design):
    """They are executed as they are shown; only the model, the batch and the validation loss are put in."""
    state, shown = run(**design)
    weight = torch.nn.Parameter(torch.zeros(1))
    rates, validations = [], {step: loss for step, loss, _ in state.validations}

    class Model:
        def parameters(self):
            return [weight]

    def train_batch():
        rates.append(space["optimizer"].param_groups[0]["lr"])
        weight.grad = torch.zeros(1)
        space["optimizer"].step()

    space = {"model": Model(), "train_batch": train_batch, "validate": lambda: validations[len(rates)]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(schedules.pytorch_lines(**{**DEFAULTS, **design}), space)
    assert len(rates) == shown.total
    np.testing.assert_allclose(state.rates, rates, rtol=1e-10, atol=1e-15)
    if len(shown.planned):
        np.testing.assert_array_equal(shown.planned, shown.rates)


def test_rules_differ_and_a_warm_up_is_seen():
    curves = [run(rule=rule, total="200")[0].rates for rule in RULES[:-1]]
    for i, one in enumerate(curves):
        assert not any(np.array_equal(one, other) for other in curves[:i])
    warm = run(rule="cosine", warmup=100, lr=0.1, total="200")[0].rates
    assert warm[0] == pytest.approx(0.001) and warm[100] == pytest.approx(0.1) and max(warm) == warm[100]


def test_the_run_is_the_plain_loop():
    x, y, x_val, y_val = small_digits()
    rng, loss = np.random.default_rng(3), CrossEntropyLoss()
    net = MLP([196, 32, 10], rng=rng, dtype=np.float32)
    opt, losses, training = SGD(net.params, lr=0.05, momentum=0.9), [], DigitsTraining(3)
    for _ in range(30):
        rows = rng.integers(len(x), size=BATCH)
        losses.append(loss.forward(net.forward(x[rows]), y[rows]))
        net.backward(loss.backward())
        opt.step(net.grads)
        training.step(0.05)
    np.testing.assert_allclose(training.losses, losses, rtol=1e-4)
    assert training.validation() == pytest.approx(loss.forward(net.forward(x_val), y_val), rel=1e-4)


def test_a_run_that_diverges_no_longer_changes():
    training = DigitsTraining(0)
    for _ in range(60):
        training.step(10.0)
    assert training.diverged and training.losses[-1] == MAX_LOSS == training.validation()


def test_the_constant_rate_is_the_best_one():
    """Mean over five seeds, compared as the explorer compares: means of the last five validation losses."""
    found = {}
    for lr in (0.02, 0.03, 0.05, 0.07, 0.1):
        ends = []
        for seed in range(5):
            training, looks = DigitsTraining(seed), []
            for step in range(1, 401):
                training.step(lr)
                if step > 300 and step % VALIDATE_EVERY == 0:
                    looks.append(training.validation())
            ends.append(np.mean(looks))
        found[lr] = np.mean(ends)
    least = min(found.values())
    assert found[schedules.CONSTANT] <= 1.03 * least, found  # 0.03 is within the seeds' noise
    assert found[0.02] > least and found[0.1] > 1.1 * least


@pytest.mark.parametrize("seed", range(5))
def test_the_goal_is_in_reach_of_cosine_and_not_of_a_constant(seed):
    assert run(rule="cosine", lr=0.1, seed=seed)[1].gain >= schedules.GOAL - 0.02
    for lr in (0.03, 0.05, 0.07, 0.1):
        assert run(rule="none", lr=lr, seed=seed)[1].gain < schedules.GOAL


def test_smoothing_is_a_weighted_mean():
    losses = np.array([3.0, 1.0, 2.0])
    np.testing.assert_allclose(smoothed(losses, 0.0), losses)
    weights = np.array([0.25, 0.5, 1.0])
    assert smoothed(losses, 0.5)[-1] == pytest.approx(weights @ losses / weights.sum())
    assert len(smoothed(np.array([]), 0.9)) == 0


def test_marks_of_a_curve_whose_shape_is_known():
    t = np.arange(300.0)
    curve = 2.5 - 2 / (1 + np.exp(-(t - 150) / 10)) + 3 / (1 + np.exp(-(t - 250) / 3))
    fastest, blown = range_test.marks(curve)
    assert abs(fastest - 150) <= 1 and 240 < blown < 256


@pytest.mark.parametrize("optimizer", range_test.NAMES)
def test_the_range_test_marks_say_something(optimizer):
    """Where it blows up, a short run fails; the rate where it falls fastest is among the better ones."""
    for seed in range(3):
        d = range_test.tested(optimizer, 0.01, 0.9, seed)
        fastest, blown = range_test.RATES[d.fastest], range_test.RATES[d.blown]
        assert fastest < blown
        good = range_test.short_training(optimizer, seed, float(fastest))[1]
        bad = range_test.short_training(optimizer, seed, float(blown) * 2)[1]
        assert good < 1 < bad, (optimizer, seed, good, bad)


@pytest.mark.parametrize("optimizer", range_test.NAMES)
def test_the_marks_do_not_depend_on_the_smoothing(optimizer):
    """The corrected running mean is noisy in its first steps: nothing is learnt there, so nothing is marked there."""
    for seed in range(5):
        found = [range_test.tested(optimizer, 0.01, beta, seed) for beta in (0.0, 0.5, 0.9, 0.98)]
        assert len({(d.fastest, d.blown) for d in found}) == 1
        assert range_test.RATES[found[0].fastest] > 2e-3, (optimizer, seed)


@pytest.mark.parametrize("seed", range(5))
def test_some_rates_of_adam_reach_the_target_and_most_do_not(seed):
    ends = [range_test.short_training("adam", seed, float(lr))[1] for lr in np.geomspace(1e-5, 10, 25)]
    assert 2 <= sum(end < range_test.TARGET for end in ends) <= 6
