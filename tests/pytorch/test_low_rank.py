"""Adapters: unchanged at first, few parameters, and one matrix again."""

import pytest
import torch
from torch import nn

from nnlab.pytorch.low_rank import LowRank, add_low_rank, factorised, merge_low_rank


def trained(net: nn.Module) -> nn.Module:
    """Adapters that do something."""
    for module in net.modules():
        if isinstance(module, LowRank):
            nn.init.normal_(module.up.weight, std=0.5)
    return net


@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (nn.Linear(5, 7), torch.randn(3, 5)),
        (nn.Linear(5, 7, bias=False), torch.randn(2, 3, 5)),
        (nn.Conv2d(5, 7, 1), torch.randn(2, 5, 3, 3)),
    ],
)
def test_it_begins_unchanged_and_merges(layer, x):
    torch.manual_seed(0)
    wrapped = LowRank(layer, 2)
    torch.testing.assert_close(wrapped(x), layer(x))
    assert sum(p.numel() for p in wrapped.parameters() if p.requires_grad) == 2 * (5 + 7)
    before = layer.weight.clone()
    trained(wrapped)
    assert not torch.allclose(wrapped(x), layer(x))
    torch.testing.assert_close(wrapped.merged()(x), wrapped(x), atol=1e-5, rtol=1e-5)
    assert torch.equal(layer.weight, before) and type(wrapped.merged()) is type(layer)


def test_the_change_has_the_rank():
    wrapped = trained(LowRank(nn.Linear(9, 8), 3))
    change = wrapped.merged().weight - wrapped.layer.weight
    assert torch.linalg.matrix_rank(change.detach(), rtol=1e-4) == 3


def test_a_whole_network():
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Sequential(nn.Conv2d(8, 6, 1), nn.Flatten()), nn.Linear(24, 4)
    ).eval()
    x = torch.randn(2, 3, 4, 4)
    before = net(x)
    assert add_low_rank(net, 2) == 2 * (8 + 6) + 2 * (24 + 4)
    torch.testing.assert_close(net(x), before)
    net(x).sum().backward()
    assert all((p.grad is not None) == p.requires_grad for p in net.parameters())
    merged = merge_low_rank(trained(net))
    torch.testing.assert_close(merged(x), net(x), atol=1e-5, rtol=1e-5)
    assert not any(isinstance(m, LowRank) for m in merged.modules()) and isinstance(net[3], LowRank)


def test_what_takes_no_adapter():
    for layer in (nn.Conv2d(4, 4, 3), nn.Conv2d(4, 4, 1, stride=2), nn.Conv2d(4, 4, 1, groups=2), nn.ReLU()):
        with pytest.raises(ValueError, match="An adapter goes around a Linear or a 1 x 1 convolution"):
            LowRank(layer, 2)
    with pytest.raises(ValueError, match="rank should be at least 1, got 0"):
        LowRank(nn.Linear(2, 2), 0)
    with pytest.raises(ValueError, match="net should have a Linear or a 1 x 1 convolution inside"):
        add_low_rank(nn.Sequential(nn.Conv2d(3, 3, 3)), 2)


def test_two_thin_layers_are_the_nearest_of_their_rank():
    torch.manual_seed(0)
    layer, x = nn.Linear(9, 7), torch.randn(4, 9)
    torch.testing.assert_close(factorised(layer, 7)(x), layer(x), atol=1e-5, rtol=1e-5)
    s = torch.linalg.svdvals(layer.weight.detach())
    for rank in (1, 3, 6):
        thin = factorised(layer, rank)
        assert sum(p.numel() for p in thin.parameters()) == rank * (9 + 7) + 7
        error = ((thin[1].weight @ thin[0].weight - layer.weight) ** 2).sum()
        torch.testing.assert_close(error, (s[rank:] ** 2).sum(), atol=1e-5, rtol=1e-4)
    assert factorised(nn.Linear(4, 3, bias=False).to(torch.bfloat16), 2)[1].weight.dtype == torch.bfloat16
    assert factorised(nn.Linear(4, 3, device="meta"), 2)(torch.zeros(2, 4, device="meta")).shape == (2, 3)


def test_what_cannot_be_factorised():
    for rank in (0, 4):
        with pytest.raises(ValueError, match="rank should be"):
            factorised(nn.Linear(4, 3), rank)
    with pytest.raises(TypeError, match=r"layer should be an nn.Linear, got Conv2d"):
        factorised(nn.Conv2d(4, 3, 1), 2)


def test_attention_reads_the_weight_with_its_change():
    torch.manual_seed(0)
    net, x = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.0), torch.rand(2, 3, 8)
    add_low_rank(net, 2)
    trained(net)
    merged = merge_low_rank(net)
    assert torch.allclose(net(x), merged(x), atol=1e-6)
    with torch.no_grad():  # PyTorch's fast path
        assert torch.allclose(net.eval()(x), merged.eval()(x), atol=1e-6)


def test_adapters_go_on_once_and_not_around_padding():
    net = nn.Sequential(nn.Linear(3, 3))
    add_low_rank(net, 1)
    with pytest.raises(ValueError, match="already"):
        add_low_rank(net, 1)
    with pytest.raises(ValueError, match="no padding"):
        LowRank(nn.Conv2d(3, 4, 1, padding=1), 2)
    assert isinstance(merge_low_rank(LowRank(nn.Linear(3, 3), 1)), nn.Linear)


def test_a_float64_layer_is_decomposed_in_float64():
    layer = nn.Linear(30, 20).double()
    x = torch.randn(5, 30).double()
    assert torch.allclose(factorised(layer, 20)(x), layer(x), atol=1e-12)
