"""The block that transformers are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, as_float, need_axes, need_rng, need_size

from ..module import Layer
from .attention import MultiheadAttention
from .dropout import Dropout
from .elementwise import GELU
from .linear import Linear
from .norm import LayerNorm


class Composite(Layer):
    """A layer made of named layers: `parts` maps a name to each. Parameters are named "part.weight", as in PyTorch.

    The arrays in `params` are the parts' own; `gather` collects their gradients after a backward."""

    def __init__(self, **parts: Layer):
        super().__init__()
        self.parts = parts
        for name, part in parts.items():
            self.params |= {f"{name}.{key}": value for key, value in part.params.items()}

    def gather(self) -> None:
        """Fill `grads` from the parts."""
        for name, part in self.parts.items():
            self.grads |= {f"{name}.{key}": value for key, value in part.grads.items()}

    def train(self, mode: bool = True) -> Layer:
        for part in self.parts.values():
            part.train(mode)
        return super().train(mode)

    def generators(self) -> list[np.random.Generator]:
        return [g for part in self.parts.values() for g in part.generators()]


class TransformerBlock(Composite):
    """h = x + attention(norm1(x)), then y = h + linear2(gelu(linear1(norm2(h)))): a block with pre-normalisation.

    x: (N, T, embed_dim) -> the same shape. dim_feedforward: 4 * embed_dim if not given. causal: position i attends to
    0 ... i only, so that no y sees a later x. dropout acts on what each half adds. backward: each sum passes its
    gradient on twice, through the half and past it. After `forward`, `attn_weights`: (N, num_heads, T, T).
    Raises ValueError for x of a different shape. Source: Vaswani et al. 2017, in the order of Xiong et al. 2020.
    Twin: `torch.nn.TransformerEncoderLayer(embed_dim, num_heads, 4 * embed_dim, dropout=0, activation="gelu",
    batch_first=True, norm_first=True)`.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dim_feedforward: int | None = None,
        dropout: float = 0.0,
        *,
        causal: bool = False,
        rng: np.random.Generator,
        dtype: Any = np.float64,
    ):
        need_rng(rng)
        wide = 4 * need_size(embed_dim, "embed_dim") if dim_feedforward is None else dim_feedforward
        super().__init__(
            self_attn=MultiheadAttention(embed_dim, num_heads, rng=rng, dtype=dtype),
            linear1=Linear(embed_dim, need_size(wide, "dim_feedforward"), rng=rng, dtype=dtype),
            linear2=Linear(wide, embed_dim, rng=rng, dtype=dtype),
            norm1=LayerNorm(embed_dim, dtype=dtype),
            norm2=LayerNorm(embed_dim, dtype=dtype),
            drop1=Dropout(dropout, rng=rng),
            drop2=Dropout(dropout, rng=rng),
            gelu=GELU(),
        )
        self.embed_dim, self.causal = embed_dim, causal

    def forward(self, x: Array) -> Array:
        x = as_float(x)
        need_axes(x, "N T embed_dim")
        p = self.parts
        mask = np.triu(np.ones((x.shape[1],) * 2, bool), 1) if self.causal else None
        h = x + p["drop1"](p["self_attn"](p["norm1"](x), mask))
        y = h + p["drop2"](p["linear2"](p["gelu"](p["linear1"](p["norm2"](h)))))
        self.attn_weights: Array = p["self_attn"].attn_weights  # type: ignore[attr-defined]
        self.halfway = h  # for those who look inside
        self._keep(x.shape, x.dtype)
        return y

    def backward(self, dy: Array) -> Array:
        p = self.parts
        dy = dh = self._upstream(dy, *self._take())
        for name in ("drop2", "linear2", "gelu", "linear1", "norm2"):
            dh = p[name].backward(dh)
        dh = dy + dh  # past the second half, and through it
        dx = dh
        for name in ("drop1", "self_attn", "norm1"):
            dx = p[name].backward(dx)
        self.gather()
        return dh + dx

    def __repr__(self) -> str:
        heads = self.parts["self_attn"].num_heads  # type: ignore[attr-defined]
        return f"TransformerBlock({self.embed_dim}, num_heads={heads}, causal={self.causal})"
