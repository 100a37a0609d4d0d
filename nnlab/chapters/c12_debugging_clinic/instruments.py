"""Instruments for a training run: hooks on a PyTorch model and its optimizer record every step.

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

BIN_EDGES = np.linspace(-3, 3, 49)  # of the histograms; values outside are counted in the outermost bins
NOT_ACTIVATIONS = ("MultiheadAttention", "Softmax", "LogSoftmax")  # modules whose outputs are no units


class UnreadableRunError(RuntimeError):
    """A run that the instruments cannot read; the text says why, and what to do."""


@dataclass
class Reading:
    """What one step showed. Layers stand in the model's order, named like "0 Linear".

    loss: as noted. gradient_norms: layer -> norm of its gradient, of all its parameters together, as the optimizer
    found it. update_ratios: layer -> |Δw| / |w|, with w as it was before the step. dead_shares: activation -> share of
    its units that are 0 for every row of this batch. output_counts: activation -> counts in the bins of BIN_EDGES, NaN
    left out. input_mean, input_std: of the first layer's inputs (of integers, such as tokens: NaN). accumulated:
    whether backward() added to a gradient that was there before this step. training: whether every module that was
    called was in training mode. dropout_rate: share of its non-zero inputs that the last Dropout layer set to 0.
    """

    loss: float = np.nan
    gradient_norms: dict[str, float] = field(default_factory=dict)
    update_ratios: dict[str, float] = field(default_factory=dict)
    dead_shares: dict[str, float] = field(default_factory=dict)
    output_counts: dict[str, np.ndarray] = field(default_factory=dict)
    input_mean: float = np.nan
    input_std: float = np.nan
    accumulated: bool = False
    training: bool = True
    dropout_rate: float = 0.0

    @property
    def gradient_norm(self) -> float:
        """Norm of the whole gradient, NaN if no layer has parameters."""
        return hypot(*self.gradient_norms.values()) if self.gradient_norms else np.nan


class Instruments:
    """Hooks on a model and its optimizer: `watch(model, opt)` once, then `note(loss)` at the end of each step.

    `readings` holds one `Reading` a step. Forward passes without gradients (evaluation) are not counted.
    max_steps: how many steps a run may take; None for any number.

    Raises UnreadableRunError if nothing is watched, if the watched optimizer did not step, and for too many steps.
    """

    def __init__(self, max_steps: int | None = None) -> None:
        self.readings: list[Reading] = []
        self.fault: object = ""
        self._max_steps, self._steps, self._noted_steps = max_steps, 0, 0
        self._reading, self._input_is_next = Reading(), True
        self._hooks: list[Any] = []

    def watch(self, model: nn.Module, opt: Optimizer, fault: object = "") -> None:
        """Read this model and this optimizer from now on, and no longer those that were watched before.

        fault: what is wrong with this run, for an exercise's check. The instruments do not use it.
        """
        if not hasattr(model, "named_modules") or not hasattr(opt, "register_step_pre_hook"):
            raise UnreadableRunError("watch needs a model and its optimizer, in this order: panel.watch(model, opt).")
        self.release()
        self.fault = fault
        for name, module in model.named_modules():
            self._hooks.append(module.register_forward_pre_hook(self._read_input))
            if _has_units(module):
                self._hooks.append(module.register_forward_hook(self._read_outputs(_label(name, module))))
            if type(module).__name__ == "Dropout":
                self._hooks.append(module.register_forward_hook(self._read_dropout))
        layers: dict[str, list[Tensor]] = {}
        for name, module in model.named_modules():
            if own := [p for p in module.parameters(recurse=False) if p.requires_grad]:
                layers[_label(name, module)] = own
        for p in (p for own in layers.values() for p in own):
            self._hooks += self._accumulation_hooks(p)
        before: dict[str, list[Tensor]] = {}

        def pre(*_: Any) -> None:
            self._steps += 1
            if self._max_steps is not None and self._steps > self._max_steps:
                raise UnreadableRunError(
                    f"It takes more than {self._max_steps} steps. As many as it took when it arrived are enough."
                )
            self._reading.gradient_norms = {layer: _norm(p.grad for p in own) for layer, own in layers.items()}
            before.update({layer: [p.detach().clone() for p in own] for layer, own in layers.items()})

        def post(*_: Any) -> None:
            for layer, own in layers.items():
                change = _norm(p.detach() - old for p, old in zip(own, before[layer], strict=True))
                self._reading.update_ratios[layer] = change / max(_norm(before[layer]), 1e-12)

        self._hooks += [opt.register_step_pre_hook(pre), opt.register_step_post_hook(post)]

    def note(self, loss: Any) -> None:
        """End a step: keep its loss and what the hooks recorded."""
        if not self._hooks:
            raise UnreadableRunError(
                "The panel watches nothing yet. Call panel.watch(model, opt) before the first step."
            )
        if self._steps == self._noted_steps:
            raise UnreadableRunError(
                "The watched optimizer made no step since the last panel.note(loss). Note after opt.step()."
            )
        self._reading.loss = float(loss.detach() if hasattr(loss, "detach") else loss)
        self.readings.append(self._reading)
        self._reading, self._input_is_next, self._noted_steps = Reading(), True, self._steps

    def release(self) -> None:
        """Remove all hooks."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    def _accumulation_hooks(self, p: Tensor) -> list[Any]:
        """Hooks that notice if the first backward() of a step adds to an older gradient in p."""
        had_gradient, last_seen = False, -1  # further backward() calls of the step last seen add to what is new

        def before(_: Tensor) -> None:
            nonlocal had_gradient
            had_gradient = p.grad is not None and bool(p.grad.any())

        def after(_: Tensor) -> None:
            nonlocal last_seen
            if last_seen < self._steps:
                self._reading.accumulated |= had_gradient
            last_seen = self._steps

        return [p.register_hook(before), p.register_post_accumulate_grad_hook(after)]

    def _read_dropout(self, _: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> None:
        from torch import is_grad_enabled

        if is_grad_enabled() and (inputs[0] != 0).any():
            self._reading.dropout_rate = float((output[inputs[0] != 0] == 0).float().mean())

    def _read_input(self, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        """The mode of each module that is called; the input only of a step's first call, the outermost module's."""
        from torch import is_grad_enabled

        if not is_grad_enabled():
            return
        self._reading.training &= module.training
        if not (self._input_is_next and inputs):
            return
        self._input_is_next = False
        x = inputs[0].data if type(inputs[0]).__name__ == "PackedSequence" else inputs[0]
        if hasattr(x, "is_floating_point") and x.is_floating_point():
            self._reading.input_mean = float(x.detach().mean())
            self._reading.input_std = float(x.detach().std(correction=0))

    def _read_outputs(self, label: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            out = output[0] if isinstance(output, tuple) else output  # of a recurrent layer: its states
            out = out.data if type(out).__name__ == "PackedSequence" else out
            if not out.requires_grad:
                return
            units = out.detach().movedim(1, -1) if out.ndim == 4 else out.detach()  # a channel is a unit
            rows = units.reshape(-1, units.shape[-1])
            self._reading.dead_shares[label] = float((rows == 0).all(0).float().mean())
            values = rows.float().cpu().numpy()
            inside = np.clip(values[~np.isnan(values)], BIN_EDGES[0], BIN_EDGES[-1])
            self._reading.output_counts[label] = np.histogram(inside, BIN_EDGES)[0]

        return hook


def _has_units(module: nn.Module) -> bool:
    """Whether a module's outputs are activations: an activation function or a recurrent layer."""
    kind = type(module)
    is_candidate = kind.__module__ in ("torch.nn.modules.activation", "torch.nn.modules.rnn")
    return is_candidate and kind.__name__ not in NOT_ACTIVATIONS


def _label(name: str, module: nn.Module) -> str:
    return f"{name} {type(module).__name__}".strip()


def _norm(tensors: Any) -> float:
    """The norm of all these tensors together; 0 if there are none."""
    return float(np.sqrt(sum(float((t.detach().double() ** 2).sum()) for t in tensors if t is not None)))
