"""What in `nnlab.scratch` must equal what in PyTorch, and the proof that it does.

`TWINS` is the table; the parity tests walk it. `parity(...)` shows the same proof in a notebook, and
`side_by_side(...)` adds both sources. PyTorch is loaded when a proof is asked for, which raises ModuleNotFoundError,
with a sentence, where it is not installed.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import host, scratch
from .checks import pick
from .scratch.activations import ACTIVATIONS, Activation
from .scratch.layers.recurrent import Recurrent
from .scratch.losses import Loss
from .scratch.module import Layer
from .scratch.optim import Optimizer
from .table import Table

if TYPE_CHECKING:
    import torch

Array = NDArray[Any]
ENCODER = 'torch.nn.TransformerEncoderLayer(6, 2, 8, 0.0, "gelu", batch_first=True, norm_first=True)'
TOLERANCE = 1e-8  # in float64; more than two orders of summation differ by
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
        from .pytorch.graphs import GCNConv
        from .pytorch.models import CNN, GPT
        from .pytorch.models.parts import Attention, Residual

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


def copy_weights(source: Layer, target: torch.nn.Module) -> None:
    """Copy every parameter and buffer of a scratch layer into its twin, by name.

    Raises RuntimeError (PyTorch's) unless names and shapes match."""
    torch = host.load("torch")
    target.load_state_dict({name: torch.tensor(p) for name, p in source.state_dict().items()}, strict=True)


class Parity:
    """How far two implementations differ: `differences` (the largest absolute difference, by name), `agree` (whether
    all are within `tolerance`), and `table()`, which is also how it is shown in a notebook."""

    def __init__(self, differences: dict[str, float], tolerance: float):
        self.differences, self.tolerance = differences, tolerance
        self.agree = all(d <= tolerance for d in differences.values())

    def table(self) -> Table:
        """One row for each thing compared. A difference within the tolerance is shown as that bound, because its last
        digits depend on the processor."""
        rows = [
            (
                name,
                f"below {self.tolerance:.0e}" if d <= self.tolerance else f"{d:.1e}",
                "✓" if d <= self.tolerance else "✗",
            )
            for name, d in self.differences.items()
        ]
        return Table(("compared", "largest difference, NumPy against PyTorch", "equal"), rows)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def __repr__(self) -> str:
        return repr(self.table())


def parity(
    ours: Layer,
    theirs: Callable[..., torch.Tensor],
    x: Array,
    *more: Array,
    rng: np.random.Generator,
    tolerance: float = TOLERANCE,
) -> Parity:
    """Run a scratch layer and its PyTorch twin on the same input, in float64, and compare.

    The scratch layer's parameters are copied into the twin; output, gradient of the input and gradient of every
    parameter are compared, under a random upstream gradient. `more`: what both take after x and has no gradient, a
    graph's edges. Raises ValueError if shapes differ.
    """
    torch = host.load("torch")
    whole = np.asarray(x).dtype.kind in "iu"  # row numbers have no gradient
    x = np.asarray(x, None if whole else np.float64)
    if isinstance(theirs, torch.nn.Module):
        theirs.double().train(ours.training).zero_grad()
        copy_weights(ours, theirs)
    tensor = torch.tensor(x, requires_grad=not whole)
    y, their_y = ours.forward(x, *more), theirs(tensor, *map(torch.tensor, more))
    states: Any = ()
    if isinstance(their_y, tuple):  # a recurrent layer: the outputs, and h_n or (h_n, c_n)
        their_y, states = their_y
    dy = rng.normal(size=y.shape)
    dx = ours.backward(dy)
    their_y.backward(torch.tensor(dy))
    pairs: dict[str, tuple[Array, Any]] = {"output": (y, their_y)}
    if not whole:
        pairs["gradient of the input"] = (dx, tensor.grad)
    for name, state in zip(("h_n", "c_n"), states if isinstance(states, tuple) else (states,), strict=False):
        pairs[name] = (getattr(ours, name), state)
    if isinstance(theirs, torch.nn.Module):
        pairs |= {f"gradient of {name}": (ours.grads[name], p.grad) for name, p in theirs.named_parameters()}
        pairs |= {name: (ours.buffers[name], b) for name, b in theirs.named_buffers()}
    return Parity({name: _largest(a, b.detach().numpy()) for name, (a, b) in pairs.items()}, tolerance)


def loss_parity(ours: Loss, theirs: torch.nn.Module, prediction: Array, target: Array, dy: Any = None) -> Parity:
    """The same proof for a loss: its value, and its gradient with respect to the prediction.

    dy: the gradient from above, 1 where it is not given; with reduction="none" an array of the loss's shape."""
    torch = host.load("torch")
    tensor = torch.tensor(prediction, requires_grad=True)
    their_loss = theirs(tensor, torch.tensor(target))
    their_loss.backward(None if dy is None else torch.tensor(dy, dtype=their_loss.dtype))
    loss = np.asarray(ours.forward(prediction, target))
    pairs = {"loss": (loss, their_loss), "gradient of the prediction": (ours.backward(dy), tensor.grad)}
    return Parity({name: _largest(a, b.detach().numpy()) for name, (a, b) in pairs.items()}, TOLERANCE)


def optimizer_parity(
    ours: Callable[..., Optimizer],
    theirs: Callable[..., torch.optim.Optimizer],
    *,
    rng: np.random.Generator,
    steps: int = 100,
    schedule: Callable[[Any], Any] | None = None,
    their_schedule: Callable[[Any], Any] | None = None,
) -> Parity:
    """The same proof for an optimizer, or for its schedule: parameters and learning rate after each of `steps` steps.

    Both minimise sum(theta^2) from the same start, with the same noise in the gradient."""
    torch = host.load("torch")
    params = {"weight": rng.normal(size=(3, 4)), "bias": rng.normal(size=4)}
    tensors = {name: torch.tensor(p, requires_grad=True) for name, p in params.items()}
    opt, their_opt = ours(params), theirs(tensors.values())
    plan = schedule(opt) if schedule else None
    their_plan = their_schedule(their_opt) if their_schedule else None
    largest = {"parameters": 0.0, "learning rate": 0.0}
    for _ in range(steps):
        grads = {name: 2.0 * p + rng.normal(size=p.shape) for name, p in params.items()}
        for name, tensor in tensors.items():
            tensor.grad = torch.tensor(grads[name])
        opt.step(grads)
        their_opt.step()
        metric = float(rng.integers(5))  # the metric in which a plateau is detected
        for each in (plan, their_plan):
            if each is not None:
                each.step(metric) if "Plateau" in type(each).__name__ else each.step()
        for name, p in params.items():
            largest["parameters"] = max(largest["parameters"], _largest(p, tensors[name].detach().numpy()))
        rate = abs(opt.lr - their_opt.param_groups[0]["lr"])
        largest["learning rate"] = max(largest["learning rate"], rate)
    return Parity(largest, TOLERANCE)


def _largest(a: Array, b: Array) -> float:
    if a.shape != b.shape:
        raise ValueError(f"NumPy gave shape {a.shape}, PyTorch {b.shape}.")
    return float(np.max(np.abs(a - b), initial=0))


class SideBySide:
    """NumPy's source, PyTorch's lines, and the proof that they agree."""

    def __init__(self, ours: str, theirs: str, proof: Parity):
        self.ours, self.theirs, self.proof = ours, theirs, proof

    def _repr_html_(self) -> str:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer

        pre = "margin:4px 0 0;background:transparent;color:#1a1a1a;font-size:12px;line-height:1.35;white-space:pre"
        look = HtmlFormatter(noclasses=True, nobackground=True, cssclass="source", prestyles=pre)
        card = "flex:1 1 320px;min-width:0;background:#fdfdfb;color:#1a1a1a;padding:6px 12px;overflow-x:auto"
        cards = "".join(
            f'<div style="{card}"><b>{title}</b>{highlight(code, PythonLexer(), look)}</div>'
            for title, code in (("NumPy, from scratch", self.ours), ("PyTorch", self.theirs))
        )
        return f'<div style="display:flex;flex-wrap:wrap;gap:8px">{cards}</div>{self.proof._repr_html_()}'

    def __repr__(self) -> str:
        return f"--- NumPy\n{self.ours}\n--- PyTorch\n{self.theirs}\n{self.proof!r}"


def side_by_side(name: str, seed: int = 0) -> SideBySide:
    """The NumPy source of a row of `TWINS` next to the PyTorch lines that do the same, with the proof.

    Raises ValueError, with the nearest name, for an unknown row."""
    row: Twin = pick(TWINS, name, "twin")
    rng = np.random.default_rng(seed)
    ours, theirs = row.make(rng)
    proof = parity(ours, theirs, row.input(rng), *row.more, rng=rng)
    source = "\n".join(textwrap.dedent(inspect.getsource(f)) for f in row.sources)
    made = row.theirs.removeprefix("lambda x: ")
    inputs = "x, edge_index" if row.more else "x"
    lines = f"y = {made}" if made != row.theirs else f"layer = {made}\ny = layer({inputs})"
    return SideBySide(source, f"import torch\n\n{lines}\ny.backward(dy)   # autograd: no derivative to write\n", proof)
