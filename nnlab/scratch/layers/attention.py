"""Multi-head self-attention: each position of a sequence attends to all positions and takes a weighted mean."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlab.checks import Array, as_array, as_float, describe, need_axes, need_number, need_rng, need_size

from .. import init
from ..activations import softmax
from ..module import Layer
from ..precision import total
from .dropout import Dropout


class MultiheadAttention(Layer):
    """Self-attention, softmax(Q K^T / sqrt(d)) V in several heads. Source: Vaswani et al. 2017.

    x: (N, T, embed_dim) -> the same shape. Each head has d = embed_dim / num_heads numbers of queries Q, keys K and
    values V, all computed from x: in_proj_weight: (3 * embed_dim, embed_dim), rows of Q, K, V in this order,
    in_proj_bias; out_proj.weight: (embed_dim, embed_dim), out_proj.bias. After `forward`, `attn_weights`: (N,
    num_heads, T, T) is the weight of position j in the mean of position i; each row sums to 1. Raises ValueError for x
    of a different shape and where embed_dim is not a multiple of num_heads.
    Twin: `torch.nn.MultiheadAttention(..., batch_first=True)` called with x as query, key and value.
    """

    _keeps_input = True

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: Any = np.float64,
    ):
        super().__init__()
        self.embed_dim = need_size(embed_dim, "embed_dim")
        self.num_heads = need_size(num_heads, "num_heads")
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim should be a multiple of num_heads; got {embed_dim} and {num_heads}.")
        need_number(dropout, "dropout", high=1.0)
        self.dropout = Dropout(dropout, rng=need_rng(rng))
        self.params["in_proj_weight"] = init.xavier_uniform((3 * embed_dim, embed_dim), rng=rng).astype(dtype)
        if bias:
            self.params["in_proj_bias"] = np.zeros(3 * embed_dim, dtype)
        bound = 1 / math.sqrt(embed_dim)
        self.params["out_proj.weight"] = init.uniform((embed_dim, embed_dim), -bound, bound, rng=rng).astype(dtype)
        if bias:
            self.params["out_proj.bias"] = np.zeros(embed_dim, dtype)

    def forward(self, x: Array, attn_mask: Array | None = None) -> Array:
        """y. attn_mask: (T, T), (N * num_heads, T, T) or (N, num_heads, T, T); True hides position j from i (the row).

        Nothing is broadcast: another shape raises ValueError, even where NumPy could make it fit. A mask of floats is
        added to the scores. numpy.triu(ones((T, T), bool), 1) hides the future."""
        x = as_float(x)
        need_axes(x, "N T embed_dim")
        if x.shape[2] != self.embed_dim or x.shape[1] == 0:
            raise ValueError(f"x should have shape (N, T, {self.embed_dim}) with T at least 1; got {x.shape}.")
        q, k, v = self._split(self._affine(x, "in_proj_weight", "in_proj_bias"))
        scores = q @ k.swapaxes(-1, -2) * (1 / math.sqrt(q.shape[-1]))
        if attn_mask is not None:
            scores = scores + self._mask(attn_mask, scores)
        weights = softmax(scores)
        dropped = self.dropout.forward(weights)
        heads = self._join(dropped @ v)
        self.attn_weights = weights.copy()
        self._keep(x, q, k, v, weights, dropped, heads)
        return self._affine(heads, "out_proj.weight", "out_proj.bias")

    def backward(self, dy: Array) -> Array:
        x, q, k, v, weights, dropped, heads = self._take()
        dy = self._upstream(dy, x.shape, x.dtype)
        d_heads = self._heads(self._affine_back(dy, heads, "out_proj.weight", "out_proj.bias"))
        dv = dropped.swapaxes(-1, -2) @ d_heads
        d_weights = self.dropout.backward(d_heads @ v.swapaxes(-1, -2))
        d_scores = weights * (d_weights - total(d_weights * weights, -1, keepdims=True))
        d_scores *= 1 / math.sqrt(q.shape[-1])
        dq, dk = d_scores @ k, d_scores.swapaxes(-1, -2) @ q
        d_in = np.concatenate([self._join(d) for d in (dq, dk, dv)], axis=-1)
        return self._affine_back(d_in, x, "in_proj_weight", "in_proj_bias")

    def train(self, mode: bool = True) -> MultiheadAttention:
        self.dropout.train(mode)
        super().train(mode)
        return self

    def generators(self) -> list[np.random.Generator]:
        return self.dropout.generators()

    def _affine(self, x: Array, weight: str, bias: str) -> Array:
        y = x @ self._cast(weight, x.dtype).T
        return y + self._cast(bias, x.dtype) if bias in self.params else y

    def _affine_back(self, dy: Array, x: Array, weight: str, bias: str) -> Array:
        rows = dy.reshape(-1, dy.shape[-1])
        self.grads[weight] = rows.T @ x.reshape(-1, x.shape[-1])
        if bias in self.params:
            self.grads[bias] = total(rows, 0)
        return dy @ self._cast(weight, dy.dtype)

    def _heads(self, a: Array) -> Array:
        """(N, T, embed_dim) -> (N, num_heads, T, d)."""
        n, t, _ = a.shape
        return a.reshape(n, t, self.num_heads, self.embed_dim // self.num_heads).transpose(0, 2, 1, 3)

    def _split(self, qkv: Array) -> list[Array]:
        return [self._heads(part) for part in np.split(qkv, 3, axis=-1)]

    def _join(self, a: Array) -> Array:
        """(N, num_heads, T, d) -> (N, T, embed_dim)."""
        n, _, t, _ = a.shape
        return a.transpose(0, 2, 1, 3).reshape(n, t, self.embed_dim)

    def _mask(self, mask: Array, scores: Array) -> Array:
        """What is added to the scores: minus infinity where the mask hides a position."""
        mask = as_array(mask, "attn_mask")
        n, heads, t, _ = scores.shape
        if mask.shape not in ((t, t), (n * heads, t, t), scores.shape):
            raise ValueError(
                f"attn_mask should have shape {(t, t)}, {(n * heads, t, t)} or {scores.shape}, got {mask.shape}."
            )
        if mask.ndim == 3:
            mask = mask.reshape(scores.shape)
        if mask.dtype.kind not in "bf":
            raise TypeError(f"attn_mask should be booleans or floats, got {describe(mask)}.")
        if (mask if mask.dtype.kind == "b" else np.isneginf(mask)).all(axis=-1).any():
            raise ValueError(
                "attn_mask hides every position from some row: each row needs at least one position to attend to."
            )
        if mask.dtype.kind == "f":
            return mask.astype(scores.dtype, copy=False)
        return np.where(mask, scores.dtype.type(-np.inf), scores.dtype.type(0))

    def __repr__(self) -> str:
        return f"MultiheadAttention({self.embed_dim}, num_heads={self.num_heads})"
