"""Graph layers in plain PyTorch, with PyTorch Geometric's names, so that its layers load the same weights.

Nothing here depends on the kind of device: tensors are made where x lies. edge_index: (2, E) int64, column e is an edge
from node edge_index[0, e] to node edge_index[1, e].
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from .tensor_checks import need_floating, need_positive, need_tensor_shape


def need_edges(edge_index: Any, nodes: int) -> Tensor:
    """`edge_index`, (2, E) whole numbers from 0 to nodes - 1, as int64: uint8 would be taken for a mask.

    Raises TypeError for another type, ValueError for another shape, a negative number or one that is no node."""
    whole = isinstance(edge_index, Tensor) and not (edge_index.is_floating_point() or edge_index.is_complex())
    if not whole or edge_index.dtype == torch.bool:
        kind = edge_index.dtype if isinstance(edge_index, Tensor) else type(edge_index).__name__
        raise TypeError(f"edge_index should be a tensor of whole numbers, torch.long; got {kind}.")
    if edge_index.dim() != 2 or edge_index.shape[0] != 2:
        raise ValueError(f"edge_index should have shape (2, E), sources above targets; got {tuple(edge_index.shape)}.")
    if edge_index.numel() and not edge_index.is_meta:
        low, high = int(edge_index.min()), int(edge_index.max())
        if low < 0 or high >= nodes:
            raise ValueError(f"edge_index should name nodes from 0 to {nodes - 1}; got {low} to {high}.")
    return edge_index.long()


def segment_sum(values: Tensor, segment: Tensor, segments: int) -> Tensor:
    """Sum of the rows of each segment. values: (N, ...), segment: (N,) below `segments` -> (segments, ...).

    Half precision is added up in float32. Raises ValueError for another number of segments than rows."""
    if segment.shape != values.shape[:1]:
        raise ValueError(
            f"segment should have one number for each of the {len(values)} rows; got {tuple(segment.shape)}."
        )
    wide = values.float() if values.dtype in (torch.float16, torch.bfloat16) else values
    return wide.new_zeros(segments, *values.shape[1:]).index_add(0, segment, wide).to(values.dtype)


def segment_mean(values: Tensor, segment: Tensor, segments: int) -> Tensor:
    """Mean of the rows of each segment, 0 where there are none; shapes as in `segment_sum`."""
    wide = values if values.dtype == torch.float64 else values.float()
    count = segment_sum(wide.new_ones(len(values)), segment, segments).clamp(min=1)
    mean = segment_sum(wide, segment, segments) / count.view(-1, *[1] * (values.dim() - 1))
    return mean.to(values.dtype) if values.is_floating_point() else mean


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
        self.in_channels = _need_sizes(in_channels, out_channels)
        self.lin = nn.Linear(in_channels, out_channels, bias=False)
        self.bias = nn.Parameter(torch.zeros(out_channels))
        nn.init.xavier_uniform_(self.lin.weight)

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        source, target = with_loops(_check(self, x, edge_index), len(x))
        root = segment_sum(x.new_ones(len(target)), target, len(x)).rsqrt()
        messages = (root[source] * root[target])[:, None] * self.lin(x)[source]
        return segment_sum(messages, target, len(x)) + self.bias


class SAGEConv(nn.Module):
    """GraphSAGE with the mean, y_i = W_l mean of x_j over the neighbours j of i + b + W_r x_i.

    x: (N, in_channels), edge_index: (2, E) -> (N, out_channels). A node without neighbours has the mean 0. Hamilton,
    Ying and Leskovec, Inductive representation learning on large graphs, 2017."""

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.in_channels = _need_sizes(in_channels, out_channels)
        self.lin_l = nn.Linear(in_channels, out_channels)
        self.lin_r = nn.Linear(in_channels, out_channels, bias=False)

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        source, target = _check(self, x, edge_index)
        return self.lin_l(segment_mean(x[source], target, len(x))) + self.lin_r(x)


class GATConv(nn.Module):
    """Graph attention, y_i = b + sum of a_ij W x_j over the neighbours j of i and i itself, for each head.

    a_ij = softmax over j of leaky_relu(att_src . W x_j + att_dst . W x_i), so what a node listens to adds up to 1.
    x: (N, in_channels), edge_index: (2, E) -> (N, heads * out_channels). Velickovic et al., Graph attention networks,
    2018."""

    def __init__(self, in_channels: int, out_channels: int, heads: int = 1):
        super().__init__()
        self.in_channels = _need_sizes(in_channels, out_channels)
        self.out_channels, self.heads = out_channels, need_positive(heads, "heads")
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
        edges = with_loops(_check(self, x, edge_index), len(x))
        h = self.lin(x).view(-1, self.heads, self.out_channels)
        messages = self.attention(h, edges)[..., None] * h[edges[0]]
        return segment_sum(messages, edges[1], len(x)).flatten(1) + self.bias


class GINEConv(nn.Module):
    """Sum aggregation with bonds, y_i = f(x_i + sum of relu(x_j + W e_ij) over the neighbours j of i).

    f: a module from (N, channels); W, with a bias, takes edge_attr, (E, edge_dim), to as many channels as x has.
    -> whatever f gives. Raises ValueError unless edge_attr has a row for each edge. Hu et al., Strategies for
    pre-training graph neural networks, 2020."""

    def __init__(self, f: nn.Module, in_channels: int, edge_dim: int):
        super().__init__()
        self.in_channels, self.edge_dim = _need_sizes(in_channels, edge_dim, "edge_dim"), edge_dim
        self.nn = f
        self.lin = nn.Linear(edge_dim, in_channels)

    def forward(self, x: Tensor, edge_index: Tensor, edge_attr: Tensor) -> Tensor:
        source, target = _check(self, x, edge_index)
        if edge_attr is None or edge_attr.shape != (len(source), self.edge_dim):
            came = None if edge_attr is None else tuple(edge_attr.shape)
            raise ValueError(
                f"edge_attr should have shape ({len(source)}, {self.edge_dim}), a row an edge; got {came}."
            )
        messages = (x[source] + self.lin(edge_attr)).relu()
        return self.nn(x + segment_sum(messages, target, len(x)))


def _need_sizes(in_channels: int, other: int, name: str = "out_channels") -> int:
    need_positive(other, name)
    return need_positive(in_channels, "in_channels")


def _check(layer: Any, x: Any, edge_index: Any) -> Tensor:
    """The edges, after a look at x and at them."""
    need_tensor_shape(x, layer, "N in_channels", in_channels=layer.in_channels)
    need_floating(x, layer)
    return need_edges(edge_index, len(x))
