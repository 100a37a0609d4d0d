"""A GPT in NumPy, whole: it trains, and equals `nnlab.pytorch.GPT` from the same weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, need_integers, need_rng, need_size, pick

from .. import init
from ..layers.embedding import Embedding
from ..layers.linear import Linear
from ..layers.norm import LayerNorm
from ..layers.positions import sinusoidal_positions
from ..layers.transformer import Composite, TransformerBlock
from ..precision import total


class GPT(Composite):
    """A decoder: token vectors plus position vectors, blocks with a causal mask, a last normalisation, logits.

    x: (N, T) whole numbers below `vocabulary`, T at most `length` -> logits (N, T, vocabulary), of what follows each
    place; those at t see x[:, : t + 1] only. positions: "learned", "sinusoidal" or "none". backward returns zeros in
    the shape of x, since whole numbers have no gradient. Raises ValueError or TypeError for x that is no such table.

    Weights start normal with standard deviation 0.02, those that end in the sum of all blocks divided by
    sqrt(2 layers). Source: Radford et al. 2019, GPT-2. Twin: `nnlab.pytorch.GPT`, with the same arguments.
    """

    def __init__(
        self,
        vocabulary: int,
        length: int,
        embed_dim: int = 64,
        num_heads: int = 4,
        layers: int = 2,
        *,
        positions: str = "learned",
        rng: np.random.Generator,
        dtype: Any = np.float64,
    ):
        need_rng(rng)
        pick({"learned": 0, "sinusoidal": 0, "none": 0}, positions, "kind of positions")
        self.length = need_size(length, "length")
        parts: dict[str, Any] = {"tokens": Embedding(vocabulary, embed_dim, rng=rng, dtype=dtype)}
        if positions == "learned":
            parts["positions"] = Embedding(length, embed_dim, rng=rng, dtype=dtype)
        self.blocks = [
            TransformerBlock(embed_dim, num_heads, causal=True, rng=rng, dtype=dtype)
            for _ in range(need_size(layers, "layers"))
        ]
        parts |= {f"blocks.{i}": block for i, block in enumerate(self.blocks)}
        parts |= {
            "norm": LayerNorm(embed_dim, dtype=dtype),
            "head": Linear(embed_dim, vocabulary, bias=False, rng=rng, dtype=dtype),
        }
        super().__init__(**parts)
        self.vocabulary = vocabulary
        self.waves = sinusoidal_positions(length, embed_dim).astype(dtype) if positions == "sinusoidal" else None
        for name, p in self.params.items():
            ends = name.endswith(("out_proj.weight", "linear2.weight"))
            if p.ndim > 1:
                p[...] = init.normal(p.shape, std=0.02 / (2 * layers) ** 0.5 if ends else 0.02, rng=rng)
            elif name.endswith(("linear1.bias", "linear2.bias", "out_proj.bias")):
                p[...] = 0

    def forward(self, x: Array) -> Array:
        x = need_integers(x, "x, rows of tokens,", self.vocabulary)
        if x.ndim != 2 or not 0 < x.shape[1] <= self.length:
            raise ValueError(f"x should have shape (N, T) with T from 1 to {self.length}; got {x.shape}.")
        t = x.shape[1]
        h = self.parts["tokens"](x)
        if "positions" in self.parts:
            h = h + self.parts["positions"](np.arange(t))
        elif self.waves is not None:
            h = h + self.waves[:t].astype(h.dtype)
        self.stages = [h]  # the sum after each half of a block, for those who look inside
        for block in self.blocks:
            h = block(h)
            self.stages += [block.halfway, h]
        self._keep(x.shape)
        return self.parts["head"](self.parts["norm"](h))

    def backward(self, dy: Array) -> Array:
        (shape,) = self._take()
        for name in ("head", "norm", *(f"blocks.{i}" for i in reversed(range(len(self.blocks))))):
            dy = self.parts[name].backward(dy)
        if "positions" in self.parts:
            self.parts["positions"].backward(total(dy, 0))  # one vector served all rows
        self.parts["tokens"].backward(dy)
        self.gather()
        return np.zeros(shape, dy.dtype)

    def __repr__(self) -> str:
        size = sum(p.size for p in self.params.values())
        return f"GPT({self.vocabulary}, length={self.length}, layers={len(self.blocks)}): {size:,} parameters"
