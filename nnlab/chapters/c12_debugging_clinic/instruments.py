"""Instruments for a training: hooks on a PyTorch model and its optimizer write down every step.

Sources: the ratio of update to weight is A. Karpathy's (about 1e-3 is healthy, "A Recipe for Training Neural Networks",
2019); dead units are counted as in chapter 02.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import hypot
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # listing the patients and their exercises must not load PyTorch
    from torch import Tensor, nn
    from torch.optim import Optimizer

EDGES = np.linspace(-3, 3, 49)  # of the histograms; what lies outside is counted in the outermost bins
NO_UNITS = ("MultiheadAttention", "Softmax", "LogSoftmax")


class Unreadable(RuntimeError):
    """A training that the instruments cannot read; the text says why, and what to do."""


@dataclass
class Reading:
    """What one step showed. Layers stand in the model's order, named like "0 Linear".

    loss: as noted. gradients: layer -> norm of its gradient, of all its parameters together, as the optimizer found it.
    updates: layer -> norm of the step that was made / norm of the parameters before. dead: activation -> share of its
    units that are 0 for every row of this batch. outputs: activation -> counts in the bins of EDGES, NaN left out.
    inputs: mean and standard deviation of what went into the first layer (of whole numbers, such as tokens: NaN).
    older: whether backward() added to a gradient that was there before this step. training: whether every module that
    was called was in training mode. dropped: share of its inputs that the last Dropout layer made 0.
    """

    loss: float = np.nan
    gradients: dict[str, float] = field(default_factory=dict)
    updates: dict[str, float] = field(default_factory=dict)
    dead: dict[str, float] = field(default_factory=dict)
    outputs: dict[str, np.ndarray] = field(default_factory=dict)
    inputs: tuple[float, float] = (np.nan, np.nan)
    older: bool = False
    training: bool = True
    dropped: float = 0.0

    @property
    def gradient(self) -> float:
        """Norm of the whole gradient."""
        return hypot(*self.gradients.values()) if self.gradients else np.nan


class Instruments:
    """Lays hooks on a model and its optimizer: `watch(model, opt)` once, then `note(loss)` at the end of each step.

    `readings` holds one `Reading` a step. Forward passes without gradients (evaluation) are not counted.
    most: how many steps a training may make; None for any number.

    Raises Unreadable where nothing is watched, where the watched optimizer did not step, and for too many steps.
    """

    def __init__(self, most: int | None = None) -> None:
        self.readings: list[Reading] = []
        self.fault: object = ""
        self._most, self._steps, self._noted = most, 0, 0
        self._now, self._fresh = Reading(), True
        self._hooks: list[Any] = []

    def watch(self, model: nn.Module, opt: Optimizer, fault: object = "") -> None:
        """Read this model and this optimizer from now on. Whoever was watched before is let go.

        fault: what ails this training, for the chart. The instruments do not use it.
        """
        if not hasattr(model, "named_modules") or not hasattr(opt, "register_step_pre_hook"):
            raise Unreadable("watch needs a model and its optimizer, in this order: panel.watch(model, opt).")
        self.release()
        self.fault = fault
        for name, module in model.named_modules():
            self._hooks.append(module.register_forward_pre_hook(self._went_in))
            if _has_units(module):
                self._hooks.append(module.register_forward_hook(self._came_out(_label(name, module))))
            if type(module).__name__ == "Dropout":
                self._hooks.append(module.register_forward_hook(self._dropped))
        layers: dict[str, list[Tensor]] = {}
        for name, module in model.named_modules():
            if own := [p for p in module.parameters(recurse=False) if p.requires_grad]:
                layers[_label(name, module)] = own
        for p in (p for own in layers.values() for p in own):
            self._hooks += self._grows(p)
        before: dict[str, list[Tensor]] = {}

        def pre(*_: Any) -> None:
            self._steps += 1
            if self._most is not None and self._steps > self._most:
                raise Unreadable(f"It makes more than {self._most} steps. As many as it came with are enough.")
            self._now.gradients = {layer: _norm(p.grad for p in own) for layer, own in layers.items()}
            before.update({layer: [p.detach().clone() for p in own] for layer, own in layers.items()})

        def post(*_: Any) -> None:
            for layer, own in layers.items():
                change = _norm(p.detach() - old for p, old in zip(own, before[layer], strict=True))
                self._now.updates[layer] = change / max(_norm(before[layer]), 1e-12)

        self._hooks += [opt.register_step_pre_hook(pre), opt.register_step_post_hook(post)]

    def note(self, loss: Any) -> None:
        """End a step: keep its loss and what the hooks saw."""
        if not self._hooks:
            raise Unreadable("The panel watches nothing yet. Call panel.watch(model, opt) before the first step.")
        if self._steps == self._noted:
            raise Unreadable(
                "The watched optimizer made no step since the last panel.note(loss). Note after opt.step()."
            )
        self._now.loss = float(loss.detach() if hasattr(loss, "detach") else loss)
        self.readings.append(self._now)
        self._now, self._fresh, self._noted = Reading(), True, self._steps

    def release(self) -> None:
        """Take all hooks off."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    def _grows(self, p: Tensor) -> list[Any]:
        """Hooks that see whether the first backward() of a step finds an older gradient in p, and adds to it."""
        found, seen = False, -1  # the step that was seen last: its further backward() calls add what is new

        def before(_: Tensor) -> None:
            nonlocal found
            found = p.grad is not None and bool(p.grad.any())

        def after(_: Tensor) -> None:
            nonlocal seen
            if seen < self._steps:
                self._now.older |= found
            seen = self._steps

        return [p.register_hook(before), p.register_post_accumulate_grad_hook(after)]

    def _dropped(self, _: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> None:
        from torch import is_grad_enabled

        if is_grad_enabled() and (inputs[0] != 0).any():
            self._now.dropped = float((output[inputs[0] != 0] == 0).float().mean())

    def _went_in(self, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        """The mode of each module that is called; what goes in only for the first of a step: the outermost."""
        from torch import is_grad_enabled

        if not is_grad_enabled():
            return
        self._now.training &= module.training
        if not (self._fresh and inputs):
            return
        self._fresh = False
        x = inputs[0].data if type(inputs[0]).__name__ == "PackedSequence" else inputs[0]
        if hasattr(x, "is_floating_point") and x.is_floating_point():
            self._now.inputs = (float(x.detach().mean()), float(x.detach().std(correction=0)))

    def _came_out(self, label: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            out = output[0] if isinstance(output, tuple) else output  # of a recurrent layer: its states
            out = out.data if type(out).__name__ == "PackedSequence" else out
            if not out.requires_grad:
                return
            units = out.detach().movedim(1, -1) if out.ndim == 4 else out.detach()  # a channel is a unit
            rows = units.reshape(-1, units.shape[-1])
            self._now.dead[label] = float((rows == 0).all(0).float().mean())
            numbers = rows.float().cpu().numpy()
            self._now.outputs[label] = np.histogram(np.clip(numbers[~np.isnan(numbers)], EDGES[0], EDGES[-1]), EDGES)[0]

        return hook


def _has_units(module: nn.Module) -> bool:
    """Whether a module's outputs are activations: an activation function or a recurrent layer."""
    kind = type(module)
    return kind.__module__ in ("torch.nn.modules.activation", "torch.nn.modules.rnn") and kind.__name__ not in NO_UNITS


def _label(name: str, module: nn.Module) -> str:
    return f"{name} {type(module).__name__}".strip()


def _norm(tensors: Any) -> float:
    """The norm of all these tensors together; of none 0."""
    return float(np.sqrt(sum(float((t.detach().double() ** 2).sum()) for t in tensors if t is not None)))
