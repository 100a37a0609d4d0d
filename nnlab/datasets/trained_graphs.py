"""What data/train_graphs.py recorded for chapter 24: graph networks that were trained beforehand."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .files import find

Array = NDArray[Any]


class GraphRuns(NamedTuple):
    """What `graph_runs` returns; its docstring has shapes and units."""

    cures: list[str]
    depths: Array
    accuracy: Array
    loss: Array
    apart: Array
    kinds: list[str]
    folds: Array
    test: Array
    untidy: Array
    sizes: Array
    curves: Array


def graph_runs() -> GraphRuns:
    """Graph networks on the air routes by depth, and on the molecules by kind and by number of molecules.

    cures: C = 4 names, "plain" first; depths: (6,), 0 to 16 graph convolutions. accuracy: (C, 6, 5), on 320 airports
    whose region is to be named, of five seeds with 32 labels; loss: (C, 6, 5), the last training loss in nats; apart:
    (C, 6, 5), one minus the mean cosine of all pairs of the nodes' last vectors.

    kinds: K = 3 names, "mean" and "sum" for the readout, and "no messages" without graph convolutions. Predictions of
    `nnlab.pytorch.graph_models.MoleculeNet` in log10 of mol per litre: folds: (K, 2, 1025), two seeds, each training
    molecule by the network that was fitted without its fold; test: (K, 2, 257), by networks fitted on all 1,025;
    untidy: (2, 257), by those of the kind "mean", with the test part's nitro groups as they came.
    curves: (5, 3, 257), predictions for the test part after fitting on `sizes`, (5,), molecules, drawn three times.

    Trained by data/train_graphs.py, which has the settings; MIT."""
    with np.load(find("graphs.npz"), allow_pickle=False) as found:
        air = found["air"].astype(np.float64)
        wide = {name: found[name].astype(np.float64) for name in ("folds", "test", "untidy", "curves")}
        return GraphRuns(
            cures=found["cures"].tolist(),
            depths=found["depths"],
            accuracy=air[..., 0],
            loss=air[..., 1],
            apart=air[..., 2],
            kinds=found["kinds"].tolist(),
            sizes=found["sizes"],
            **wide,
        )


def solubility_weights() -> dict[str, Array]:
    """The parameters and buffers of the network "mean", seed 0, fitted on all training molecules, float32.

    By the names of `nnlab.pytorch.graph_models.MoleculeNet(20, 4)`; its inputs are those of chapter 24's
    `molecular_graphs`. Trained by data/train_graphs.py."""
    with np.load(find("graphs.npz"), allow_pickle=False) as found:
        names = [name for name in found.files if name.startswith("net_")]
        return {name.removeprefix("net_"): found[name] for name in names}
