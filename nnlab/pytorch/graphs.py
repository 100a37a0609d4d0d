"""Graph layers in plain PyTorch, with PyTorch Geometric's names, so that its layers load the same weights.

Nothing here depends on the kind of device: tensors are made where x lies. edge_index: (2, E) int64, column e is an edge
from node edge_index[0, e] to node edge_index[1, e].
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from .tensor_checks import need_floating, need_tensor_shape


def need_edges(edge_index: Any, nodes: int) -> None:
    """Raise unless `edge_index` is a tensor (2, E) of whole numbers from 0 to nodes - 1.

    TypeError for another type, ValueError for another shape, a negative number or one that is no node."""
    if not isinstance(edge_index, Tensor) or edge_index.is_floating_point() or edge_index.is_complex():
        kind = edge_index.dtype if isinstance(edge_index, Tensor) else type(edge_index).__name__
        raise TypeError(f"edge_index should be a tensor of whole numbers, torch.long; got {kind}.")
    if edge_index.dim() != 2 or edge_index.shape[0] != 2:
        raise ValueError(f"edge_index should have shape (2, E), sources above targets; got {tuple(edge_index.shape)}.")
    if edge_index.numel() and not edge_index.is_meta:
        low, high = int(edge_index.min()), int(edge_index.max())
        if low < 0 or high >= nodes:
            raise ValueError(f"edge_index should name nodes from 0 to {nodes - 1}; got {low} to {high}.")


def segment_sum(values: Tensor, segment: Tensor, segments: int) -> Tensor:
    """Sum of the rows of each segment. values: (N, ...), segment: (N,) below `segments` -> (segments, ...)."""
    return values.new_zeros(segments, *values.shape[1:]).index_add(0, segment, values)


def segment_mean(values: Tensor, segment: Tensor, segments: int) -> Tensor:
    """Mean of the rows of each segment, 0 where there are none; shapes as in `segment_sum`."""
    count = segment_sum(values.new_ones(len(values)), segment, segments).clamp(min=1)
    return segment_sum(values, segment, segments) / count.view(-1, *[1] * (values.dim() - 1))


def segment_softmax(values: Tensor, segment: Tensor, segments: int) -> Tensor:
    """exp(v) divided by the sum of exp over the segment, safe for large v; shapes as in `segment_sum`."""
    index = segment.view(-1, *[1] * (values.dim() - 1)).expand_as(values)
    top = values.new_full((segments, *values.shape[1:]), -torch.inf)
    top = top.scatter_reduce(0, index, values.detach(), "amax")
    e = (values - top[segment]).exp()
    return e / segment_sum(e, segment, segments)[segment]


def with_loops(edge_index: Tensor, nodes: int) -> Tensor:
    """The edges and one loop for each node, which come last, (2, E + nodes). Loops that are there count once."""
    loops = torch.arange(nodes, device=edge_index.device).repeat(2, 1)
    if edge_index.is_meta:  # no values: nothing to look at
        return torch.cat([edge_index, loops], dim=1)
    return torch.cat([edge_index[:, edge_index[0] != edge_index[1]], loops], dim=1)


class GCNConv(nn.Module):
    """Graph convolution, y_i = b + sum of W x_j / sqrt(d_i d_j) over the neighbours j of i and i itself.

    x: (N, in_channels), edge_index: (2, E) -> (N, out_channels). Kipf and Welling, 2017. Raises TypeError or ValueError
    for inputs that do not fit."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.in_channels = in_channels
        self.lin = nn.Linear(in_channels, out_channels, bias=False)
        self.bias = nn.Parameter(torch.zeros(out_channels))
        nn.init.xavier_uniform_(self.lin.weight)

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        _check(self, x, edge_index)
        source, target = with_loops(edge_index, len(x))
        root = segment_sum(x.new_ones(len(target)), target, len(x)).rsqrt()
        messages = (root[source] * root[target])[:, None] * self.lin(x)[source]
        return segment_sum(messages, target, len(x)) + self.bias


class SAGEConv(nn.Module):
    """GraphSAGE with the mean, y_i = W_l mean of x_j over the neighbours j of i + b + W_r x_i.

    x: (N, in_channels), edge_index: (2, E) -> (N, out_channels). A node without neighbours has the mean 0. Hamilton,
    Ying and Leskovec, Inductive representation learning on large graphs, 2017."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.in_channels = in_channels
        self.lin_l = nn.Linear(in_channels, out_channels)
        self.lin_r = nn.Linear(in_channels, out_channels, bias=False)

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        _check(self, x, edge_index)
        source, target = edge_index
        return self.lin_l(segment_mean(x[source], target, len(x))) + self.lin_r(x)


class GATConv(nn.Module):
    """Graph attention, y_i = b + sum of a_ij W x_j over the neighbours j of i and i itself, for each head.

    a_ij = softmax over j of leaky_relu(att_src . W x_j + att_dst . W x_i), so what a node listens to adds up to 1.
    x: (N, in_channels), edge_index: (2, E) -> (N, heads * out_channels). Velickovic et al., Graph attention networks,
    2018."""

    def __init__(self, in_channels: int, out_channels: int, heads: int = 1):
        super().__init__()
        self.in_channels, self.out_channels, self.heads = in_channels, out_channels, heads
        self.lin = nn.Linear(in_channels, heads * out_channels, bias=False)
        self.att_src = nn.Parameter(torch.empty(1, heads, out_channels))
        self.att_dst = nn.Parameter(torch.empty(1, heads, out_channels))
        self.bias = nn.Parameter(torch.zeros(heads * out_channels))
        for p in (self.lin.weight, self.att_src, self.att_dst):
            nn.init.xavier_uniform_(p)

    def attention(self, h: Tensor, edges: Tensor) -> Tensor:
        """(E, heads), the weight of each edge, of h = W x, (N, heads, out_channels)."""
        source, target = edges
        to, by = (h * self.att_src).sum(-1), (h * self.att_dst).sum(-1)  # (N, heads)
        score = nn.functional.leaky_relu(to[source] + by[target], 0.2)
        return segment_softmax(score, target, len(h))

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        _check(self, x, edge_index)
        edges = with_loops(edge_index, len(x))
        h = self.lin(x).view(-1, self.heads, self.out_channels)
        messages = self.attention(h, edges)[..., None] * h[edges[0]]
        return segment_sum(messages, edges[1], len(x)).flatten(1) + self.bias


class GINEConv(nn.Module):
    """Sum aggregation with bonds, y_i = f(x_i + sum of relu(x_j + W e_ij) over the neighbours j of i).

    f: a module from (N, channels); W, with a bias, takes edge_attr, (E, edge_dim), to as many channels as x has.
    -> whatever f gives. Hu et al., Strategies for pre-training graph neural networks, 2020."""

    def __init__(self, f: nn.Module, in_channels: int, edge_dim: int):
        super().__init__()
        self.in_channels = in_channels
        self.nn = f
        self.lin = nn.Linear(edge_dim, in_channels)

    def forward(self, x: Tensor, edge_index: Tensor, edge_attr: Tensor) -> Tensor:
        _check(self, x, edge_index)
        source, target = edge_index
        messages = (x[source] + self.lin(edge_attr)).relu()
        return self.nn(x + segment_sum(messages, target, len(x)))


def _check(layer: Any, x: Any, edge_index: Any) -> None:
    need_tensor_shape(x, layer, "N in_channels", in_channels=layer.in_channels)
    need_floating(x, layer)
    need_edges(edge_index, len(x))
