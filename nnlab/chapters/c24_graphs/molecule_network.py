"""The trained network of the molecules in NumPy: what it predicts, and what each atom contributes."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.datasets import solubility_weights
from nnlab.scratch import segment_sum

Array = NDArray[Any]
EPS = 1e-5  # of PyTorch's BatchNorm1d


class SolubilityNetwork:
    """The NumPy twin of `nnlab.pytorch.graph_models.MoleculeNet` in evaluation mode; weights: by its names."""

    def __init__(self, weights: dict[str, Array]):
        self.weights = {name: value.astype(np.float64) for name, value in weights.items()}
        self.layers = sum(name.startswith("norms.") and name.endswith(".weight") for name in weights)

    def _linear(self, name: str, x: Array) -> Array:
        return np.asarray(x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"])

    def shares(self, x: Array, edge_index: Array, edge_attr: Array) -> Array:
        """(A,) what each atom contributes, in log10 of mol per litre: a molecule's prediction is its atoms' mean."""
        w = self.weights
        source, target = edge_index
        h = self._linear("enter", x)
        for k in range(self.layers):
            messages = np.maximum(h[source] + self._linear(f"convs.{k}.lin", edge_attr), 0)
            z = h + segment_sum(messages, target, len(h))
            z = self._linear(f"convs.{k}.nn.2", np.maximum(self._linear(f"convs.{k}.nn.0", z), 0))
            z = (z - w[f"norms.{k}.running_mean"]) / np.sqrt(w[f"norms.{k}.running_var"] + EPS)
            h = h + np.maximum(z * w[f"norms.{k}.weight"] + w[f"norms.{k}.bias"], 0)
        z = self._linear("head.2", np.maximum(self._linear("head.0", h), 0))[:, 0]
        return np.asarray(w["center"] + w["scale"] * z)


@cache
def trained_network() -> SolubilityNetwork:
    """The network of data/graphs.npz."""
    return SolubilityNetwork(solubility_weights())
