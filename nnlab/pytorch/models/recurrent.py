"""Recurrent networks that read a sequence and give one answer. The NumPy originals of the layers are `RNN`, `LSTM` and
`GRU` of `nnlab.scratch`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from ..tensor_checks import need_floating, need_positive, need_tensor_shape

CELLS: dict[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class SequenceClassifier(nn.Module):
    """An RNN, LSTM or GRU, then Dropout and Linear on its final states.

    cell: "rnn", "lstm" or "gru". x: (N, L, input_size) floats, or with `embedding=` (the number of different tokens)
    (N, L) whole numbers, which become vectors of input_size. -> (N, outputs): logits, or a prediction of numbers.

    lengths: the true length of each sequence, (N,). Give it whenever sequences are padded: the batch is packed, so that
    no state ever reads padding. Without it every sequence counts as L long. A bidirectional network concatenates
    the final states of both directions: (N, 2 hidden_size).

    last="step" reads the output at the last position of the padded batch instead. A common bug, kept so that it can be
    shown: at that position the forward direction has read padding, and the backward direction one token only.

    Raises ValueError for a wrong shape, for lengths below 1 or above L, and for an unknown cell.
    """

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        outputs: int,
        *,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        embedding: int | None = None,
        last: str = "states",
    ):
        super().__init__()
        if cell not in CELLS:
            raise ValueError(f"cell should be one of {', '.join(CELLS)}; got {cell!r}.")
        if last not in ("states", "step"):
            raise ValueError(f'last should be "states" or "step"; got {last!r}.')
        self.input_size, self.last = need_positive(input_size, "input_size"), last
        self.embedding = (
            nn.Embedding(need_positive(embedding, "embedding"), input_size) if embedding is not None else None
        )
        self.cell = CELLS[cell](
            input_size,
            need_positive(hidden_size, "hidden_size"),
            need_positive(num_layers, "num_layers"),
            batch_first=True,
            bidirectional=bidirectional,
            dropout=dropout if num_layers > 1 else 0.0,  # PyTorch drops between layers only
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden_size * (1 + bidirectional), need_positive(outputs, "outputs"))

    def forward(self, x: torch.Tensor, lengths: torch.Tensor | Sequence[int] | None = None) -> torch.Tensor:
        if self.embedding is not None:
            need_tensor_shape(x, self, "N L")
            if x.is_floating_point():
                raise TypeError(f"With an embedding x holds whole numbers, one for each token; got {x.dtype}.")
            x = self.embedding(x)
        need_tensor_shape(x, self, "N L input_size", input_size=self.input_size)
        need_floating(x, self)
        packed: Any = x
        if lengths is not None:
            lengths = _checked_lengths(lengths, x)
            if self.last == "states":
                packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y, state = self._read(packed)
        if self.last == "step":
            return self.head(self.dropout(y[:, -1]))
        h = state[0] if isinstance(state, tuple) else state  # (layers x directions, N, hidden), the last layer's last
        directions = 2 if self.cell.bidirectional else 1
        return self.head(self.dropout(torch.cat(list(h[-directions:]), dim=1)))

    def _read(self, x: Any) -> Any:
        """The recurrent layer. Under autocast on the CPU it stays in float32: many processors have no 16-bit LSTM, and
        PyTorch then raises."""
        device = next(self.cell.parameters()).device.type
        if device != "cpu" or not torch.is_autocast_enabled(device):
            return self.cell(x)
        with torch.autocast(device, enabled=False):
            return self.cell(x.float())


def _checked_lengths(lengths: torch.Tensor | Sequence[int], x: torch.Tensor) -> torch.Tensor:
    """`lengths` on the CPU, where packing needs them."""
    lengths = torch.as_tensor(lengths, device="cpu")
    n, longest = x.shape[:2]
    if lengths.shape != (n,) or lengths.is_floating_point():
        raise ValueError(
            f"lengths should be {n} whole numbers, one for each sequence; got shape {tuple(lengths.shape)}."
        )
    if n and (int(lengths.min()) < 1 or int(lengths.max()) > longest):
        got = f"{int(lengths.min())} to {int(lengths.max())}"
        raise ValueError(f"lengths should lie between 1 and {longest}, the padded length; got {got}.")
    return lengths
