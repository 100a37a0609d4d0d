"""A table of vectors, one for each word or other kind of thing."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, need_integers, need_rng, need_size

from .. import init
from ..module import Layer
from ..precision import wide_type


class Embedding(Layer):
    """y = weight[x]: row x of a table. Twin: `torch.nn.Embedding`.

    x: whole numbers of any shape, each below num_embeddings -> y: (*x.shape, embedding_dim), in the type of the weight.
    weight: (num_embeddings, embedding_dim), starts normal with standard deviation 1, and 0 in row padding_idx.
    backward: each row's gradient is the sum of dy over the places where it was looked up; row padding_idx gets none.
    Whole numbers have no gradient, so dx is zeros. Raises ValueError or TypeError for x that is no row of the table.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        rng: np.random.Generator,
        dtype: Any = np.float64,
    ):
        super().__init__()
        self.num_embeddings = need_size(num_embeddings, "num_embeddings")
        self.embedding_dim = need_size(embedding_dim, "embedding_dim")
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(f"padding_idx should be a row of the table, below {num_embeddings}; got {padding_idx}.")
        self.padding_idx = padding_idx
        weight = init.normal((num_embeddings, embedding_dim), rng=need_rng(rng)).astype(dtype)
        if padding_idx is not None:
            weight[padding_idx] = 0
        self.params["weight"] = weight

    def forward(self, x: Array) -> Array:
        x = need_integers(x, "x, rows of the table,", self.num_embeddings)
        self._keep(x.copy())
        return self.params["weight"][x]

    def backward(self, dy: Array) -> Array:
        (x,) = self._take()
        weight = self.params["weight"]
        dy = self._upstream(dy, (*x.shape, self.embedding_dim), weight.dtype)
        dw = np.zeros(weight.shape, wide_type(weight.dtype))
        np.add.at(dw, x, dy)  # not dw[x] += dy, which counts a row that is looked up twice only once
        if self.padding_idx is not None:
            dw[self.padding_idx] = 0
        self.grads["weight"] = dw.astype(weight.dtype, copy=False)
        return np.zeros(x.shape, weight.dtype)

    def __repr__(self) -> str:
        return f"Embedding({self.num_embeddings}, {self.embedding_dim})"
