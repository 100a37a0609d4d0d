"""Whole networks built of the layers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from nnlab.checks import need_rng, need_size, pick

from . import init
from .activations import ACTIVATIONS, Elementwise
from .layers.conv import Conv2d
from .layers.dropout import Dropout, Flatten
from .layers.elementwise import ReLU
from .layers.linear import Linear
from .layers.norm import BatchNorm2d
from .layers.pool import MaxPool2d
from .module import Layer, Sequential


class MLP(Sequential):
    """Multilayer perceptron: Linear layers of the given sizes with an activation between them, none at the end.

    MLP([20, 64, 32, 1], activation="relu", rng=rng). x: (N, sizes[0]) -> (N, sizes[-1]). Weights start by He's rule
    with the activation's gain, biases at zero. Raises ValueError for fewer than two sizes or an unknown activation.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        *,
        rng: np.random.Generator,
        dtype: Any = np.float64,
    ):
        if len(sizes) < 2:
            raise ValueError(f"sizes needs at least an input and an output, like [2, 8, 1]; got {list(sizes)}.")
        pick(ACTIVATIONS, activation, "activation")
        need_rng(rng)
        gain = init.GAINS.get(activation, init.GAINS["relu"])
        layers: list[Layer] = []
        for n_in, n_out in pairwise(sizes):
            if layers:
                layers.append(Elementwise(activation))
            linear = Linear(need_size(n_in, "each size"), need_size(n_out, "each size"), rng=rng, dtype=dtype)
            linear.params["weight"][...] = init.kaiming_normal((n_out, n_in), gain, rng=rng)
            linear.params["bias"][...] = 0
            layers.append(linear)
        super().__init__(*layers)


class CNN(Sequential):
    """Convolutional network for pictures of `size` x `size`. Twin: `nnlab.pytorch.CNN`, with the same arguments.

    For each entry of `channels`: Conv2d that keeps the size, BatchNorm2d, ReLU, MaxPool2d(2); then Flatten, Linear,
    ReLU, Dropout, Linear. x: (N, in_channels, size, size) -> logits (N, classes). In front of a BatchNorm2d the
    convolution has no bias, since the normalisation would subtract it again. kernel_size is odd, so that padding of
    kernel_size // 2 keeps the size. Raises ValueError where pooling would leave nothing.
    """

    def __init__(
        self,
        in_channels: int = 1,
        classes: int = 10,
        channels: Sequence[int] = (8, 16),
        hidden: int = 32,
        size: int = 28,
        kernel_size: int = 3,
        batch_norm: bool = True,
        dropout: float = 0.0,
        *,
        rng: np.random.Generator,
        dtype: Any = np.float64,
    ):
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size should be odd, so that the picture keeps its size; got {kernel_size}.")
        side = need_size(size, "size") // 2 ** len(channels)
        if side < 1:
            raise ValueError(f"{len(channels)} poolings leave nothing of {size} pixels: use fewer channels.")
        layers: list[Layer] = []
        for n_in, n_out in pairwise((in_channels, *channels)):
            layers.append(
                Conv2d(n_in, n_out, kernel_size, 1, kernel_size // 2, bias=not batch_norm, rng=rng, dtype=dtype)
            )
            layers += [BatchNorm2d(n_out, dtype=dtype)] if batch_norm else []
            layers += [ReLU(), MaxPool2d(2)]
        width = (in_channels, *channels)[-1] * side * side
        layers += [Flatten(), Linear(width, hidden, rng=rng, dtype=dtype), ReLU(), Dropout(dropout, rng=rng)]
        super().__init__(*layers, Linear(hidden, classes, rng=rng, dtype=dtype))
