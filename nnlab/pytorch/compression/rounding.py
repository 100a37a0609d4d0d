"""Weights of a few bits, and training with them: forward rounded, backward as if nothing had been rounded."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils import parametrize

from nnlab.checks import need_size

WEIGHTED = (nn.Linear, nn.Conv2d)


class FakeQuantize(nn.Module):
    """Rounds a weight to a symmetric grid of 2^bits - 1 values and back to floating point.

        s = max|w| / (2^(bits-1) - 1),   w -> s round(w / s)

    per_channel: a scale for each unit or output channel, else one. The gradient passes unchanged (the straight-through
    estimator), since that of rounding is 0 almost everywhere. Any device and floating type. Raises ValueError for bits
    outside 2 to 16. Source: Bengio, Leonard and Courville 2013; Jacob et al. 2018."""

    def __init__(self, bits: int = 8, per_channel: bool = True):
        super().__init__()
        self.bits, self.per_channel = need_size(bits, "bits", 2), per_channel
        if self.bits > 16:
            raise ValueError(f"bits should be from 2 to 16, got {bits}.")

    def forward(self, w: torch.Tensor) -> torch.Tensor:
        axes = tuple(range(1, w.dim())) if self.per_channel else tuple(range(w.dim()))
        scale = w.detach().abs().amax(axes, keepdim=True) / (2 ** (self.bits - 1) - 1)
        scale = torch.where(scale > 0, scale, torch.ones_like(scale))
        return w + ((w / scale).round() * scale - w).detach()

    def extra_repr(self) -> str:
        return f"bits={self.bits}, per_channel={self.per_channel}"


def add_fake_quantize(net: nn.Module, bits: int, per_channel: bool = True) -> nn.Module:
    """Let each Linear and Conv2d of a network use its weight rounded, and train what is behind it. Changes `net`, and
    returns it. Raises ValueError if it has no such layer, or if they are rounded already."""
    if any(isinstance(module, FakeQuantize) for module in net.modules()):
        raise ValueError("net rounds its weights already: call keep_rounded(net) first, or begin with a copy.")
    found = [module for module in net.modules() if isinstance(module, WEIGHTED)]
    if not found:
        raise ValueError("net should have a Linear or a Conv2d inside; it has none.")
    for layer in found:
        parametrize.register_parametrization(layer, "weight", FakeQuantize(bits, per_channel))
    return net


def keep_rounded(net: nn.Module) -> nn.Module:
    """After `add_fake_quantize`: make the rounded weights the network's own. Changes `net`, and returns it."""
    for module in net.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
    return net
