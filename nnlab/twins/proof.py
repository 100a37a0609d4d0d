"""The proof: both sides in float64 on the same input, and how far they differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnlab import host
from nnlab.scratch.losses import Loss
from nnlab.scratch.module import Layer
from nnlab.scratch.optim import Optimizer
from nnlab.table import Table

if TYPE_CHECKING:
    import torch

Array = NDArray[Any]
TOLERANCE = 1e-8  # in float64; more than two orders of summation differ by


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
