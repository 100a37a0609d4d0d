"""Transfer: what is frozen stays, what is cached is never stale, and an interrupted run continues."""

import numpy as np
import pytest
import torch
from torch import nn

from nnlab.pytorch.tuning import FrozenStatistics, Preparation, Stage, frozen, parameter_groups, transfer

PREPARE = Preparation(size=8)
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (40, 4, 4, 3)).astype(np.uint8)
LABELS = (IMAGES.mean(axis=(1, 2, 3)) > 127).astype(int)
DATA, VALIDATION = (IMAGES[:30], LABELS[:30]), (IMAGES[30:], LABELS[30:])


def small() -> nn.Sequential:
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()),
        nn.Sequential(nn.Conv2d(4, 5, 3), nn.BatchNorm2d(5), nn.ReLU()),
        nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    )
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
    return net.eval()


def head() -> nn.Linear:
    torch.manual_seed(1)
    return nn.Linear(5, 2)


def run(stages, **how):
    return transfer(small(), head(), DATA, VALIDATION, stages, prepare=PREPARE, batch_size=16, **how)


def equal(one: nn.Module, other: nn.Module) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def moved(found) -> set[str]:
    """The layers that differ from the backbone's."""
    before, after = small().state_dict(), found.net.state_dict()
    return {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}


# ------------------------------------------------------------------------------------------------- preparation


def test_a_picture_is_scaled_as_the_formula_says():
    x = Preparation(4, mean=(100.0, 127.0, 0.0), std=(2.0, 128.0, 255.0))(IMAGES[:2])
    wanted = (IMAGES[:2].astype(float) - [100, 127, 0]) / [2, 128, 255]
    np.testing.assert_allclose(x.cpu(), wanted.transpose(0, 3, 1, 2), rtol=1e-5, atol=1e-6)
    assert Preparation(32)(IMAGES[:2]).shape == (2, 3, 32, 32)


@pytest.mark.parametrize("bad", [IMAGES / 255, IMAGES[0], IMAGES.transpose(0, 3, 1, 2)])
def test_other_pictures_are_refused(bad):
    with pytest.raises(ValueError, match=r"images should be \(N, H, W, 3\) uint8; got"):
        PREPARE(bad)


# ------------------------------------------------------------------------------------------------- cache


class Counted(Preparation):
    """A preparation that counts its pictures."""

    seen = 0

    def __call__(self, images):
        Counted.seen += len(images)
        return super().__call__(images)


def test_the_cache_is_read_and_never_stale(tmp_path):
    net, prepare = small(), Counted(8)

    def computed(*args) -> int:
        Counted.seen = 0
        frozen(*args, tmp_path)
        return Counted.seen

    first = frozen(net, IMAGES, prepare, tmp_path)
    assert computed(net, IMAGES.copy(), prepare) == 0
    torch.testing.assert_close(frozen(net, IMAGES, prepare, tmp_path), first, atol=0, rtol=0)
    assert computed(net, IMAGES[:39], prepare) == 39
    assert computed(net, IMAGES, Counted(16)) == 40
    assert computed(net, IMAGES, Counted(8, std=(1.0, 1.0, 1.0))) == 40
    assert computed(net[:2], IMAGES, prepare) == 40
    with torch.no_grad():
        net[0][0].bias += 1e-3
    assert computed(net, IMAGES, prepare) == 40
    net[1][1].running_mean += 0.1  # a buffer counts, too
    assert computed(net, IMAGES, prepare) == 40
    assert len(list(tmp_path.iterdir())) == 7


def test_frozen_layers_are_in_evaluation_mode_and_come_back_in_theirs():
    net = small().train()
    before = net[0][1].running_mean.clone()
    found = frozen(net, IMAGES, PREPARE, batch_size=7)
    assert net.training and net[0][1].training and torch.equal(before, net[0][1].running_mean)
    torch.testing.assert_close(found, small()(PREPARE(IMAGES)).detach(), atol=1e-6, rtol=1e-5)
    assert not found.requires_grad


# ------------------------------------------------------------------------------------------------- groups


def test_rates_fall_with_depth():
    layers = [nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 3), nn.Linear(3, 4)]
    layers[2].weight.requires_grad_(False)
    found = parameter_groups(layers, 0.8, 0.5)
    assert [group["lr"] for group in found] == pytest.approx([0.1, 0.4, 0.8])
    assert [sum(p.numel() for p in group["params"]) for group in found] == [6, 3, 16]
    for fall in (0, 1.5):
        with pytest.raises(ValueError, match="fall should be above 0 and at most 1"):
            parameter_groups(layers, 0.1, fall)


# ------------------------------------------------------------------------------------------------- transfer


def test_only_the_head_trains_at_first():
    found = run([Stage(0, 3, 0.05)])
    assert moved(found) == set() and not torch.equal(found.net.head.weight, head().weight)
    assert [len(history) for history in found.histories] == [3] and not found.net.training


def test_then_the_last_layers_and_their_statistics_stay():
    stages = [Stage(0, 2, 0.05), Stage(2, 2, 0.01)]
    kept, awake = run(stages), run(stages, keep_statistics=False)
    assert moved(kept) == {"1"}  # the last layer has nothing that trains
    before = small()[1][1]
    assert torch.equal(kept.net[1][1].running_mean, before.running_mean)
    assert not torch.equal(kept.net[1][1].weight, before.weight)
    assert not torch.equal(awake.net[1][1].running_mean, before.running_mean)


def test_the_whole_is_what_its_parts_were():
    """Training on cached activations is training the whole network with the first layer frozen."""
    found = run([Stage(2, 3, 0.02)], fall=1.0)
    net = FrozenStatistics(*small(), head())
    net[0].requires_grad_(False)
    opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=0.02, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6)
    from nnlab.pytorch import tensors, train

    x = [PREPARE(part[0]).numpy() for part in (DATA, VALIDATION)]
    parts = [tensors(a, part[1]) for a, part in zip(x, (DATA, VALIDATION), strict=True)]
    train(net, *parts, opt, epochs=3, batch_size=16, schedule=schedule, progress=False)
    torch.testing.assert_close(found.net.head.weight, net[3].weight, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(found.net[1][0].weight, net[1][0].weight, atol=1e-5, rtol=1e-4)


def test_yours_stay_as_they_are():
    backbone, last = small(), head()
    transfer(backbone, last, DATA, VALIDATION, [Stage(3, 1, 0.1)], prepare=PREPARE)
    for mine, again in ((backbone, small()), (last, head())):
        assert all(
            torch.equal(a, b) for a, b in zip(mine.state_dict().values(), again.state_dict().values(), strict=True)
        )


def test_what_is_frozen_beforehand_stays():
    backbone = small()
    backbone[1][0].requires_grad_(False)
    found = transfer(backbone, head(), DATA, VALIDATION, [Stage(3, 2, 0.05)], prepare=PREPARE)
    assert torch.equal(found.net[1][0].weight, backbone[1][0].weight)
    assert not torch.equal(found.net[0][0].weight, backbone[0][0].weight)


def test_the_same_call_continues(tmp_path, monkeypatch):
    stages = [Stage(0, 2, 0.05), Stage(2, 3, 0.01)]
    whole = run(stages)
    real, left = torch.optim.AdamW.step, [7]

    def step(self, *args, **kwargs):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return real(self, *args, **kwargs)

    monkeypatch.setattr(torch.optim.AdamW, "step", step)
    with pytest.raises(KeyboardInterrupt):
        run(stages, folder=tmp_path)  # in the second stage
    left[0] = 10**6
    again = run(stages, folder=tmp_path)
    assert 10**6 - left[0] == 4  # of ten steps, six were saved
    assert all(
        torch.equal(a, b) for a, b in zip(whole.net.state_dict().values(), again.net.state_dict().values(), strict=True)
    )
    assert [len(history) for history in again.histories] == [2, 3]


@pytest.mark.parametrize("change", [dict(fall=0.3), dict(seed=1), dict(weight_decay=0.1), dict(keep_statistics=False)])
def test_another_run_does_not_continue_this_one(tmp_path, change):
    stages = [Stage(0, 1, 0.05), Stage(2, 1, 0.01)]
    run(stages, folder=tmp_path)
    fresh, beside = run(stages, **change), run(stages, folder=tmp_path, **change)
    assert torch.equal(fresh.net[1][0].weight, beside.net[1][0].weight)


def test_options_reach_train():
    found = run([Stage(0, 20, 0.5)], patience=1, amp="bfloat16")
    assert len(found.histories[0]) < 20
    with pytest.raises(TypeError, match="train has no option patiense; did you mean patience"):
        run([Stage(0, 1, 0.1)], patiense=1)


@pytest.mark.parametrize("layers", [[], [2, 1], [4]])
def test_stages_that_cannot_work(layers):
    with pytest.raises(ValueError, match="stages should train more and more layers, at most 3"):
        run([Stage(n, 1, 0.1) for n in layers])


def test_bad_numbers():
    with pytest.raises(ValueError, match="layers should be at least 0"):
        run([Stage(-1, 1, 0.1)])
    with pytest.raises(ValueError, match="fall should be above 0"):
        run([Stage(0, 1, 0.1)], fall=0.0)


@pytest.mark.parametrize("labels", [LABELS[:30] + 0.7, LABELS[:5]])
def test_labels_that_are_no_classes_or_too_few_are_refused(labels):
    with pytest.raises((TypeError, ValueError), match="labels"):  # 0.7 was trained as class 0
        transfer(small(), nn.Linear(4, 2), (IMAGES[:30], labels), VALIDATION, [Stage(0, 1, 0.1)], prepare=PREPARE)


def test_a_preparation_that_divides_by_zero_is_refused():
    with pytest.raises(ValueError, match="std above 0"):
        Preparation(std=(0.0, 1.0, 1.0))
