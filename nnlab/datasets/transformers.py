"""Small transformers for surnames and digits that were trained beforehand, for chapter 22."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import pick

from .files import _arrays, _weights

Array = NDArray[Any]
# the transformers of chapter 22, as data/train_gpt.py made them
NAMES_GPT: dict[str, Any] = dict(vocabulary=27, length=14, embed_dim=64, num_heads=4, layers=2)
GPT_SIZES = (16, 32, 64)  # embed_dim of three that were trained alike
NAMES_MASKED: dict[str, Any] = dict(vocabulary=27, length=14, embed_dim=64, num_heads=4, layers=2)
VIT: dict[str, Any] = dict(patch=7, embed_dim=64, num_heads=4, layers=2)
VIT_DIGITS = ((1_000, 20), (5_000, 8), (50_000, 4))  # how many digits, and for how many epochs


def names_weights(embed_dim: int = 64) -> dict[str, Array]:
    """The parameters of a GPT that writes surnames letter by letter, float32, by the names that `nnlab.scratch.GPT` and
    `nnlab.pytorch.GPT` share, both made with `**NAMES_GPT | {"embed_dim": embed_dim}`.

    embed_dim: 64 (104,448 parameters), or 32 or 16, which were trained alike. x: (N, T) symbols of
    `nnlab.datasets.LETTERS`, T at most 14 -> logits (N, T, 27). Trained on the training part of `letter_names()` by
    data/train_gpt.py, MIT. Raises ValueError for another size."""
    pick({str(size): 0 for size in GPT_SIZES}, str(embed_dim), "size")
    return _weights("gpt.npz", f"gpt{embed_dim}_")


def masked_weights() -> dict[str, Array]:
    """The parameters of a bidirectional model that fills in hidden letters of surnames, float32, for
    `nnlab.pytorch.MaskedLM(**NAMES_MASKED)`. Trained on the same names as `names_weights` by data/train_gpt.py, MIT."""
    return _weights("gpt.npz", "masked_")


def vit_weights() -> dict[str, Array]:
    """The parameters of a vision transformer for MNIST's digits, float32, for `nnlab.pytorch.ViT(**VIT)`.

    x: (N, 1, 28, 28) from 0 paper to 1 ink -> logits (N, 10). Trained by data/train_gpt.py, MIT."""
    return _weights("vit.npz", "vit_")


class TransformerRuns(NamedTuple):
    """What `transformer_runs` returns; its docstring has shapes."""

    curve: Array
    test: Array
    positions: Array
    digits: Array


def transformer_runs() -> TransformerRuns:
    """How well the transformers of chapter 22 did, float64.

    curve: (3, 6), nats a letter on validation names after 400, 800, ... 2,400 steps, of GPTs of the sizes `GPT_SIZES`;
    test: (3,), on test names at the end. positions: (4, 2), nats on validation of a small GPT with learned, sinusoidal,
    rotary and no positions, two seeds. digits: (2, 3), test accuracy of a vision transformer and of a CNN that were
    trained on 1,000, 5,000 and 50,000 digits. Made by data/train_gpt.py, which has the settings."""
    letters = _arrays("gpt.npz", "curve", "test", "positions")
    (digits,) = _arrays("vit.npz", "accuracy")
    return TransformerRuns(*(a.astype(np.float64) for a in (*letters, digits)))
