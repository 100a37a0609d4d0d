"""Training of `MoleculeNet` on molecules, as data/train_graphs.py and the notebook of chapter 24 do it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nnlab.chapters.c24_graphs.molecular_graphs import MolecularGraphs, some
from nnlab.pytorch import device
from nnlab.pytorch.graph_models import MoleculeNet

Array = NDArray[Any]
BATCH, LR, WEIGHT_DECAY = 64, 5e-3, 1e-3


def inputs(g: MolecularGraphs, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor, Tensor, int]:
    """x, edge_index, edge_attr, batch and the number of molecules, as `MoleculeNet` takes them, on `device()`."""
    where = device()
    x, attr = (torch.tensor(a, dtype=dtype, device=where) for a in (g.x, g.edge_attr))
    edges, batch = (torch.tensor(a, dtype=torch.long, device=where) for a in (g.edge_index, g.batch))
    return x, edges, attr, batch, len(g.y)


def train_molecules(g: MolecularGraphs, *, seed: int, epochs: int = 60, **options: Any) -> MoleculeNet:
    """A `MoleculeNet(**options)` fitted to the solubility of the molecules in g by AdamW with one cycle of rates.

    The loss is the mean squared error, in units of the target's standard deviation. Returned in evaluation mode."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = MoleculeNet(g.x.shape[1], g.edge_attr.shape[1], **options).to(device())
    y = torch.tensor(g.y, dtype=torch.float32, device=device())
    net.center.fill_(float(y.mean()))
    net.scale.fill_(float(y.std()))
    opt = torch.optim.AdamW(net.parameters(), lr=LR, weight_decay=WEIGHT_DECAY)
    steps = epochs * math.ceil(len(y) / BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, LR, total_steps=steps)
    for _ in range(epochs):
        order = rng.permutation(len(y))
        for rows in np.array_split(order, math.ceil(len(y) / BATCH)):
            loss = nn.functional.mse_loss(net(*inputs(some(g, rows))), y[rows]) / net.scale**2
            opt.zero_grad()
            loss.backward()
            opt.step()
            schedule.step()
    return net.eval()


@torch.no_grad()
def solubility(net: MoleculeNet, g: MolecularGraphs) -> Array:
    """(M,) float64, what the network predicts for the molecules in g."""
    return np.asarray(net(*inputs(g)).cpu().numpy(), np.float64)
