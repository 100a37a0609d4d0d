"""Two building blocks as they are written in PyTorch, for the proofs in `nnlab.twins`."""

from __future__ import annotations

from typing import Any

import torch


class Residual(torch.nn.Sequential):
    """y = x + f(x): a shortcut around layers."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + super().forward(x)


class Attention(torch.nn.MultiheadAttention):
    """Self-attention: x is query, key and value. (N, L, embed_dim) -> the same shape."""

    def forward(self, x: torch.Tensor, **options: Any) -> torch.Tensor:  # type: ignore[override]
        return super().forward(x, x, x, need_weights=False, **options)[0]
