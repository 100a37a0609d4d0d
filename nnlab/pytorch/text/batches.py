"""Texts of different lengths as tables of whole numbers, padded at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import TensorDataset

from nnlab.datasets.sequences import pad

from .tokenizer import PAD_ID, Tokenizer, need_texts

Array = NDArray[Any]


def encode_batch(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """ids: (N, L) int64, padded with 0 to the longest of these N texts; lengths: (N,) int64, the true ones.

    Raises ValueError for no texts, TypeError for one text instead of a list."""
    texts = list(need_texts(texts))
    if not texts:
        raise ValueError("texts should hold at least one text; got none.")
    ids, lengths = pad([tokenizer.encode(text) for text in texts], value=PAD_ID)
    return torch.from_numpy(ids), torch.from_numpy(lengths)


def text_data(tokenizer: Tokenizer, texts: Sequence[str], labels: Array) -> TensorDataset:
    """Pairs (ids, label) for `nnlab.pytorch.train`: ids (N, L) int64 with 0 after a text's end, labels (N,) int64.

    Raises ValueError if there are not as many labels as texts."""
    labels = np.asarray(labels)
    texts = list(need_texts(texts))
    if labels.shape != (len(texts),) or labels.dtype.kind not in "iub":
        raise ValueError(
            f"labels should be {len(texts)} whole numbers, one for each text; got shape {labels.shape}, {labels.dtype}."
        )
    return TensorDataset(encode_batch(tokenizer, texts)[0], torch.tensor(labels, dtype=torch.long))
