"""The graph convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, as_float, need_axes, need_last, need_rng, need_size

from ..graphs import add_self_loops, gcn_coefficients, need_edges, propagate
from ..init import xavier_uniform
from ..module import Layer
from ..precision import total


class GCNConv(Layer):
    """Graph convolution, y = A x W^T + b with A = D^-1/2 (adjacency + I) D^-1/2. Twin: PyTorch Geometric's `GCNConv`.

    Node i gets the sum over its neighbours j, itself included, of W x_j / sqrt(d_i d_j); d counts edges that end in a
    node, its loop included. x: (N, in_channels), edge_index: (2, E) -> y: (N, out_channels); weight "lin.weight":
    (out_channels, in_channels), "bias": (out_channels,).

    backward: with m = A^T dy, messages sent back along the edges, dW = m^T x, dx = m W, db = sum of dy over the nodes.
    Starts like PyTorch Geometric: weight Xavier uniform, bias 0. add_self_loops=False leaves I out, and
    normalize=False replaces A by the plain sum. Raises ValueError or TypeError for edges that are none of x's nodes.

    Kipf and Welling, Semi-supervised classification with graph convolutional networks, 2017.
    """

    _keeps_input = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        add_self_loops: bool = True,
        normalize: bool = True,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: Any = np.float64,
    ):
        super().__init__()
        self.in_channels = need_size(in_channels, "in_channels")
        self.out_channels = need_size(out_channels, "out_channels")
        self.add_self_loops, self.normalize = add_self_loops, normalize
        self.params["lin.weight"] = xavier_uniform((out_channels, in_channels), rng=need_rng(rng)).astype(dtype)
        if bias:
            self.params["bias"] = np.zeros(out_channels, dtype)

    def forward(self, x: Array, edge_index: Array) -> Array:  # type: ignore[override]
        x = as_float(x)
        need_axes(x, "nodes in_channels")
        need_last(x, self.in_channels, f"this GCNConv has in_channels={self.in_channels}")
        edges = add_self_loops(edge_index, len(x)) if self.add_self_loops else need_edges(edge_index, len(x)).copy()
        weights = gcn_coefficients(edges, len(x)) if self.normalize else np.ones(edges.shape[1])
        y = propagate(x @ self._cast("lin.weight", x.dtype).T, edges, weights)
        if "bias" in self.params:
            y += self._cast("bias", x.dtype)
        self._keep(x, edges, weights)
        return y

    def backward(self, dy: Array) -> Array:
        x, edges, weights = self._take()
        dy = self._upstream(dy, (len(x), self.out_channels), x.dtype)
        back = propagate(dy, edges[::-1], weights)  # A^T dy: each edge turned round
        self.grads["lin.weight"] = back.T @ x
        if "bias" in self.params:
            self.grads["bias"] = total(dy, 0)
        return back @ self._cast("lin.weight", dy.dtype)

    def __repr__(self) -> str:
        return f"GCNConv({self.in_channels}, {self.out_channels}, bias={'bias' in self.params})"
