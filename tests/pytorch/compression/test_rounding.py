"""Training with rounded weights: PyTorch's values forward, a gradient as if nothing was rounded."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from nnlab.pytorch import CNN, MLP
from nnlab.pytorch.compression.rounding import FakeQuantize, add_fake_quantize, keep_rounded
from nnlab.scratch.compression.quantize import dequantize, quantization_grid, quantize


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("shape", [(6, 20), (5, 3, 3, 3)])
def test_forward_and_backward_are_pytorchs(shape, bits):
    torch.manual_seed(0)
    w = torch.randn(shape, requires_grad=True)
    twin = w.detach().clone().requires_grad_()
    for per_channel in (True, False):
        w.grad = twin.grad = None
        grid = quantization_grid(w.detach().numpy(), bits, axis=0 if per_channel else None)
        scale, zero = (torch.tensor(np.ravel(a)) for a in grid[:2])
        if per_channel:
            theirs = torch.fake_quantize_per_channel_affine(twin, scale.float(), zero.int(), 0, grid.low, grid.high)
        else:
            theirs = torch.fake_quantize_per_tensor_affine(twin, float(scale), int(zero), grid.low, grid.high)
        ours = FakeQuantize(bits, per_channel)(w)
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)
        exact = dequantize(quantize(w.detach().numpy(), grid), grid)
        np.testing.assert_allclose(ours.detach(), exact, atol=1e-5)
        up = torch.randn(shape)
        (ours * up).sum().backward()
        (theirs * up).sum().backward()
        torch.testing.assert_close(w.grad, twin.grad)


def test_a_network_trains_with_rounded_weights_and_keeps_them():
    torch.manual_seed(0)
    net = CNN(channels=(4,), hidden=6, size=8)
    before = copy.deepcopy(net.state_dict())
    assert add_fake_quantize(net, 3) is net
    opt, x, y = torch.optim.Adam(net.parameters(), lr=0.01), torch.randn(64, 1, 8, 8), torch.arange(64) % 10
    losses = []
    for _ in range(40):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.3
    answers = net.eval()(x)
    keep_rounded(net)
    assert net.state_dict().keys() == before.keys()
    torch.testing.assert_close(net(x), answers)
    for layer in (net[0], net[5], net[8]):
        assert all(len(row.unique()) <= 7 for row in layer.weight.detach().flatten(1))


@pytest.mark.parametrize("where", [dict(device="meta"), dict(dtype=torch.bfloat16)])
def test_any_device_and_type(where):
    net = add_fake_quantize(MLP([4, 3, 2]).to(**where), 4)
    out = net(torch.zeros(5, 4, **where))
    assert out.shape == (5, 2) and out.device.type == where.get("device", "cpu")


def test_zeros_stay_zeros_and_what_it_refuses():
    assert not FakeQuantize(4)(torch.zeros(2, 3)).any()
    with pytest.raises(ValueError, match="bits should be from 2 to 16, got 20"):
        FakeQuantize(20)
    with pytest.raises(ValueError, match="net should have a Linear or a Conv2d inside"):
        add_fake_quantize(nn.Sequential(nn.ReLU()), 4)
    assert repr(FakeQuantize(4)) == "FakeQuantize(bits=4, per_channel=True)"


def test_rounding_twice_is_refused():
    net = add_fake_quantize(nn.Sequential(nn.Linear(3, 3)), 8)
    with pytest.raises(ValueError, match="already"):
        add_fake_quantize(net, 2)
    add_fake_quantize(keep_rounded(net), 2)


def test_numpys_small_integers_count_bits_as_pythons_do():
    w = torch.tensor([[1.0, 0.3]])
    assert torch.equal(FakeQuantize(np.uint8(16))(w), FakeQuantize(16)(w))
