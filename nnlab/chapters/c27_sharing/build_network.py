"""An architecture of `space.py` as a PyTorch network."""

from __future__ import annotations

from torch import nn

from .space import CLASSES, SIDE, Architecture, channels, checked


def network(genes: Architecture) -> nn.Sequential:
    """x: (N, 1, 14, 14) -> logits (N, 10). Raises ValueError for genes that the space does not have."""
    genes = checked(genes)
    layers: list[nn.Module] = []
    before, side = 1, SIDE
    for n in channels(genes):
        layers.append(nn.Conv2d(before, n, genes.kernel, padding=genes.kernel // 2, bias=not genes.norm))
        layers += [nn.BatchNorm2d(n)] if genes.norm else []
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
        before, side = n, side // 2
    width = before * side * side
    layers.append(nn.Flatten())
    if genes.hidden:
        layers += [nn.Linear(width, genes.hidden), nn.ReLU()]
        width = genes.hidden
    return nn.Sequential(*layers, nn.Linear(width, CLASSES))
