"""Optimizers, clipping and schedules walk the same path as PyTorch's for 120 steps, in float64."""

import inspect

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlab import scratch
from nnlab.scratch import OPTIMIZERS, SCHEDULES, clip_grad_norm_, clip_grad_value_
from nnlab.twins import optimizer_parity

STEPS = 120
OPTIONS = {  # besides the defaults, which every row is tested with
    "sgd": [{"weight_decay": 0.1}],
    "momentum": [{"momentum": 0.5, "dampening": 0.3, "weight_decay": 0.01}],
    "nesterov": [{"weight_decay": 0.1}],
    "rmsprop": [{"centered": True}, {"momentum": 0.9}, {"centered": True, "momentum": 0.5, "weight_decay": 0.1}],
    "adam": [{"betas": (0.5, 0.9), "eps": 1e-3}, {"weight_decay": 0.1}, {"betas": (0.0, 0.0)}],
    "adamw": [{"weight_decay": 0.3}, {"weight_decay": 0.0}],
}
CASES = [(name, options) for name in OPTIMIZERS for options in [{}, *OPTIONS.get(name, [])]]


def test_options_are_of_optimizers_that_exist():
    assert OPTIONS.keys() <= OPTIMIZERS.keys()


@pytest.mark.parametrize(("name", "options"), CASES)
def test_an_optimizer_agrees(name, options):
    row = OPTIMIZERS[name]
    twin = getattr(torch.optim, row.twin.rpartition(".")[2])
    proof = optimizer_parity(
        lambda params: row.make(params, 0.03, **options),
        lambda params: twin(params, 0.03, **{**row.options, **options}),
        rng=np.random.default_rng(0),
        steps=STEPS,
    )
    assert proof.agree, proof


@pytest.mark.parametrize("row", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_defaults_are_pytorchs(row):
    theirs = inspect.signature(getattr(torch.optim, row.twin.rpartition(".")[2])).parameters
    ours = inspect.signature(row.opt).parameters
    assert {name: p.default for name, p in ours.items()} == {name: theirs[name].default for name in ours}


SCHEDULE_CASES = [
    ("step", {"step_size": 7, "gamma": 0.5}),
    ("step", {"step_size": 1}),
    ("exponential", {"gamma": 0.95}),
    ("cosine", {"T_max": 50}),  # runs on after its end, and up again
    ("cosine", {"T_max": 130, "eta_min": 0.001}),
    ("warmup", {}),
    ("warmup", {"start_factor": 0.01, "end_factor": 0.5, "total_iters": 33}),
    ("cyclic", {"base_lr": 0.001, "max_lr": 0.1, "step_size_up": 7}),
    ("cyclic", {"base_lr": 0.001, "max_lr": 0.1, "step_size_up": 7, "step_size_down": 12, "mode": "triangular2"}),
    ("cyclic", {"base_lr": 0.001, "max_lr": 0.1, "step_size_up": 5, "mode": "exp_range", "gamma": 0.98}),
    ("one_cycle", {"max_lr": 0.1, "total_steps": 121}),
    ("one_cycle", {"max_lr": 0.1, "total_steps": 150, "pct_start": 0.45, "anneal_strategy": "linear"}),
    ("plateau", {"patience": 3}),
    ("plateau", {"mode": "max", "factor": 0.7, "patience": 2, "cooldown": 3, "min_lr": 0.005}),
    ("plateau", {"threshold": 0.5, "threshold_mode": "abs", "patience": 0, "factor": 0.9}),
    ("plateau", {"mode": "max", "threshold": 0.5, "threshold_mode": "abs", "factor": 0.9}),
]
TRIED = {name for name, _ in SCHEDULE_CASES}
SCHEDULE_CASES += [(name, row.settings) for name, row in SCHEDULES.items() if name not in TRIED]


def test_schedule_cases_are_of_schedules_that_exist():
    assert SCHEDULES.keys() >= TRIED


@pytest.mark.parametrize(("name", "settings_"), SCHEDULE_CASES)
def test_a_schedule_agrees(name, settings_):
    row = SCHEDULES[name]
    twin = getattr(torch.optim.lr_scheduler, row.twin.rpartition(".")[2])
    quiet = {"cycle_momentum": False} if name in ("cyclic", "one_cycle") else {}
    proof = optimizer_parity(
        lambda params: scratch.SGD(params, lr=0.2),
        lambda params: torch.optim.SGD(params, lr=0.2),
        rng=np.random.default_rng(0),
        steps=STEPS,
        schedule=lambda opt: row.schedule(opt, **settings_),
        their_schedule=lambda opt: twin(opt, **settings_, **quiet),
    )
    assert proof.agree, proof


def test_warm_up_then_cosine_agrees():
    def theirs(opt):
        from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

        return SequentialLR(opt, [LinearLR(opt, 0.1, total_iters=10), CosineAnnealingLR(opt, 90)], milestones=[10])

    proof = optimizer_parity(
        lambda params: scratch.SGD(params, lr=0.2),
        lambda params: torch.optim.SGD(params, lr=0.2),
        rng=np.random.default_rng(0),
        steps=100,
        schedule=lambda opt: scratch.SequentialLR(
            opt, [scratch.LinearWarmup(opt, 0.1, total_iters=10), scratch.CosineAnnealingLR(opt, 90)], [10]
        ),
        their_schedule=theirs,
    )
    assert proof.agree, proof


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**31), limit=st.sampled_from([0.0, 0.1, 1.0, 100.0]))
def test_clipping_agrees(seed, limit):
    rng = np.random.default_rng(seed)
    grads = {"weight": rng.normal(size=(3, 5)), "bias": rng.normal(size=3), "gain": rng.normal(size=())}
    for clip, their_clip in (
        (clip_grad_norm_, torch.nn.utils.clip_grad_norm_),
        (clip_grad_value_, torch.nn.utils.clip_grad_value_),
    ):
        ours = {name: g.copy() for name, g in grads.items()}
        tensors = {name: torch.zeros(g.shape, dtype=torch.float64) for name, g in grads.items()}
        for name, tensor in tensors.items():
            tensor.grad = torch.tensor(grads[name])
        length, their_length = clip(ours, limit), their_clip(tensors.values(), limit)
        assert (length is None) == (their_length is None)
        if length is not None:
            assert length == pytest.approx(float(their_length), rel=1e-12)
        for name, tensor in tensors.items():
            np.testing.assert_allclose(ours[name], tensor.grad.numpy(), atol=1e-12)


CHAIN = {
    "StepLR": {"step_size": 3, "gamma": 0.5},
    "ExponentialLR": {"gamma": 0.9},
    "CosineAnnealingLR": {"T_max": 7, "eta_min": 0.01},
    "LinearWarmup": {"start_factor": 0.1, "total_iters": 5},
    "CyclicLR": {"base_lr": 0.01, "max_lr": 0.3, "step_size_up": 4},
    "OneCycleLR": {"max_lr": 0.4, "total_steps": 41},
    "ReduceLROnPlateau": {"factor": 0.5, "patience": 1},
    "SequentialLR": {},
}


def chain_link(name, opt, ours):
    """One schedule of the name on our optimizer, or on PyTorch's."""
    module = scratch if ours else torch.optim.lr_scheduler
    if name == "SequentialLR":
        parts = [chain_link(part, opt, ours) for part in ("LinearWarmup", "CosineAnnealingLR", "StepLR")]
        return module.SequentialLR(opt, parts, milestones=[5, 15])
    quiet = {"cycle_momentum": False} if name in ("CyclicLR", "OneCycleLR") and not ours else {}
    return getattr(module, name if ours else name.replace("LinearWarmup", "LinearLR"))(opt, **CHAIN[name], **quiet)


def rates(names, ours, by_hand=None):
    """The rate after each of 40 steps with these schedules on one optimizer; by_hand: step to rate."""
    theta = np.zeros(1)
    opt = scratch.SGD({"w": theta}, lr=0.2) if ours else torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
    links, seen = [chain_link(name, opt, ours) for name in names], []
    for t in range(40):
        opt.step(*[{"w": theta}] * ours)
        if t in (by_hand or {}):
            if ours:
                opt.lr = by_hand[t]
            else:
                opt.param_groups[0]["lr"] = by_hand[t]
        for link in links:
            link.step(*[1.0] * ("Plateau" in type(link).__name__))
        seen.append(opt.lr if ours else opt.param_groups[0]["lr"])
    return seen


def test_every_schedule_is_chained():
    assert {row.schedule.__name__ for row in SCHEDULES.values()} <= CHAIN.keys()


@pytest.mark.parametrize("first", CHAIN)
@pytest.mark.parametrize("second", CHAIN)
def test_two_schedules_on_one_optimizer_agree(first, second):
    if first == second == "OneCycleLR":
        pytest.skip("PyTorch keeps its bounds in the optimizer, where the second overwrites those of the first")
    names = [first, second]
    np.testing.assert_allclose(rates(names, True), rates(names, False), rtol=1e-9, atol=1e-15)


def test_three_schedules_on_one_optimizer_agree():
    names = ["LinearWarmup", "CosineAnnealingLR", "ReduceLROnPlateau"]
    np.testing.assert_allclose(rates(names, True), rates(names, False), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", CHAIN)
@pytest.mark.parametrize("step", [0, 3, 6, 7, 16])
def test_a_rate_set_by_hand_is_kept_as_pytorch_keeps_it(name, step):
    by_hand = {step: 0.123}
    ours = rates([name], True, by_hand)
    np.testing.assert_allclose(ours, rates([name], False, by_hand), rtol=1e-9, atol=1e-15)


def test_warm_up_and_plateau():
    opt = scratch.SGD({"w": np.zeros(1)}, lr=0.1)
    warmup, plateau = scratch.LinearWarmup(opt, 0.1, 1.0, 3), scratch.ReduceLROnPlateau(opt, factor=0.5, patience=0)
    for _ in range(10):
        warmup.step()
        plateau.step(1.0)
    assert opt.lr == pytest.approx(0.1 / 2**9) == pytest.approx(0.000195, abs=1e-6)
