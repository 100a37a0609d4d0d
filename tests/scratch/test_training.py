"""Losses, optimizers, clipping and schedules: types kept, nothing written to, and sentences for bad input."""

import numpy as np
import pytest

from nnlab.scratch import (
    LOSSES,
    MLP,
    OPTIMIZERS,
    SCHEDULES,
    SGD,
    Adam,
    BCELoss,
    BCEWithLogitsLoss,
    CosineAnnealingLR,
    CrossEntropyLoss,
    ExponentialLR,
    HuberLoss,
    MSELoss,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
    clip_grad_norm_,
    clip_grad_value_,
    fit,
    load_checkpoint,
    reduce_on_plateau,
    save_checkpoint,
)
from nnlab.scratch.optim import Optimizer, OptimizerRow, adam_step


def example(name, dtype=np.float64):
    rng = np.random.default_rng(0)
    prediction = rng.uniform(0.1, 0.9, (4, 3)).astype(dtype)
    return prediction, rng.integers(3, size=4) if name == "cross_entropy" else rng.uniform(size=(4, 3)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_keeps_the_type_and_writes_to_nothing(name, dtype):
    prediction, target = example(name, dtype)
    kept = prediction.copy(), target.copy()
    for target_type in {target.dtype, np.dtype(np.float64) if target.dtype.kind == "f" else target.dtype}:
        loss = LOSSES[name].loss()
        assert isinstance(loss(prediction, target.astype(target_type)), float)
        gradient = loss.backward()
        assert gradient.dtype == dtype and gradient.shape == prediction.shape
        gradient += 1  # a fresh array: the next backward does not see it
        np.testing.assert_allclose(loss.backward(), gradient - 1, atol=1e-6)
    np.testing.assert_array_equal(prediction, kept[0])
    np.testing.assert_array_equal(target, kept[1])


@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_of_an_empty_batch_is_an_error(name):
    prediction, target = example(name)
    with pytest.raises(ValueError, match="batch is empty"):
        LOSSES[name].loss()(prediction[:0], target[:0])


@pytest.mark.parametrize("name", LOSSES)
def test_backward_of_a_loss_needs_a_forward(name):
    with pytest.raises(ValueError, match="before forward"):
        LOSSES[name].loss().backward()


def test_two_forwards_of_a_loss_and_one_backward_give_the_second():
    loss = MSELoss()
    loss([1.0], [0.0])
    loss([3.0, 4.0], [0.0, 0.0])
    np.testing.assert_array_equal(loss.backward(), [3.0, 4.0])


Z = np.zeros((4, 3))
BAD_LOSSES = [
    (MSELoss(), np.zeros((4, 1)), np.zeros(4), ValueError, r"target should have shape \(4, 1\), got \(4,\)"),
    (MSELoss(), np.zeros((4, 1)), np.zeros((1, 4)), ValueError, "target should have shape"),
    (MSELoss(), ["a"], [1.0], TypeError, "prediction should be an array of real numbers"),
    (MSELoss(), [[1.0], [1.0, 2.0]], [1.0], ValueError, "rows have different lengths"),
    (BCELoss(), np.array([1.5]), np.array([1.0]), ValueError, "prediction should be from 0 to 1, got 1.5"),
    (BCELoss(), np.array([np.nan]), np.array([1.0]), ValueError, "from 0 to 1, got nan"),
    (BCEWithLogitsLoss(), np.array([1.5]), np.array([-1.0]), ValueError, "target should be from 0 to 1, got -1.0"),
    (BCEWithLogitsLoss(), np.zeros((4, 1)), np.zeros(4), ValueError, "target should have shape"),
    (CrossEntropyLoss(), Z, np.array([0, 1, 2, 3]), ValueError, "Labels should be from 0 to 2, got 0 to 3"),
    (CrossEntropyLoss(), Z, np.array([0, 1, 2, -1]), ValueError, "Labels should be from 0 to 2"),
    (CrossEntropyLoss(), Z, np.array([0.0, 1, 2, 1]), TypeError, "integer labels"),
    (CrossEntropyLoss(), Z, np.zeros((4, 1), int), ValueError, "integer labels"),
    (CrossEntropyLoss(), Z, np.zeros(3, int), ValueError, "integer labels"),
    (CrossEntropyLoss(), np.zeros(3), np.zeros(3, int), ValueError, r"\(N, C\)"),
    (CrossEntropyLoss(), Z, np.zeros((4, 2)), ValueError, "or probabilities of shape"),
    (CrossEntropyLoss(), Z, Z + 2, ValueError, "Probabilities should be from 0 to 1"),
    (CrossEntropyLoss(), Z, Z == 0, TypeError, "integer labels"),
    (CrossEntropyLoss(weight=[1.0, 2.0]), Z, np.zeros(4, int), ValueError, "weight"),
    (CrossEntropyLoss(ignore_index=0), Z, np.zeros(4, int), ValueError, "every label is ignored"),
]


@pytest.mark.parametrize(("loss", "prediction", "target", "error", "words"), BAD_LOSSES)
def test_bad_input_of_a_loss_gets_a_sentence(loss, prediction, target, error, words):
    with pytest.raises(error, match=words):
        loss(prediction, target)


PARAMS = {"weight": np.ones((2, 3)), "bias": np.ones(2)}
GRADS = {name: 2 * p for name, p in PARAMS.items()}


def fresh(dtype=np.float64):
    return {name: p.astype(dtype) for name, p in PARAMS.items()}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("row", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_an_optimizer_keeps_the_type_and_the_gradients(row, dtype):
    params, grads = fresh(dtype), {name: g.astype(dtype) for name, g in GRADS.items()}
    arrays = dict(params)
    opt = row.make(params, np.float64(0.1), weight_decay=0.1)
    for _ in range(3):
        opt.step(grads)
    for name, p in params.items():
        assert p is arrays[name] and p.dtype == dtype and (p < 1).all()
        np.testing.assert_array_equal(grads[name], GRADS[name].astype(dtype))
    assert all(v.dtype == dtype for v in opt.state.values())


@pytest.mark.parametrize("row", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_an_optimizer_resumes_from_its_state(row):
    rng = np.random.default_rng(0)
    grads = [{name: rng.normal(size=p.shape) for name, p in PARAMS.items()} for _ in range(6)]
    whole, first = fresh(), fresh()
    opt = row.make(whole, 0.1)
    for g in grads:
        opt.step(g)
    before = row.make(first, 0.1)
    for g in grads[:3]:
        before.step(g)
    state = before.state_dict()
    before.step(grads[5])  # does not reach the copies in state
    second = {name: p.copy() for name, p in fresh().items()}
    again = row.make(second, 0.7)
    replay = row.make(second, 0.1)
    for g in grads[:3]:
        replay.step(g)
    again.load_state_dict(state)
    for g in grads[3:]:
        again.step(g)
    for name in whole:
        np.testing.assert_array_equal(second[name], whole[name])


@pytest.mark.parametrize("options", [{}, {"betas": (0.5, 0.9), "eps": 1e-3}, {"betas": (0.0, 0.0)}])
def test_adam_in_place_follows_the_plain_formula(options):
    rng = np.random.default_rng(0)
    params = {"weight": rng.normal(size=7)}
    theta, m, v = params["weight"].copy(), np.zeros(7), np.zeros(7)
    opt = Adam(params, lr=0.1, **options)
    for t in range(1, 30):
        g = rng.normal(size=7)
        opt.step({"weight": g})
        step, m, v = adam_step(g, m, v, t, 0.1, **options)
        theta -= step
        np.testing.assert_allclose(params["weight"], theta, rtol=1e-12)


def test_an_optimizer_is_one_row(monkeypatch, tmp_path):
    """A row added while the program runs trains, is saved and resumes like the others."""

    class SignSGD(Optimizer):
        def update(self, g, lr):
            g[...] = lr * np.sign(g)

    row = OptimizerRow("sign", SignSGD, {}, r"\\theta \\leftarrow \\theta - \\eta \\, \\text{sign}(g)", "", "a toy")
    monkeypatch.setitem(OPTIMIZERS, row.name, row)
    rng = np.random.default_rng(0)
    net = MLP([2, 8, 2], rng=rng)
    x = rng.normal(size=(64, 2))
    opt = OPTIMIZERS["sign"].make(net.params, 0.01)
    schedule = StepLR(opt, 20)
    data = (net, CrossEntropyLoss(), opt, x, (x[:, 0] > 0).astype(int))
    steps = []
    for step in fit(*data, epochs=10, batch_size=16, rng=rng):
        steps.append(step)
        schedule.step()
    assert steps[-1].loss < steps[0].loss and steps[-1].lr < 0.01
    save_checkpoint(tmp_path / "run.npz", net, opt, steps[-1], rng=rng, schedules=[schedule])
    assert load_checkpoint(tmp_path / "run.npz", net, opt, rng=rng, schedules=[schedule]) == steps[-1]


def test_bad_gradients_get_a_sentence_and_change_nothing():
    params = fresh()
    opt = SGD(params, lr=0.1)
    for grads, words in [
        ({}, "run backward first"),
        ({"weight": GRADS["weight"]}, "Expected gradients for"),
        ({**GRADS, "other": GRADS["bias"]}, "Expected gradients for"),
        ({"weight": GRADS["weight"].T, "bias": GRADS["bias"]}, "gradient of weight should have shape"),
        ({"weight": GRADS["weight"], "bias": np.ones(())}, "gradient of bias should have shape"),
    ]:
        with pytest.raises(ValueError, match=words):
            opt.step(grads)
    np.testing.assert_array_equal(params["weight"], PARAMS["weight"])
    assert opt.t == 0


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: SGD(fresh(), lr=-1), ValueError),
        (lambda: SGD(fresh(), lr=float("nan")), ValueError),
        (lambda: SGD(fresh(), lr=float("inf")), ValueError),
        (lambda: SGD(fresh(), lr="0.1"), TypeError),
        (lambda: SGD(fresh(), momentum=-0.1), ValueError),
        (lambda: SGD(fresh(), nesterov=True), ValueError),
        (lambda: SGD(fresh(), weight_decay=-1), ValueError),
        (lambda: SGD({}), TypeError),
        (lambda: SGD([np.ones(3)]), TypeError),
        (lambda: SGD({"weight": np.ones(3, int)}), TypeError),
        (lambda: Adam(fresh(), betas=(0.9, 1.0)), ValueError),
        (lambda: Adam(fresh(), betas=(0.9,)), ValueError),
        (lambda: Adam(fresh(), eps=-1e-8), ValueError),
        (lambda: MSELoss(reduction="median"), ValueError),
        (lambda: HuberLoss(delta=0), ValueError),
        (lambda: CrossEntropyLoss(label_smoothing=1.5), ValueError),
        (lambda: StepLR(SGD(fresh()), step_size=0), ValueError),
        (lambda: StepLR(SGD(fresh()), step_size=2.5), TypeError),
        (lambda: StepLR(0.1, step_size=2), TypeError),
        (lambda: ExponentialLR(SGD(fresh()), gamma=-1), ValueError),
        (lambda: CosineAnnealingLR(SGD(fresh()), T_max=-1), ValueError),
        (lambda: CosineAnnealingLR(SGD(fresh()), T_max=3).lr_at(-1), ValueError),
        (lambda: OneCycleLR(SGD(fresh()), 0.1, 10, anneal_strategy="sin"), ValueError),
        (lambda: OneCycleLR(SGD(fresh()), 0.1, 10, pct_start=1.5), ValueError),
        (lambda: ReduceLROnPlateau(SGD(fresh()), factor=1.0), ValueError),
        (lambda: ReduceLROnPlateau(0.1), TypeError),
        (lambda: ReduceLROnPlateau(SGD(fresh()), mode="least"), ValueError),
        (lambda: SequentialLR(SGD(fresh()), [StepLR(SGD(fresh()), 1)], [3]), ValueError),
        (lambda: clip_grad_norm_({"w": np.ones(2)}, -1), ValueError),
        (lambda: clip_grad_norm_({"w": np.array([np.nan])}, 1), ValueError),
        (lambda: clip_grad_value_({"w": np.ones(2)}, float("nan")), ValueError),
    ],
)
def test_settings_out_of_range_get_a_sentence(make, error):
    with pytest.raises(error, match=r"[a-z]{3}.* [a-z]"):
        make()


@pytest.mark.parametrize("row", SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule_is_a_pure_function_of_the_step(row):
    if row.name == "plateau":
        metrics = [1.0] * 25
        opt = SGD(fresh(), lr=0.2)
        schedule = row.schedule(opt, **row.settings)
        for m in metrics:
            schedule.step(m)
        assert opt.lr == reduce_on_plateau(metrics, 0.2, **row.settings) < 0.2
        return
    opt = SGD(fresh(), lr=0.2)
    lead = {"cyclic": {"base_lr": 0.2}, "one_cycle": {"max_lr": 0.2}}.get(row.name, {})
    schedule = row.schedule(opt, **lead, **row.settings)
    for step in range(60):
        assert schedule.lr_at(step) == row.fn(step, 0.2, **row.settings) == opt.lr
        schedule.step()


def test_two_schedules_start_from_the_rate_of_the_optimizer():
    opt = SGD(fresh(), lr=1.0)
    ExponentialLR(opt, 0.5).step()
    assert StepLR(opt, 10).base_lr == 1.0


def test_a_schedule_reaches_the_step():
    params = fresh()
    opt = SGD(params, lr=1.0)
    schedule = ExponentialLR(opt, gamma=0.0)
    schedule.step()
    opt.step(GRADS)
    np.testing.assert_array_equal(params["weight"], PARAMS["weight"])


def test_clipping_keeps_a_short_gradient_as_it_is():
    grads = {name: g.copy() for name, g in GRADS.items()}
    assert clip_grad_norm_(grads, 1e9) == pytest.approx(np.sqrt(4 * 8))
    np.testing.assert_array_equal(grads["weight"], GRADS["weight"])


def test_a_network_learns_with_the_parts_together():
    rng = np.random.default_rng(0)
    net = MLP([2, 16, 2], activation="tanh", rng=rng)
    x = rng.normal(size=(200, 2))
    labels = (x[:, 0] * x[:, 1] > 0).astype(int)
    opt, loss = Adam(net.params, lr=0.05), CrossEntropyLoss()
    for _ in range(150):
        loss(net(x), labels)
        net.backward(loss.backward())
        clip_grad_norm_(net.grads, 5.0)
        opt.step(net.grads)
    assert (net(x).argmax(axis=1) == labels).mean() > 0.97
