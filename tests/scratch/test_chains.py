"""Schedules in a chain resume, and a checkpoint goes where a path as people write it says."""

import numpy as np
import pytest

from nnlab.scratch import (
    MLP,
    SGD,
    CosineAnnealingLR,
    ExponentialLR,
    MSELoss,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
    fit,
    load_checkpoint,
    save_checkpoint,
)


def fresh():
    return {"weight": np.ones((2, 3)), "bias": np.ones(2)}


def test_schedules_in_a_chain_resume():
    def make():
        opt = SGD(fresh(), lr=0.2)
        plan = SequentialLR(opt, [ExponentialLR(opt, 0.9), CosineAnnealingLR(opt, 9), StepLR(opt, 2)], [3, 8])
        return opt, plan, ReduceLROnPlateau(opt, factor=0.5, patience=1)

    def go(opt, plan, plateau, steps):
        seen = []
        for _ in range(steps):
            plan.step()
            plateau.step(1.0)
            seen.append(opt.lr)
        return seen

    whole = go(*make(), 15)
    for stop in (2, 3, 5, 8, 9):
        first, second = make(), make()
        start = go(*first, stop)
        for old, new in zip(first, second, strict=True):
            new.load_state_dict(old.state_dict())
        assert start + go(*second, 15 - stop) == whole


def test_a_sequence_takes_schedules_of_its_own_optimizer():
    opt = SGD(fresh(), lr=0.1)
    with pytest.raises(ValueError, match="number 1 of SequentialLR was made for a different optimizer"):
        SequentialLR(opt, [StepLR(opt, 2), StepLR(SGD(fresh()), 2)], [3])
    with pytest.raises(TypeError, match="schedules that count steps; number 1 is ReduceLROnPlateau"):
        SequentialLR(opt, [StepLR(opt, 2), ReduceLROnPlateau(opt)], [3])
    assert opt.lr == 0.1


@pytest.mark.parametrize("name", ["~/deep/run.npz", "$HOME/deep/run.npz", "${HOME}/deep/run.npz"])
def test_a_checkpoint_in_the_home_folder(name, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    net = MLP([2, 2], rng=rng)
    opt = SGD(net.params)
    (step,) = fit(net, MSELoss(), opt, np.ones((1, 2)), np.ones((1, 2)), epochs=1, batch_size=1, rng=rng)
    save_checkpoint(name, net, opt, step, rng=rng)
    assert [p.name for p in tmp_path.iterdir()] == ["deep"] and (tmp_path / "deep" / "run.npz").is_file()
    assert load_checkpoint(name, net, opt, rng=rng) == step
