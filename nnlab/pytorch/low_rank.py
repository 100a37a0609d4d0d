"""Low-rank adapters: a large frozen layer, and a small trained change of it."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from nnlab.checks import need_size


class LowRank(nn.Module):
    """A frozen linear layer, or convolution of 1 x 1, plus a trained change of low rank.

        y = W x + b + B A x,   A (rank, in),  B (out, rank)

    A begins random and B with zeros, so that y begins unchanged. It trains rank * (in + out) parameters instead of
    in * out. Source: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", with alpha = rank."""

    def __init__(self, layer: nn.Linear | nn.Conv2d, rank: int):
        super().__init__()
        rank = need_size(rank, "rank")
        if not takes_adapter(layer):
            raise ValueError(
                f"An adapter goes around a Linear or a 1 x 1 convolution with stride 1 and no padding; got {layer}."
            )
        self.layer = layer.requires_grad_(False)
        if isinstance(layer, nn.Linear):
            self.down: nn.Module = nn.Linear(layer.in_features, rank, bias=False)
            self.up: nn.Linear | nn.Conv2d = nn.Linear(rank, layer.out_features, bias=False)
        else:
            self.down = nn.Conv2d(layer.in_channels, rank, 1, bias=False)
            self.up = nn.Conv2d(rank, layer.out_channels, 1, bias=False)
        nn.init.zeros_(self.up.weight)
        self.to(layer.weight)  # device and dtype

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x) + self.up(self.down(x))

    @property
    def weight(self) -> torch.Tensor:
        """W + B A: attention and PyTorch's fast paths read a layer's weight instead of calling it."""
        up, down = (next(part.parameters()).flatten(1) for part in (self.up, self.down))
        return self.layer.weight + (up @ down).reshape(self.layer.weight.shape)

    @property
    def bias(self) -> torch.Tensor | None:
        """The frozen layer's."""
        return self.layer.bias

    def merged(self) -> nn.Linear | nn.Conv2d:
        """A single layer that computes the same: W + B A instead of W. It costs nothing at prediction time."""
        layer = copy.deepcopy(self.layer)
        with torch.no_grad():
            layer.weight.copy_(self.weight)
        return layer


def takes_adapter(module: nn.Module) -> bool:
    """Whether `LowRank` can go around it."""
    if isinstance(module, nn.Conv2d):
        shape = tuple(module.kernel_size), tuple(module.stride), module.groups
        return shape == ((1, 1), (1, 1), 1) and module.padding in ((0, 0), "valid", "same")
    return isinstance(module, nn.Linear)


def add_low_rank(net: nn.Module, rank: int) -> int:
    """Freeze all of a network, put an adapter around each linear layer and 1 x 1 convolution in it, and return the
    number of parameters that train now. Changes `net`. Raises ValueError if it has no such layer, or has adapters."""
    if any(isinstance(module, LowRank) for module in net.modules()):
        raise ValueError("net has adapters already: merge_low_rank(net) makes them part of its layers.")
    found = [(parent, name) for parent in net.modules() for name, m in parent.named_children() if takes_adapter(m)]
    if not found:
        raise ValueError("net should have a Linear or a 1 x 1 convolution inside; it has none.")
    net.requires_grad_(False)
    for parent, name in found:
        setattr(parent, name, LowRank(getattr(parent, name), rank))
    return sum(p.numel() for p in net.parameters() if p.requires_grad)


def merge_low_rank(net: nn.Module) -> nn.Module:
    """A copy of a network in which each adapter has become part of its layer."""
    if isinstance(net, LowRank):
        return net.merged()
    net = copy.deepcopy(net)
    for parent in list(net.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, LowRank):
                setattr(parent, name, child.merged())
    return net


def factorised(layer: nn.Linear, rank: int) -> nn.Sequential:
    """Two thin layers in place of a large one: y = U (V x) + b, of all pairs the one nearest to W.

        W = sum_k s_k u_k v_k^T,   U = (sqrt(s_k) u_k),  V = (sqrt(s_k) v_k^T)   for the `rank` largest s_k

    It has rank * (in + out) weights instead of in * out, and the squared error of W is the sum of the other s_k^2.
    Raises ValueError for a rank outside 1 to min(in, out), TypeError for a layer that is no Linear. Source: Eckart and
    Young 1936."""
    if not isinstance(layer, nn.Linear):
        raise TypeError(f"layer should be an nn.Linear, got {type(layer).__name__}.")
    most = min(layer.weight.shape)
    if not need_size(rank, "rank") <= most:
        raise ValueError(f"rank should be from 1 to {most}, the smaller side of the weight, got {rank}.")
    weight = layer.weight.detach()
    wide = weight.to(torch.promote_types(weight.dtype, torch.float32))  # there is no decomposition in 16 bits
    u, s, v = torch.linalg.svd(wide, full_matrices=False)
    root = s[:rank].sqrt()
    where: dict[str, Any] = dict(device=weight.device, dtype=weight.dtype)
    down = nn.Linear(layer.in_features, rank, bias=False, **where)
    up = nn.Linear(rank, layer.out_features, bias=layer.bias is not None, **where)
    with torch.no_grad():
        down.weight.copy_(root[:, None] * v[:rank])
        up.weight.copy_(u[:, :rank] * root)
        if layer.bias is not None:
            up.bias.copy_(layer.bias)
    return nn.Sequential(down, up)
