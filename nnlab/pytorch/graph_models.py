"""Networks for graphs: one that grows deep on a single graph, one that reads many small ones.

Both run where their parameters lie; the layers are those of `graphs`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nnlab.checks import need_size, pick

from .graphs import GINEConv, segment_mean, segment_sum
from .tensor_checks import need_positive, need_tensor_shape, whole_numbers

CURES = {"plain": 0, "residual": 0, "jumping knowledge": 0, "PairNorm": 0}
READOUTS = {"mean": segment_mean, "sum": segment_sum}


def pair_norm(h: Tensor) -> Tensor:
    """h with its mean node taken off, divided by the root mean square of the nodes' lengths: (N, C) -> (N, C).

    Whatever the layers did, nodes are as far apart as before. Zhao and Akoglu, PairNorm, 2020."""
    h = h - h.mean(dim=0)
    return h / (h.pow(2).sum(dim=1).mean() + 1e-6).sqrt()


class DeepGCN(nn.Module):
    """`depth` graph convolutions of `hidden` units on one graph whose nodes have no features, then a linear layer.

    A node starts as a learned vector. cure: "plain" chains the convolutions with ReLU; "residual" adds each layer's
    input to its output; "jumping knowledge" gives the last layer the outputs of all (Xu et al. 2018); "PairNorm"
    normalises each convolution by `pair_norm`. The graph comes as the table D^-1/2 (A + I) D^-1/2, since that is faster
    than a list of edges while it is small: adjacency (nodes, nodes) -> logits (nodes, classes). Raises ValueError for
    another cure."""

    def __init__(self, nodes: int, classes: int, depth: int, cure: str = "plain", hidden: int = 16):
        super().__init__()
        pick(CURES, cure, "cure")
        for value, name in ((nodes, "nodes"), (classes, "classes"), (hidden, "hidden")):
            need_positive(value, name)
        self.cure = cure
        self.start = nn.Parameter(torch.randn(nodes, hidden) * 4 * nodes**-0.5)
        self.convs = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(need_size(depth, "depth", 0)))
        self.convs.apply(_start)
        self.out = nn.Linear(hidden * (depth + 1) if cure == "jumping knowledge" else hidden, classes)

    def states(self, adjacency: Tensor) -> list[Tensor]:
        """The nodes' vectors before the first convolution and after each one, depth + 1 of shape (nodes, hidden)."""
        need_tensor_shape(adjacency, self, "nodes nodes", nodes=len(self.start))
        h = nn.functional.dropout(self.start, 0.5, self.training)
        found = [h]
        for conv in self.convs:
            z = conv(adjacency @ h)  # a GCNConv
            z = pair_norm(z).relu() if self.cure == "PairNorm" else z.relu()
            h = h + z if self.cure == "residual" else z
            found.append(h)
        return found

    def forward(self, adjacency: Tensor) -> Tensor:
        found = self.states(adjacency)
        logits: Tensor = self.out(torch.cat(found, dim=1) if self.cure == "jumping knowledge" else found[-1])
        return logits


def _start(layer: nn.Module) -> None:
    """Weights as a GCNConv starts with them."""
    if isinstance(layer, nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)


class MoleculeNet(nn.Module):
    """One number for each graph: the mean, or the sum, of a number for each node.

    A linear layer, `layers` times h + relu(norm(GINEConv(h))), then two linear layers give each node its share; since a
    graph's number is the mean of the shares of its nodes, it can be read off which node raises it. With layers=0 nodes
    don't know their neighbours.

    x: (N, features), edge_index: (2, E), edge_attr: (E, edge_dim), batch: (N,) below graphs -> (graphs,). `center` and
    `scale`, buffers, turn the output into the target's units. Raises ValueError for another readout, bad sizes and,
    on the CPU, a batch that names another graph."""

    def __init__(self, features: int, edge_dim: int, hidden: int = 32, layers: int = 3, readout: str = "mean"):
        super().__init__()
        self.readout = pick(READOUTS, readout, "readout")
        for value, name in ((features, "features"), (edge_dim, "edge_dim"), (hidden, "hidden")):
            need_positive(value, name)
        need_size(layers, "layers", 0)
        self.enter = nn.Linear(features, hidden)

        def f() -> nn.Module:
            return nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, hidden))

        self.convs = nn.ModuleList(GINEConv(f(), hidden, edge_dim) for _ in range(layers))
        self.norms = nn.ModuleList(nn.BatchNorm1d(hidden) for _ in range(layers))
        self.head = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1))
        self.center: Tensor
        self.scale: Tensor
        self.register_buffer("center", torch.zeros(()))
        self.register_buffer("scale", torch.ones(()))

    def shares(self, x: Tensor, edge_index: Tensor, edge_attr: Tensor) -> Tensor:
        """(N,) what each node gives, before `center` and `scale`."""
        h = self.enter(x)
        for conv, norm in zip(self.convs, self.norms, strict=True):
            h = h + norm(conv(h, edge_index, edge_attr)).relu()
        shares: Tensor = self.head(h)[:, 0]
        return shares

    def forward(self, x: Tensor, edge_index: Tensor, edge_attr: Tensor, batch: Tensor, graphs: int) -> Tensor:
        batch = whole_numbers(batch, "batch", graphs)
        y: Tensor = self.center + self.scale * self.readout(self.shares(x, edge_index, edge_attr), batch, graphs)
        return y
