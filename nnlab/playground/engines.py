"""The two engines by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnlab.playground.engine import Engine, Weights
from nnlab.playground.numpy_engine import NumpyEngine


def make_engine(
    name: str, weights: Weights, activations: Sequence[str], problem: str, optimizer: str, rng: np.random.Generator
) -> Engine:
    """The engine of that name. PyTorch is imported only when it is asked for."""
    if name == "numpy":
        return NumpyEngine(weights, activations, problem, optimizer, rng)
    from nnlab.playground.torch_engine import TorchEngine  # here: it takes a second, and may not be installed

    return TorchEngine(weights, activations, problem, optimizer, rng)
