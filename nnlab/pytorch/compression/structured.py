"""Structured pruning: whole units and channels go, and what is left is a smaller network of the ordinary kind."""

from __future__ import annotations

import copy

import torch
from torch import nn

from nnlab.checks import need_number

WEIGHTED = (nn.Linear, nn.Conv2d)


def narrow(net: nn.Sequential, keep: float) -> nn.Sequential:
    """A copy of a chain of layers in which each layer but the last keeps the share `keep` of its units or channels,
    those whose incoming weights have the largest L2 norm; at least one. What read the others is cut too.

    The chain may hold Linear, Conv2d, BatchNorm1d, BatchNorm2d, Flatten and layers without parameters. Raises
    ValueError for another layer with parameters, a convolution in groups, a weight that is computed from another one
    (pruned or rounded) and a share outside 0 to 1; TypeError for a net that is no nn.Sequential.

    Source: Li et al. 2017, "Pruning Filters for Efficient ConvNets", which takes L1."""
    if not isinstance(net, nn.Sequential):
        raise TypeError(f"net should be an nn.Sequential, whose layers follow one another; got {type(net).__name__}.")
    keep, layers = need_number(keep, "keep", 0.0, 1.0), list(net)
    last = max((k for k, layer in enumerate(layers) if isinstance(layer, WEIGHTED)), default=-1)
    made: list[nn.Module] = []
    units: torch.Tensor | None = None  # of the values that come in, those that are left
    width = 0  # and how many there were
    for k, layer in enumerate(layers):
        reads = {nn.Linear: "in_features", nn.BatchNorm1d: "num_features"}.get(type(layer))
        if reads and units is not None and getattr(layer, reads) > width:  # a flattened picture
            pixels = torch.arange(getattr(layer, reads) // width, device=units.device)
            units, width = (units[:, None] * len(pixels) + pixels).flatten(), getattr(layer, reads)
        if isinstance(layer, WEIGHTED):
            if "weight" not in dict(layer.named_parameters(recurse=False)):
                raise ValueError(
                    f"The weight of {layer} is computed from another one: call keep_rounded(net), or "
                    "torch.nn.utils.prune.remove, first."
                )
            out = None if k == last else strongest(layer, keep)
            made.append(_cut(layer, out, units))
            units, width = out, layer.weight.shape[0]
        elif isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
            made.append(_cut_norm(layer, units))
        elif next(layer.parameters(), None) is not None:
            raise ValueError(
                f"net should hold Linear, Conv2d and BatchNorm layers, and some without parameters: {layer}."
            )
        else:
            made.append(copy.deepcopy(layer))
    small = nn.Sequential(*made)
    small.training = net.training  # its parts have their own
    return small


def strongest(layer: nn.Linear | nn.Conv2d, keep: float) -> torch.Tensor:
    """The numbers of its round(keep * out) units with the largest L2 norm of incoming weights, rising; at least one."""
    norms = layer.weight.detach().flatten(1).norm(dim=1)
    return norms.topk(max(1, round(keep * len(norms)))).indices.sort().values


def _cut(layer: nn.Linear | nn.Conv2d, out: torch.Tensor | None, units: torch.Tensor | None) -> nn.Module:
    """Rows `out` and columns `units` of a layer's weights; None for all."""
    if isinstance(layer, nn.Conv2d) and layer.groups != 1:
        raise ValueError(f"net should have convolutions without groups; got {layer}.")
    small, weight = copy.deepcopy(layer), layer.weight.detach()
    weight = weight if out is None else weight[out]
    weight = weight if units is None else weight[:, units]
    small.weight = nn.Parameter(weight.clone(), layer.weight.requires_grad)
    if layer.bias is not None and out is not None:
        small.bias = nn.Parameter(layer.bias.detach()[out].clone(), layer.bias.requires_grad)
    if isinstance(small, nn.Linear):
        small.out_features, small.in_features = weight.shape
    else:
        small.out_channels, small.in_channels = weight.shape[:2]
    return small


def _cut_norm(layer: nn.BatchNorm1d | nn.BatchNorm2d, units: torch.Tensor | None) -> nn.Module:
    small = copy.deepcopy(layer)
    if units is None:
        return small
    small.num_features = len(units)
    for name, value in (*layer.named_parameters(), *layer.named_buffers()):
        if value.dim():
            cut = value.detach()[units].clone()
            setattr(small, name, nn.Parameter(cut, value.requires_grad) if isinstance(value, nn.Parameter) else cut)
    return small
