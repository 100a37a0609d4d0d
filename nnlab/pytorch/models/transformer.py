"""Transformers: a block, a GPT with a cache of keys and values, a masked model and a vision transformer.

The NumPy originals of `TransformerBlock` and `GPT` are in `nnlab.scratch`, under the same parameter names.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from nnlab.checks import need_number

from ..tensor_checks import need_floating, need_positive, need_same_shape, need_tensor_shape, whole_numbers
from .positions import rotary, waves

POSITIONS = ("learned", "sinusoidal", "rotary", "none")


class Cache:
    """Keys and values of all positions that a model has read, one pair of (N, num_heads, T, d) for each block.

    A new one is empty, and serves one model and one batch. `length` is the number of positions T."""

    def __init__(self) -> None:
        self.pairs: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.length = 0

    def extended(self, block: int, k: torch.Tensor, v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Keys and values of a block, old ones first, after new ones were added."""
        if block < len(self.pairs):  # an interrupted call may have left more than `length`
            old_k, old_v = (a[:, :, : self.length] for a in self.pairs[block])
            k, v = torch.cat([old_k, k], dim=2), torch.cat([old_v, v], dim=2)
        self.pairs[block : block + 1] = [(k, v)]
        return k, v

    def need(self, blocks: int, shape: tuple[int, int, int]) -> None:
        """Raise ValueError unless what is kept is that of a model with `blocks` blocks; shape: its N, heads and d."""
        if self.length == 0:
            self.pairs.clear()
        kept = {(n, heads, d) for n, heads, _, d in (k.shape for k, _ in self.pairs)}
        if self.pairs and (len(self.pairs) != blocks or kept != {shape}):
            raise ValueError("The cache holds another model's keys and values, or another batch's: begin with Cache().")


class SelfAttention(nn.Module):
    """softmax(Q K^T / sqrt(d) + mask) V in several heads, by PyTorch's fused function. Source: Vaswani et al. 2017.

    x: (N, T, embed_dim) -> the same shape. Parameters are named as those of `torch.nn.MultiheadAttention`. causal:
    position i attends to 0 ... i only. rotate: queries and keys are turned by their positions (`rotary`)."""

    def __init__(self, embed_dim: int, num_heads: int, causal: bool = False, rotate: bool = False):
        super().__init__()
        self.embed_dim, self.num_heads = need_positive(embed_dim, "embed_dim"), need_positive(num_heads, "num_heads")
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim should be a multiple of num_heads; got {embed_dim} and {num_heads}.")
        if rotate and embed_dim // num_heads % 2:
            raise ValueError(f"Rotary positions turn pairs: embed_dim / num_heads should be even; got {embed_dim}.")
        self.causal, self.rotate = causal, rotate
        self.in_proj_weight = nn.Parameter(torch.empty(3 * embed_dim, embed_dim))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * embed_dim))
        self.out_proj = nn.Linear(embed_dim, embed_dim)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, x: torch.Tensor, cache: Cache | None = None, block: int = 0) -> torch.Tensor:
        n, t, _ = x.shape
        qkv = nn.functional.linear(x, self.in_proj_weight, self.in_proj_bias)
        d = self.embed_dim // self.num_heads
        q, k, v = qkv.view(n, t, 3, self.num_heads, d).permute(2, 0, 3, 1, 4)  # each (N, num_heads, T, d)
        past = cache.length if cache is not None else 0
        if self.rotate:
            q, k = rotary(q, past), rotary(k, past)
        if cache is not None:
            k, v = cache.extended(block, k, v)
        mask = None
        if self.causal and past and t > 1:  # SDPA's own causal mask begins at the first key, not after the past
            mask = torch.ones(t, past + t, dtype=torch.bool, device=x.device).tril(past)
        causal = self.causal and not past and t > 1
        heads = scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        return self.out_proj(heads.transpose(1, 2).reshape(n, t, self.embed_dim))


class TransformerBlock(nn.Module):
    """x <- x + attention(norm1(x)), then x <- x + linear2(gelu(linear1(norm2(x)))): a block with pre-normalisation.

    x: (N, T, embed_dim) -> the same shape. dim_feedforward: 4 * embed_dim if not given. Parameters are named as those
    of `torch.nn.TransformerEncoderLayer(..., activation="gelu", norm_first=True)`, to which it is equal. dropout acts
    on what each half adds. Raises ValueError for sizes that do not fit and x of a different shape.
    Source: Vaswani et al. 2017, in the order of Xiong et al. 2020.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dim_feedforward: int | None = None,
        dropout: float = 0.0,
        *,
        causal: bool = False,
        rotate: bool = False,
    ):
        super().__init__()
        wide = 4 * embed_dim if dim_feedforward is None else need_positive(dim_feedforward, "dim_feedforward")
        self.self_attn = SelfAttention(embed_dim, num_heads, causal, rotate)
        self.linear1, self.linear2 = nn.Linear(embed_dim, wide), nn.Linear(wide, embed_dim)
        self.norm1, self.norm2 = nn.LayerNorm(embed_dim), nn.LayerNorm(embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.embed_dim = embed_dim

    def forward(self, x: torch.Tensor, cache: Cache | None = None, block: int = 0) -> torch.Tensor:
        need_tensor_shape(x, self, "N T embed_dim", embed_dim=self.embed_dim)
        x = x + self.dropout(self.self_attn(self.norm1(x), cache, block))
        return x + self.dropout(self.linear2(gelu(self.linear1(self.norm2(x)))))


class GPT(nn.Module):
    """A decoder: token and position vectors, blocks with a causal mask, a last normalisation, logits of the next token.

    x: (N, T) whole numbers below `vocabulary`, T at most `length` -> logits (N, T, outputs); those at t see x[:, : t+1]
    only. positions: "learned", "sinusoidal", "rotary" or "none". cache: a `Cache` of what was read before; then x holds
    the new tokens only, and the logits are equal to those of the whole; without the causal mask there is none to keep,
    since old positions see new ones. outputs: `vocabulary` if not given.

    Weights start normal with standard deviation 0.02, those that end in the sum of all blocks divided by
    sqrt(2 layers), as in GPT-2 (Radford et al. 2019). Raises ValueError or TypeError for x of a different shape or
    type, and for more positions than `length`. The NumPy original is `nnlab.scratch.GPT`.
    """

    def __init__(
        self,
        vocabulary: int,
        length: int,
        embed_dim: int = 64,
        num_heads: int = 4,
        layers: int = 2,
        dropout: float = 0.0,
        *,
        positions: str = "learned",
        causal: bool = True,
        outputs: int | None = None,
    ):
        super().__init__()
        if positions not in POSITIONS:
            raise ValueError(f"positions should be one of {', '.join(POSITIONS)}; got {positions!r}.")
        self.vocabulary, self.length = need_positive(vocabulary, "vocabulary"), need_positive(length, "length")
        self.tokens = nn.Embedding(vocabulary, need_positive(embed_dim, "embed_dim"))
        if positions == "learned":
            self.positions = nn.Embedding(length, embed_dim)
        elif positions == "sinusoidal":
            self.register_buffer("waves", waves(length, embed_dim), persistent=False)
        self.kind, self.causal, self.dropout = positions, causal, nn.Dropout(dropout)
        self.heads = (num_heads, embed_dim // need_positive(num_heads, "num_heads"))  # how many, and their width d
        rotate = positions == "rotary"
        self.blocks = nn.ModuleList(
            TransformerBlock(embed_dim, num_heads, None, dropout, causal=causal, rotate=rotate)
            for _ in range(need_positive(layers, "layers"))
        )
        self.norm = nn.LayerNorm(embed_dim)
        self.head = nn.Linear(
            embed_dim, vocabulary if outputs is None else need_positive(outputs, "outputs"), bias=False
        )
        for name, p in self.named_parameters():
            if p.dim() > 1:
                ends = name.endswith(("out_proj.weight", "linear2.weight"))
                nn.init.normal_(p, std=0.02 / (2 * layers) ** 0.5 if ends else 0.02)
            elif name.endswith(("in_proj_bias", "linear1.bias", "linear2.bias", "out_proj.bias")):
                nn.init.zeros_(p)

    def forward(self, x: torch.Tensor, cache: Cache | None = None) -> torch.Tensor:
        need_tensor_shape(x, self, "N T")
        x = whole_numbers(x, "x, rows of tokens,", self.vocabulary)
        if cache is not None:
            if not self.causal:
                raise ValueError(f"{type(self).__name__} sees both sides, so old positions change: it has no cache.")
            cache.need(len(self.blocks), (len(x), *self.heads))
        past, t = (cache.length if cache is not None else 0), x.shape[1]
        if t == 0 or past + t > self.length:
            raise ValueError(f"{type(self).__name__} reads 1 to {self.length} positions; got {past + t}.")
        h = self.tokens(x)
        if self.kind == "learned":
            h = h + self.positions(torch.arange(past, past + t, device=x.device))
        elif self.kind == "sinusoidal":
            h = h + self.get_buffer("waves")[past : past + t].to(h.dtype)
        h = self.dropout(h)
        for i, block in enumerate(self.blocks):
            h = block(h, cache, i)
        if cache is not None:
            cache.length += t
        return self.head(self.norm(h))


class MaskedLM(GPT):
    """Fills gaps: a `GPT` without the causal mask, and with one token more that stands for "hidden here", `mask_token`.

    x: (N, T) whole numbers up to and with `mask_token` -> logits (N, T, vocabulary), of which those at hidden places
    are trained. Arguments as in `GPT`. Source: Devlin et al. 2019, BERT."""

    def __init__(self, vocabulary: int, length: int, *args: Any, **options: Any):
        super().__init__(vocabulary + 1, length, *args, causal=False, outputs=vocabulary, **options)
        self.mask_token = vocabulary


def hide(
    x: torch.Tensor, allowed: torch.Tensor, mask_token: int, rate: float, *, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Hide a share `rate` of the allowed places. x: (N, T) tokens; allowed: (N, T) booleans -> inputs and targets.

    Of the chosen places 80% become `mask_token`, 10% a token from elsewhere in the batch, 10% stay, so that the model
    cannot trust what it sees; targets are x there and -100 elsewhere. Raises ValueError for a rate outside of 0 to
    1 and `allowed` of another shape, TypeError where it is not booleans. Source: Devlin et al. 2019, section 3.1."""
    need_number(rate, "rate", high=1.0)
    need_same_shape(x, allowed, "x and allowed")
    if allowed.dtype != torch.bool:
        raise TypeError(f"allowed should be booleans; got {allowed.dtype}.")
    chosen = (torch.rand(x.shape, generator=generator).to(x.device) < rate) & allowed
    lot = torch.rand(x.shape, generator=generator).to(x.device)
    others = x.flatten()[torch.randperm(x.numel(), generator=generator).to(x.device)].view(x.shape)
    hidden = torch.where(lot < 0.8, torch.full_like(x, mask_token), torch.where(lot < 0.9, others, x))
    return torch.where(chosen, hidden, x), torch.where(chosen, x, torch.full_like(x, -100))


class ViT(nn.Module):
    """Vision transformer: a picture as a sequence of square patches, blocks without a mask, the mean, Linear.

    x: (N, in_channels, size, size) -> logits (N, classes). Each of the (size / patch)^2 patches becomes a vector by one
    linear map, a convolution with stride `patch`; a learned vector says where it lies. Raises ValueError where `patch`
    does not divide `size` and for x of a different shape, TypeError for x of whole numbers.
    Source: Dosovitskiy et al. 2021, with the mean over patches in place of a class token.
    """

    def __init__(
        self,
        in_channels: int = 1,
        classes: int = 10,
        size: int = 28,
        patch: int = 7,
        embed_dim: int = 64,
        num_heads: int = 4,
        layers: int = 2,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.in_channels, self.size = need_positive(in_channels, "in_channels"), need_positive(size, "size")
        if size % need_positive(patch, "patch"):
            raise ValueError(f"patch should divide size, so that patches cover the picture; got {patch} and {size}.")
        self.patches = nn.Conv2d(in_channels, need_positive(embed_dim, "embed_dim"), patch, stride=patch)
        self.positions = nn.Parameter(0.02 * torch.randn((size // patch) ** 2, embed_dim))
        self.blocks = nn.ModuleList(
            TransformerBlock(embed_dim, num_heads, None, dropout) for _ in range(need_positive(layers, "layers"))
        )
        self.norm = nn.LayerNorm(embed_dim)
        self.head = nn.Linear(embed_dim, need_positive(classes, "classes"))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        need_tensor_shape(x, self, "N C H W", C=self.in_channels, H=self.size, W=self.size)
        need_floating(x, self)
        h = self.patches(x).flatten(2).transpose(1, 2) + self.positions
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h).mean(dim=1))


def attention_maps(model: nn.Module, x: torch.Tensor, *args: Any) -> list[np.ndarray]:
    """The weights of every block's attention for model(x), each (N, num_heads, T, T), by the plain formula.

    SDPA does not return its weights: a hook reads what enters each `SelfAttention`, and the weights are computed again.
    Only without a cache."""
    found: list[np.ndarray] = []

    def read(layer: nn.Module, inputs: tuple[Any, ...]) -> None:
        assert isinstance(layer, SelfAttention)
        h = inputs[0]
        n, t, _ = h.shape
        if len(inputs) > 1 and inputs[1] is not None and inputs[1].length:
            raise ValueError("attention_maps reads a whole text: leave out the cache.")
        qkv = nn.functional.linear(h, layer.in_proj_weight, layer.in_proj_bias)
        q, k, _ = qkv.view(n, t, 3, layer.num_heads, -1).permute(2, 0, 3, 1, 4)
        if layer.rotate:
            q, k = rotary(q), rotary(k)
        scores = q @ k.mT / q.shape[-1] ** 0.5
        if layer.causal:
            scores = scores.masked_fill(torch.ones(t, t, dtype=torch.bool, device=h.device).triu(1), -torch.inf)
        found.append(
            scores.softmax(dim=-1, dtype=None if scores.dtype == torch.float64 else torch.float32).cpu().numpy()
        )

    hooks = [m.register_forward_pre_hook(read) for m in model.modules() if isinstance(m, SelfAttention)]
    try:
        with torch.no_grad():
            model(x, *args)
    finally:
        for hook in hooks:
            hook.remove()
    return found
