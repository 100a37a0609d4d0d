"""What the explorers of chapter 11 compute is true."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from nnlab.chapters.c11_training_craft import batch_size_explorer as batch_size
from nnlab.chapters.c11_training_craft import formats_explorer as formats
from nnlab.chapters.c11_training_craft import statistics_explorer as statistics
from nnlab.datasets.digits import small_digits
from nnlab.scratch import INITIALISERS, MLP, SGD, CrossEntropyLoss

# ------------------------------------------------------------------------------------------------- number formats

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def many_numbers():
    """Every size that float32 knows and some beyond, both signs, exact ties between two bfloat16 and two float16."""
    rng = np.random.default_rng(0)
    all_sizes = rng.normal(size=20_000) * 10.0 ** rng.uniform(-47, 40, 20_000)
    bits = rng.integers(0, 0x7F80_0000, 20_000, dtype=np.uint32)
    ties = [((bits >> cut << cut) | np.uint32(1 << (cut - 1))).astype(np.uint32) for cut in (16, 13)]
    floats = [b.view(np.float32).astype(np.float64) for b in (bits, *ties)]
    edges = [0.1, 1 / 3, 65504, 65519.9, 65520, 70000, 1e38, 3.39e38, 3.4e38, 1e39, 2**-24, 2**-25, 2**-149, 2**-150]
    all_positive = np.concatenate([np.abs(all_sizes), *floats, edges])
    return np.concatenate([all_positive, -all_positive])


@pytest.mark.parametrize("name", formats.FORMATS)
def test_bits_and_values_are_pytorchs(name):
    values = many_numbers()
    with np.errstate(over="ignore"):
        theirs = torch.tensor(values.astype(np.float32)).to(DTYPES[name])
    bits = formats.to_bits(values, name)
    whole = {"float32": torch.int32}.get(name, torch.int16)
    mask = 0xFFFF_FFFF if name == "float32" else 0xFFFF
    np.testing.assert_array_equal(bits, theirs.view(whole).numpy().astype(np.int64) & mask)
    np.testing.assert_array_equal(formats.from_bits(bits, name), theirs.double().numpy())


@pytest.mark.parametrize("name", formats.FORMATS)
def test_ranges_are_pytorchs(name):
    form, info = formats.FORMATS[name], torch.finfo(DTYPES[name])
    assert (form.largest, form.normal) == (info.max, info.tiny)
    assert form.smallest == float(formats.from_bits(1, name)) == info.smallest_normal * info.eps


@pytest.mark.parametrize(
    ("digits", "power", "states"),
    [
        (5.0, -1, ("exact", "exact", "exact")),
        (1.0, -1, ("rounded", "rounded", "rounded")),
        (6.5504, 4, ("exact", "rounded", "exact")),
        (7.0, 4, ("exact", "rounded", "infinite")),
        (1.0, 38, ("rounded", "rounded", "infinite")),
        (1.0, 39, ("infinite", "infinite", "infinite")),
        (1.0, -7, ("rounded", "rounded", "subnormal")),
        (1.0, -8, ("rounded", "rounded", "zero")),
        (1.0, -40, ("subnormal", "subnormal", "zero")),
        (1.0, -46, ("zero", "zero", "zero")),
    ],
)
def test_states(digits, power, states):
    for negative in (False, True):
        found = formats.number(digits, power, negative, 1.0).plain
        assert tuple(s.state for s in found.values()) == states


def test_rounding_costs_at_most_half_a_last_bit():
    values = np.random.default_rng(1).uniform(1, 2, 5000)
    for form in formats.FORMATS.values():
        off = np.abs(formats.from_bits(formats.to_bits(values, form.name), form.name) - values) / values
        assert 0.4 * 2.0**-form.fraction < off.max() <= 0.5 * 2.0**-form.fraction


def test_the_loss_scale_is_multiply_round_divide():
    for value in (1e-8, 3.3e-7, 0.01, -2.5, 3000.0):
        for scale in formats.SCALES:
            shown = formats.stored(value, "float16", scale)
            half = (torch.tensor(value * scale, dtype=torch.float32)).half()
            assert shown.held == float(half.double() / scale)
    assert formats.number(3.0, 3, False, 65536.0).scaled.state == "infinite"


def test_256_is_the_smallest_scale_for_the_goal():
    assert formats.smallest_scale(formats.GOAL_GRADIENT) == 256
    assert formats.smallest_scale(1e-13) is None
    explorer = formats.formats_explorer()
    meets = [s for s in formats.SCALES if explorer.goal.reached(explorer.compute(power=-8, digits=1.0, scale=s))]
    assert meets == [256]
    explorer.set(**explorer.presets["0.33333"])
    assert explorer.data.plain["float32"].raw == float(np.float32(0.33333))


# ------------------------------------------------------------------------------------------------- statistics


def tanh(init, gain=1.0, norm="none", depth=20, seed=0, activation="tanh"):
    return statistics.statistics(activation, init, gain, norm, depth, seed)


@pytest.mark.parametrize("norm", statistics.NORMS)
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_statistics_are_those_of_the_same_network_in_pytorch(norm, activation):
    d = tanh("kaiming_normal", 1.1, norm, 5, 3, activation)
    rng = np.random.default_rng(3)
    x, dy = (torch.tensor(a) for a in rng.normal(size=(2, statistics.ROWS, statistics.WIDTH)))
    activate = {"tanh": torch.tanh, "relu": torch.relu, "gelu": torch.nn.functional.gelu}[activation]
    size, outputs = (statistics.WIDTH,), []
    x.requires_grad_(True)
    for _ in range(5):
        block = statistics.make_block("kaiming_normal", 1.1, "none", activation, rng)
        x = x @ torch.tensor(block[0].params["weight"]).T
        if norm == "BatchNorm1d":
            x = torch.nn.functional.batch_norm(x, None, None, training=True)
        if norm == "LayerNorm":
            x = torch.nn.functional.layer_norm(x, size)
        x = activate(x)
        x.retain_grad()
        outputs.append(x)
    outputs[-1].backward(dy)
    np.testing.assert_allclose(d.std, [float(y.detach().std(correction=0)) for y in outputs], rtol=1e-9)
    sizes = np.array([float(y.grad.square().mean().sqrt()) for y in outputs])
    np.testing.assert_allclose(d.gradient, sizes / sizes[-1], rtol=1e-9)


def test_histograms_count_everything():
    values = np.array([[-9.0, -1.5, -1.49, 0.0, 1.49, 9.0], [0.0, 0.0, 0.0, 0.0, 0.01, -0.01]])
    shares = statistics.histograms(values)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(shares[0, [0, 20, 40]], [3 / 6, 1 / 6, 2 / 6])
    assert shares[1, 20] == 1
    np.testing.assert_array_equal(shares, statistics.histograms(2 * values, 2.0))
    rows = np.random.default_rng(0).normal(size=(2, 500))
    for row, mine in zip(rows, statistics.histograms(rows), strict=True):
        theirs = np.histogram(np.clip(row, -1.5, 1.5), statistics.BINS, (-1.5, 1.5))[0]
        np.testing.assert_allclose(mine, theirs / 500)


@pytest.mark.parametrize("init", statistics.INITS)
def test_weights_have_the_standard_deviation_of_their_rule(init):
    w = statistics.first_weights(init, np.random.default_rng(0))
    if init in INITIALISERS:
        expected = INITIALISERS[init].std(w.shape)
    else:
        expected = {"Linear's default": (3 * 48) ** -0.5, "normal, 0.01": 0.01, "constant 0.1": 0.0}[init]
    assert w.std() == pytest.approx(expected, rel=0.05, abs=1e-12)
    if init == "constant 0.1":
        assert (w == 0.1).all()


@pytest.mark.parametrize("seed", range(10))
def test_what_the_rules_do_to_twenty_layers_of_tanh(seed):
    assert tanh("xavier_normal", 1.4, seed=seed).healthy  # the goal, on every seed
    assert tanh("kaiming_normal", seed=seed).healthy
    for init in statistics.INITS:
        if "kaiming" not in init:
            assert not tanh(init, seed=seed).healthy, init
    assert tanh("normal", seed=seed).saturated > 0.6
    assert tanh("Linear's default", seed=seed).gradient[0] < 1e-3
    for norm in ("BatchNorm1d", "LayerNorm"):
        for init in ("normal", "normal, 0.01", "xavier_uniform", "Linear's default"):
            assert tanh(init, norm=norm, seed=seed).healthy, (norm, init)


@pytest.mark.parametrize("seed", range(3))
def test_the_headline_says_what_the_numbers_say(seed):
    assert tanh("xavier_normal", seed=seed).headline == "Activations fade, gradients keep their size"
    assert tanh("xavier_normal", 1.4, seed=seed).headline == "Activations and gradients keep their size"
    assert tanh("normal", seed=seed).headline == "Activations saturate, gradients explode"
    assert tanh("Linear's default", seed=seed).headline == "Activations fade, gradients vanish"
    assert tanh("normal", activation="relu", seed=seed).headline == "Activations grow, gradients explode"
    assert tanh("constant 0.1", norm="BatchNorm1d", seed=seed).headline == "All neurons give the same output"


@pytest.mark.parametrize("seed", range(10))
def test_what_normalisation_does_not_forgive(seed):
    """The text below the explorer: sameness stays, and batch normalisation lets gradients grow under ReLU."""
    ratio = {}
    for norm in ("BatchNorm1d", "LayerNorm"):
        for init in ("zeros", "constant 0.1"):
            assert tanh(init, norm=norm, activation="relu", seed=seed).distinct == 1
        gradient = tanh("normal", norm=norm, activation="relu", seed=seed).gradient
        ratio[norm] = gradient.max() / gradient.min()
    assert ratio["BatchNorm1d"] > 20 and ratio["LayerNorm"] < 5
    assert tanh("xavier_normal", seed=seed).std[-1] < 0.2


def test_neurons_that_begin_alike_stay_alike():
    for init in ("zeros", "constant 0.1"):
        for activation in statistics.ACTIVATIONS:
            assert tanh(init, activation=activation, depth=3).distinct == 1
    assert tanh("xavier_normal").distinct == statistics.WIDTH


def test_the_band_of_the_goal_can_be_missed_on_both_sides():
    explorer = statistics.statistics_explorer()
    met = [g for g in np.arange(0.5, 2.51, 0.05) if explorer.goal.reached(explorer.compute(depth=20, gain=g))]
    assert 1.3 < min(met) < max(met) < 2
    assert not explorer.goal.reached(explorer.compute(depth=20, gain=1.4, norm="LayerNorm"))
    assert not explorer.goal.reached(explorer.compute(depth=6, gain=1.4))


# ------------------------------------------------------------------------------------------------- batch size


def compared(evaluations=batch_size.LENGTH, lr=0.1, rule=batch_size.RULES[0], seed=0):
    runs = batch_size.begin(lr=lr, rule=rule, seed=seed)
    for _ in range(evaluations):
        batch_size.advance(runs)
    return runs, batch_size.compare(runs, axis="steps")


def test_each_size_is_trained_by_the_plain_loop():
    runs, shown = compared(8, 0.05, batch_size.RULES[2], 3)
    x, y, x_val, y_val = small_digits()
    for r in runs:
        rng, loss = np.random.default_rng(3), CrossEntropyLoss()
        net = MLP([196, 32, 10], rng=rng, dtype=np.float32)
        opt = SGD(net.params, lr=0.05 * np.sqrt(r.size / 8))
        for _ in range(8 * 512 // r.size):
            rows = rng.integers(len(x), size=r.size)
            loss(net(x[rows]), y[rows])
            net.backward(loss.backward())
            opt.step(net.grads)
        for name, weight in net.params.items():
            np.testing.assert_allclose(r.net.params[name], weight, rtol=1e-3, atol=1e-5)
        result = shown.results[r.size]
        assert result.accuracy[-1] == pytest.approx((net(x_val).argmax(axis=1) == y_val).mean(), abs=0.002)
        assert tuple(result.progress[-1][:2]) == (4096, 4096 / r.size)
        assert len(result.accuracy) == min(8, 4096 // r.size)


def test_rates_follow_their_rule():
    assert [batch_size.rate(0.1, 128, rule) for rule in batch_size.RULES] == pytest.approx([0.1, 1.6, 0.4])
    assert {batch_size.rate(0.1, 8, rule) for rule in batch_size.RULES} == {0.1}


def test_the_time_is_counted_and_grows():
    _, shown = compared(6)
    for result in shown.results.values():
        assert result.progress[0, 2] > 0 and (np.diff(result.progress[:, 2]) > 0).all()


def test_noise_falls_like_one_over_the_root_of_the_batch():
    noise = batch_size.noise()
    for small, large in pairwise(batch_size.SIZES):
        assert 1.6 < noise[small] / noise[large] < 2.5  # 2, measured on 20 batches


@pytest.mark.parametrize("seed", range(3))
def test_scaling_the_rate_carries_to_128_and_not_to_2048(seed):
    _, shown = compared(lr=0.02, rule=batch_size.RULES[1], seed=seed)
    assert shown.scaled_well
    assert shown.results[128].reached_at[1] < shown.results[8].reached_at[1] / 13
    assert shown.results[2048].reached_at is None
    _, shown = compared(seed=seed)  # one rate for all: the smaller, the fewer examples
    examples = [shown.results[size].reached_at[0] for size in (8, 32, 128)]
    assert not shown.scaled_well and examples[0] < examples[1] < examples[2]


def test_one_that_diverged_stands_still_and_the_others_go_on():
    runs, shown = compared(20, 1.0, batch_size.RULES[1])
    diverged = [size for size, result in shown.results.items() if result.diverged]
    assert 2048 in diverged and 8 not in diverged
    steps = {r.size: r.steps for r in runs}
    batch_size.advance(runs)
    assert {r.size for r in runs if r.steps == steps[r.size]} == set(diverged)


def test_drawing_over_something_else_does_not_restart():
    explorer = batch_size.batch_size_explorer()
    explorer.advance(3)
    steps = explorer.steps
    explorer.set(axis="seconds")
    assert explorer.steps == steps == 19 and len(explorer.data.results[8].accuracy) == 19
    explorer.set(lr=0.2)
    assert explorer.steps == 0
