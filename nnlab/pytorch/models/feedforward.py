"""Multilayer perceptron. The NumPy original is `nnlab.scratch.MLP`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from ..tensor_checks import need_floating, need_positive, need_tensor_shape


class MLP(nn.Sequential):
    """Flatten, then Linear layers of the given sizes with ReLU and Dropout between them, none at the end.

    MLP([784, 128, 10]). x: (N, ...) with sizes[0] values in each row -> (N, sizes[-1]), logits or predictions.

    Raises ValueError for fewer than two sizes and for x of a different size, TypeError for x of whole numbers.
    """

    def __init__(self, sizes: Sequence[int], dropout: float = 0.0):
        if len(sizes) < 2:
            raise ValueError(f"sizes needs at least an input and an output, like [2, 8, 1]; got {list(sizes)}.")
        layers: list[nn.Module] = [nn.Flatten()]
        for n_in, n_out in pairwise(sizes):
            layers += [nn.ReLU(), nn.Dropout(dropout)] if len(layers) > 1 else []
            layers.append(nn.Linear(need_positive(n_in, "each size"), need_positive(n_out, "each size")))
        super().__init__(*layers)
        self.in_features = sizes[0]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if isinstance(x, torch.Tensor) and x.dim() > 1:
            x = x.flatten(1)
        need_tensor_shape(x, self, "N in_features", in_features=self.in_features)
        need_floating(x, self)
        return super().forward(x)
