"""A network that reads a text's tokens and gives one logit for each class."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from nnlab.checks import as_float, need_rng

from ..tensor_checks import need_positive, need_tensor_shape, whole_numbers
from .tokenizer import PAD_ID, Tokenizer

POOLING = ("mean", "states", "attention")


class TextClassifier(nn.Module):
    """Embedding, then one vector for the whole text, Dropout and Linear.

    ids: (N, L) whole numbers, 0 where a text has ended -> logits (N, classes). pooling makes one vector of many:
    "mean", the mean of the tokens' vectors, without any order; "states", the final states of a bidirectional LSTM, the
    forward one after the last token and the backward one after the first, (N, 2 hidden_size); "attention", the sum of
    the LSTM's outputs h_t with weights a = softmax(v . h_t), which `attention(ids)` returns.

    Batches are packed, so padding is never read: a text's logits do not depend on what else is in its batch. The first
    and last step of dropout (`dropout`) are on the vectors and before the Linear. vectors: (vocabulary_size,
    embedding_dim), where the embedding starts; None draws it. freeze: leave the embedding as it is.

    Raises ValueError for an unknown pooling, a wrong shape, no texts, a text of length 0, padding in front of a token,
    and, on the CPU, a number that is no token's; TypeError for ids that are not whole numbers.
    """

    def __init__(
        self,
        vocabulary_size: int,
        *,
        embedding_dim: int = 50,
        hidden_size: int = 32,
        classes: int = 2,
        pooling: str = "states",
        dropout: float = 0.3,
        vectors: NDArray[Any] | None = None,
        freeze: bool = False,
    ):
        super().__init__()
        if pooling not in POOLING:
            raise ValueError(f"pooling should be one of {', '.join(POOLING)}; got {pooling!r}.")
        size = (need_positive(vocabulary_size, "vocabulary_size"), need_positive(embedding_dim, "embedding_dim"))
        need_positive(hidden_size, "hidden_size")
        self.pooling = pooling
        self.settings = dict(
            vocabulary_size=size[0],
            embedding_dim=size[1],
            hidden_size=hidden_size,
            classes=classes,
            pooling=pooling,
            dropout=dropout,
        )
        self.embedding = nn.Embedding(*size, padding_idx=PAD_ID)
        if vectors is not None:
            if np.shape(vectors) != size:
                raise ValueError(f"vectors should have shape {size}, one for each token; got {np.shape(vectors)}.")
            with torch.no_grad():
                self.embedding.weight.copy_(torch.as_tensor(np.asarray(vectors)))
                self.embedding.weight[PAD_ID] = 0
        self.embedding.weight.requires_grad_(not freeze)
        width = size[1] if pooling == "mean" else 2 * hidden_size
        if pooling != "mean":
            self.lstm = nn.LSTM(size[1], hidden_size, batch_first=True, bidirectional=True)
        if pooling == "attention":
            self.score = nn.Linear(width, 1, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, need_positive(classes, "classes"))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.head(self.dropout(self._pooled(ids)[0]))

    @torch.no_grad()
    def attention(self, ids: torch.Tensor) -> torch.Tensor:
        """The weight of each token, (N, L), each row adding up to 1, 0 on padding. Raises ValueError for a network with
        another pooling."""
        weights = self._pooled(ids)[1]
        if weights is None:
            raise ValueError(f'Attention weights are those of pooling="attention"; this network has {self.pooling!r}.')
        return weights

    def _pooled(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """One vector for each text, and the attention weights where there are some."""
        need_tensor_shape(ids, self, "N L")
        ids = whole_numbers(ids, "ids, the numbers of tokens,", self.embedding.num_embeddings)
        there = ids != PAD_ID
        lengths = there.sum(dim=1)
        if not len(lengths) or int(lengths.min()) < 1:
            raise ValueError("Each text should have at least one token; got one with padding only, or no texts.")
        if (there[:, 1:] & ~there[:, :-1]).any():  # packing counts tokens from the front: it would read the padding
            raise ValueError("Padding, 0, should stand after a text's tokens; got a token that follows it.")
        x = self.dropout(self.embedding(ids))
        if self.pooling == "mean":
            return (x * there[:, :, None]).sum(dim=1) / lengths[:, None], None
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        output, (h, _) = self.lstm(packed)
        if self.pooling == "states":
            return torch.cat([h[0], h[1]], dim=1), None  # forward after the last token, backward after the first
        y, _ = pad_packed_sequence(output, batch_first=True, total_length=ids.shape[1])
        scores = self.score(y)[:, :, 0].masked_fill(~there, float("-inf"))
        a = torch.softmax(scores, dim=1)
        return (a[:, :, None] * y).sum(dim=1), a


def initial_vectors(
    tokenizer: Tokenizer, words: list[str], vectors: NDArray[Any], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Where an embedding starts: the given vector of each token that is in `words`, and small random numbers for the
    others. words: list of n; vectors: (n, d) -> (len(tokenizer), d) float32; row 0, padding, is 0.

    Raises ValueError if there are not as many vectors as words, or if one is not finite."""
    vectors = as_float(vectors, "vectors")
    need_rng(rng)
    if not np.isfinite(vectors).all():
        raise ValueError("vectors should be finite; one holds NaN or infinity.")
    if vectors.ndim != 2 or len(vectors) != len(words):
        raise ValueError(f"vectors should have shape ({len(words)}, d), one for each word; got {vectors.shape}.")
    place = {word: i for i, word in enumerate(words)}
    start = rng.normal(scale=0.1, size=(len(tokenizer), vectors.shape[1])).astype(np.float32)
    for row, token in zip(start, tokenizer.vocabulary, strict=True):
        if token in place:
            row[:] = vectors[place[token]]
    start[PAD_ID] = 0
    return start
