"""The table: each layer and activation in NumPy, and what it must equal in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnlab import host, scratch
from nnlab.scratch.activations import ACTIVATIONS, Activation
from nnlab.scratch.layers.recurrent import Recurrent
from nnlab.scratch.module import Layer

if TYPE_CHECKING:
    import torch

Array = NDArray[Any]
ENCODER = 'torch.nn.TransformerEncoderLayer(6, 2, 8, 0.0, "gelu", batch_first=True, norm_first=True)'
EDGES = np.array([[0, 1, 1, 2, 2, 0, 3, 4, 1], [1, 0, 2, 1, 0, 2, 4, 4, 0]])  # of six nodes, of which 5 is alone


@dataclass(frozen=True)
class Twin:
    """One row of `TWINS`. `ours` and `theirs` are expressions: what is shown is what runs. `shape`: an input that fits.

    `sources` are the functions whose source `side_by_side` shows. `rows`: if not 0, inputs are whole numbers below it,
    the row numbers of a table. `more`: what both forwards take after the input and has no gradient."""

    name: str
    ours: str
    theirs: str
    shape: tuple[int, ...]
    sources: tuple[Callable[..., Any], ...]
    rows: int = 0
    more: tuple[Array, ...] = ()

    def input(self, rng: np.random.Generator) -> Array:
        """A random input that fits both."""
        return rng.integers(self.rows, size=self.shape) if self.rows else 3 * rng.normal(size=self.shape)

    def make(self, rng: np.random.Generator) -> tuple[Layer, Callable[[torch.Tensor], torch.Tensor]]:
        """New instances of both sides."""
        theirs = {"torch": host.load("torch")}  # first, for its sentence
        from nnlab.pytorch.graphs import GCNConv
        from nnlab.pytorch.models import CNN, GPT
        from nnlab.pytorch.models.parts import Attention, Residual

        theirs |= {"Residual": Residual, "Attention": Attention, "CNN": CNN, "GPT": GPT, "GCNConv": GCNConv}
        return eval(self.ours, {**vars(scratch), "rng": rng}), eval(self.theirs, theirs)


def _activation_row(row: Activation) -> Twin:
    options = "".join(f", {key}={p.default}" for key, p in row.params.items())
    axis = ", dim=-1" if row.name == "softmax" else ""
    call = row.twin if row.twin.endswith(")") else f"lambda x: {row.twin}(x{options}{axis})"
    return Twin(row.name, f'ACTIVATIONS["{row.name}"].layer()', call, (4, 5), (row.fn, row.backward or row.grad))


def _layer_row(name: str, ours: str, theirs: str, shape: tuple[int, ...], layer: type[Layer], **options: Any) -> Twin:
    sources = (layer.forward, layer.backward, *([layer._fill_grads] if hasattr(layer, "_fill_grads") else []))
    return Twin(name, ours, theirs, shape, sources, **options)


def _conv_row(name: str, options: str) -> Twin:
    return _layer_row(name, f"Conv2d({options}, rng=rng)", f"torch.nn.Conv2d({options})", (4, 2, 7, 6), scratch.Conv2d)


def _recurrent_row(name: str, layer: type[Recurrent]) -> Twin:
    options = "5, 3, num_layers=2, bidirectional=True"
    code, twin = f"{name}({options}, rng=rng)", f"torch.nn.{name}({options}, batch_first=True)"
    return Twin(name, code, twin, (4, 6, 5), (layer.run, layer.run_back))


TWINS: dict[str, Twin] = {
    row.name: row
    for row in [
        *map(_activation_row, ACTIVATIONS.values()),
        Twin(
            "gelu_tanh",
            'GELU(approximate="tanh")',
            'torch.nn.GELU(approximate="tanh")',
            (4, 5),
            (scratch.gelu, scratch.gelu_grad),
        ),
        _layer_row("Linear", "Linear(5, 3, rng=rng)", "torch.nn.Linear(5, 3)", (4, 5), scratch.Linear),
        _layer_row(
            "Sequential",
            "Sequential(Linear(5, 4, rng=rng), Tanh(), Linear(4, 2, rng=rng))",
            "torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))",
            (6, 5),
            scratch.Sequential,
        ),
        _layer_row(
            "Residual",
            "Residual(Linear(5, 5, rng=rng), Tanh())",
            "Residual(torch.nn.Linear(5, 5), torch.nn.Tanh())",
            (6, 5),
            scratch.Residual,
        ),
        _layer_row("Flatten", "Flatten()", "torch.nn.Flatten()", (3, 2, 4, 5), scratch.Flatten),
        _layer_row("Dropout", "Dropout(0.5, rng=rng).eval()", "torch.nn.Dropout(0.5)", (4, 5), scratch.Dropout),
        _layer_row("LayerNorm", "LayerNorm(5)", "torch.nn.LayerNorm(5)", (3, 4, 5), scratch.LayerNorm),
        _layer_row("BatchNorm1d", "BatchNorm1d(5)", "torch.nn.BatchNorm1d(5)", (6, 5), scratch.BatchNorm1d),
        _layer_row("BatchNorm2d", "BatchNorm2d(3)", "torch.nn.BatchNorm2d(3)", (2, 3, 4, 5), scratch.BatchNorm2d),
        _conv_row("Conv2d", "2, 3, 3, stride=2, padding=1"),
        _conv_row("Conv2d_dilated", "2, 3, 3, padding=2, dilation=2"),
        _conv_row("Conv2d_depthwise", "2, 4, 3, padding=1, groups=2"),
        _layer_row("MaxPool2d", "MaxPool2d(2)", "torch.nn.MaxPool2d(2)", (2, 3, 6, 7), scratch.MaxPool2d),
        _layer_row("AvgPool2d", "AvgPool2d(2)", "torch.nn.AvgPool2d(2)", (2, 3, 6, 7), scratch.AvgPool2d),
        Twin(
            "CNN",
            "CNN(2, 3, (3, 4), hidden=5, size=8, rng=rng)",
            "CNN(2, 3, (3, 4), hidden=5, size=8)",
            (4, 2, 8, 8),
            (scratch.CNN.__init__,),
        ),
        _recurrent_row("RNN", scratch.RNN),
        _recurrent_row("LSTM", scratch.LSTM),
        _recurrent_row("GRU", scratch.GRU),
        _layer_row(
            "MultiheadAttention",
            "MultiheadAttention(6, num_heads=2, rng=rng)",
            "Attention(6, num_heads=2, batch_first=True)",
            (3, 4, 6),
            scratch.MultiheadAttention,
        ),
        _layer_row(
            "TransformerBlock", "TransformerBlock(6, 2, 8, rng=rng)", ENCODER, (3, 4, 6), scratch.TransformerBlock
        ),
        _layer_row("GPT", "GPT(7, 5, 6, 2, rng=rng)", "GPT(7, 5, 6, 2)", (3, 4), scratch.GPT, rows=7),
        _layer_row(
            "Embedding", "Embedding(7, 3, rng=rng)", "torch.nn.Embedding(7, 3)", (4, 5), scratch.Embedding, rows=7
        ),
        _layer_row("GCNConv", "GCNConv(3, 4, rng=rng)", "GCNConv(3, 4)", (6, 3), scratch.GCNConv, more=(EDGES,)),
    ]
}
