"""Narrow networks compute what the wide ones would with those units alone."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from nnlab.pytorch import CNN, MLP
from nnlab.pytorch.compression.structured import narrow, strongest


def silenced(net: nn.Sequential, keep: float) -> nn.Sequential:
    """The wide network in which units that go answer 0 for every input: weights, bias and normalisation."""
    net = copy.deepcopy(net)
    layers = [m for m in net if isinstance(m, nn.Linear | nn.Conv2d)]
    with torch.no_grad():
        for layer in layers[:-1]:
            gone = torch.ones(len(layer.weight), dtype=torch.bool)
            gone[strongest(layer, keep)] = False
            follower = list(net)[list(net).index(layer) + 1]
            parts = [layer.weight, layer.bias]
            if isinstance(follower, nn.BatchNorm2d):
                parts += [follower.weight, follower.bias]
            for part in parts:
                if part is not None:
                    part[gone] = 0
    return net


@pytest.mark.parametrize("keep", [1.0, 0.5, 0.2, 0.0])
@pytest.mark.parametrize("kind", ["mlp", "cnn", "cnn without normalisation"])
def test_it_is_the_wide_network_with_silent_units(kind, keep):
    torch.manual_seed(0)
    if kind == "mlp":
        net, x = MLP([12, 9, 7, 3], 0.2), torch.randn(5, 12)
    else:
        net = CNN(channels=(6, 8), hidden=10, size=12, batch_norm=kind == "cnn")
        x = torch.randn(4, 1, 12, 12)
        net.train()(x)  # running statistics that are not 0 and 1
    net.eval()
    small = narrow(net, keep)
    torch.testing.assert_close(small(x), silenced(net, keep)(x), atol=1e-5, rtol=1e-5)
    assert not small.training
    if keep == 0.5 and kind == "mlp":
        assert [m.out_features for m in small if isinstance(m, nn.Linear)] == [4, 4, 3]
    small.train()(x).sum().backward()
    assert all(p.grad is not None for p in small.parameters())
    assert all(p.grad is None for p in net.parameters())


def test_the_units_are_those_of_pytorchs_ln_structured():
    torch.manual_seed(0)
    layer = nn.Conv2d(3, 10, 3)
    kept = strongest(layer, 0.6)
    prune.ln_structured(layer, "weight", amount=0.4, n=2, dim=0)
    assert kept.tolist() == layer.weight_mask.flatten(1).any(dim=1).nonzero().flatten().tolist()


@pytest.mark.parametrize("where", [dict(device="meta"), dict(dtype=torch.bfloat16)])
def test_any_device_and_type(where):
    small = narrow(CNN().to(**where), 0.5)
    assert small(torch.zeros(2, 1, 28, 28, **where)).shape == (2, 10)


def test_what_it_refuses():
    with pytest.raises(TypeError, match=r"net should be an nn.Sequential"):
        narrow(nn.Linear(2, 2), 0.5)
    with pytest.raises(ValueError, match="keep should be from 0 to 1, got"):
        narrow(MLP([2, 2]), 2.0)
    with pytest.raises(ValueError, match="convolutions without groups"):
        narrow(nn.Sequential(nn.Conv2d(2, 2, 1, groups=2)), 0.5)
    with pytest.raises(ValueError, match="net should hold Linear, Conv2d and BatchNorm layers"):
        narrow(nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2), nn.Linear(2, 2)), 0.5)


def test_batch_norm_behind_flatten_loses_the_pixels_of_a_channel():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.BatchNorm1d(64), nn.Linear(64, 3)).eval()
    with torch.no_grad():
        net[0].weight[1:3] = 0  # two channels answer nothing
        net[0].bias[1:3] = 0
        net[2].running_mean.normal_()
        x, channel = torch.rand(2, 1, 6, 6), torch.arange(64) // 16
        net[3].weight[:, (channel == 1) | (channel == 2)] = 0
        assert torch.allclose(narrow(net, 0.5)(x), net(x), atol=1e-6)


def test_what_is_frozen_stays_frozen_and_in_its_mode():
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)).requires_grad_(False)
    net[1].eval()
    small = narrow(net, 0.5)
    assert not any(p.requires_grad for p in small.parameters())
    assert small.training and not small[1].training


def test_a_weight_that_is_computed_is_refused():
    net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    prune.l1_unstructured(net[0], "weight", 0.5)
    with pytest.raises(ValueError, match="computed"):
        narrow(net, 0.5)
