"""What an engine is: it trains the network that the Playground shows, one mini-batch at a time.

An engine takes the initial weights and the row of the optimizer. `step(...)` takes one mini-batch and returns its
loss; `weights` and `gradients` are NumPy arrays, one (weight, bias) a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nnlab.scratch import INITIALISERS, Linear

Array = NDArray[Any]
Weights = list[tuple[Array, Array]]


@dataclass(frozen=True)
class StepSettings:
    """What may change from one step to the next: learning rate, penalty on the weights ("none", "L1" or "L2") with its
    strength `rate`, and `dropout`, the share of hidden neurons left out."""

    lr: float
    penalty: str = "none"
    rate: float = 0.0
    dropout: float = 0.0


class Engine(Protocol):
    """A network in training."""

    def step(self, x: Array, y: Array, settings: StepSettings) -> float:
        """Forward, backward and update on a mini-batch, x: (N, features), y: (N,). Returns its loss without penalty."""

    @property
    def weights(self) -> Weights:
        """The present weights and biases, from first to last layer: the network's own arrays, so that what is written
        into them is what it computes with and trains from."""

    @property
    def gradients(self) -> Weights | None:
        """Those of the last step; None before the first."""


def first_weights(sizes: Sequence[int], init: str, rng: np.random.Generator) -> Weights:
    """(weight (n_out, n_in), bias (n_out,)) of each layer between `sizes`.

    init: a row of INITIALISERS, with biases at zero, or "pytorch", which starts both as `torch.nn.Linear` does."""
    made = []
    for n_in, n_out in pairwise(sizes):
        if n_in == 0:  # all inputs are switched off
            made.append((np.zeros((n_out, 0)), np.zeros(n_out)))
        elif init == "pytorch":
            params = Linear(n_in, n_out, rng=rng).params
            made.append((params["weight"], params["bias"]))
        else:
            made.append((INITIALISERS[init].fn((n_out, n_in), rng=rng), np.zeros(n_out)))
    return made
