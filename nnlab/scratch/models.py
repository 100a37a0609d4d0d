"""Whole networks built of the layers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from . import init
from .activations import ACTIVATIONS, Elementwise
from .checks import need_rng, need_size, pick
from .linear import Linear
from .module import Layer, Sequential


class MLP(Sequential):
    """Multilayer perceptron: Linear layers of the given sizes with an activation between them, none at the end.

    MLP([20, 64, 32, 1], activation="relu", rng=rng). x: (N, sizes[0]) -> (N, sizes[-1]). Weights start by He's rule
    with the activation's gain, biases at zero.
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
