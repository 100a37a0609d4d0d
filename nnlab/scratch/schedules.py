"""Learning-rate schedules: one row of `SCHEDULES` for each.

Each is a pure function of the step (`schedule_rules.py`), and a class of PyTorch's name that holds the optimizer: the
constructor sets the rate of step 0, each `step()` the next one. Several can share one optimizer, as in PyTorch: where
the rate is not the one that a schedule left, because another schedule or you changed it, `step()` goes on from there
(`chained`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from nnlab.checks import describe, need_number, need_size, pick

from .optim import Optimizer
from .options import Options
from .plateau import Rate, ReduceLROnPlateau, reduce_on_plateau
from .schedule_rules import (
    cosine_annealing_lr,
    cyclic_lr,
    exponential_lr,
    linear_warmup,
    one_cycle_lr,
    step_lr,
)


class Schedule(Options):
    """Sets `optimizer.lr` now and at each `step()`. A subclass checks its settings and names their formula.

    Raises TypeError for anything but an optimizer, and ValueError or TypeError for settings out of range."""

    formula: Callable[..., float]

    def __init__(self, optimizer: Any, base_lr: float | None = None, **settings: Any):
        if not isinstance(optimizer, (Optimizer, Rate)):
            raise TypeError(f"A schedule takes an optimizer, as SGD(net.params) makes one; got {describe(optimizer)}.")
        if optimizer.initial_lr is None:
            optimizer.initial_lr = optimizer.lr
        self.optimizer, self.settings = optimizer, settings
        self.base_lr = optimizer.initial_lr if base_lr is None else base_lr
        self.last_epoch = 0
        optimizer.lr = self.lr_at(0) if optimizer.lr == self.base_lr else self.chained(0, optimizer.lr)

    def lr_at(self, step: int) -> float:
        """The rate at a step: a pure function, so it can be drawn before any training."""
        return type(self).formula(need_size(step, "step", 0), self.base_lr, **self.settings)

    def step(self) -> None:
        """The next step: call it after `optimizer.step`, once an epoch or once a batch."""
        mine, lr = self.lr_at(self.last_epoch), self.optimizer.lr
        self.last_epoch += 1
        self.optimizer.lr = self.lr_at(self.last_epoch) if lr == mine else self.chained(self.last_epoch, lr)

    def chained(self, step: int, lr: float) -> float:
        """The rate at a step from `lr`, the one found there: PyTorch's chainable form. Equal to `lr_at` in a run alone.

        A schedule that knows its rates whatever was there before (cyclical, one cycle) sets them here too."""
        return self.lr_at(step)

    def go_to(self, step: int) -> None:
        """Count on from this step; the rate stays."""
        self.last_epoch = step

    def state_dict(self) -> dict[str, Any]:
        """What its next step depends on."""
        return {"last_epoch": self.last_epoch, "base_lr": self.base_lr}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from a `state_dict()`. The optimizer's own state holds the rate."""
        vars(self).update(state)
        self.go_to(self.last_epoch)

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        return f"{type(self).__name__}({settings})"


class StepLR(Schedule):
    """lr_0 gamma^floor(t / step_size) in step t: `step_lr`. Twin: `torch.optim.lr_scheduler.StepLR`."""

    formula = staticmethod(step_lr)

    def __init__(self, optimizer: Any, step_size: int, gamma: float = 0.1):
        super().__init__(optimizer, step_size=need_size(step_size, "step_size"), gamma=need_number(gamma, "gamma"))

    def chained(self, step: int, lr: float) -> float:
        return lr if step % self.settings["step_size"] or step == 0 else lr * self.settings["gamma"]


class ExponentialLR(Schedule):
    """lr_0 gamma^t in step t: `exponential_lr`. Twin: `torch.optim.lr_scheduler.ExponentialLR`."""

    formula = staticmethod(exponential_lr)

    def __init__(self, optimizer: Any, gamma: float):
        super().__init__(optimizer, gamma=need_number(gamma, "gamma"))

    def chained(self, step: int, lr: float) -> float:
        return lr * self.settings["gamma"] if step else lr


class CosineAnnealingLR(Schedule):
    """eta_min + (lr_0 - eta_min) (1 + cos(pi t / T_max)) / 2 in step t: `cosine_annealing_lr`.

    Source: Loshchilov & Hutter 2017. Twin: `torch.optim.lr_scheduler.CosineAnnealingLR`."""

    formula = staticmethod(cosine_annealing_lr)

    def __init__(self, optimizer: Any, T_max: int, eta_min: float = 0.0):
        super().__init__(optimizer, T_max=need_size(T_max, "T_max"), eta_min=need_number(eta_min, "eta_min"))

    def chained(self, step: int, lr: float) -> float:
        t_max, eta_min = self.settings["T_max"], self.settings["eta_min"]
        if step == 0:
            return lr
        before, after = (1 + math.cos(math.pi * t / t_max) for t in (step - 1, step))
        if (step - 1) % (2 * t_max) == t_max:  # before is 0, the bottom: up by as much as from eta_min
            return lr + (self.base_lr - eta_min) * after / 2
        return eta_min + (lr - eta_min) * after / before


class LinearWarmup(Schedule):
    """lr_0 times a factor from start_factor to end_factor in total_iters steps: `linear_warmup`.

    Twin: `torch.optim.lr_scheduler.LinearLR`."""

    formula = staticmethod(linear_warmup)

    def __init__(self, optimizer: Any, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5):
        super().__init__(
            optimizer,
            start_factor=need_number(start_factor, "start_factor", high=1.0),
            end_factor=need_number(end_factor, "end_factor", high=1.0),
            total_iters=need_size(total_iters, "total_iters"),
        )

    def chained(self, step: int, lr: float) -> float:
        if step > self.settings["total_iters"]:
            return lr
        after = linear_warmup(step, 1.0, **self.settings)
        before = linear_warmup(step - 1, 1.0, **self.settings) if step else 1.0
        return lr * after / before if before else self.lr_at(step)  # a factor of 0 leaves nothing to go on from


class CyclicLR(Schedule):
    """Between base_lr and max_lr, up in step_size_up steps and down in step_size_down: `cyclic_lr`. Sets only the rate.

    Source: Smith 2017. Twin: `torch.optim.lr_scheduler.CyclicLR(..., cycle_momentum=False)`."""

    formula = staticmethod(cyclic_lr)

    def __init__(
        self,
        optimizer: Any,
        base_lr: float,
        max_lr: float,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
    ):
        first = need_number(base_lr, "base_lr")
        if isinstance(optimizer, (Optimizer, Rate)):
            optimizer.lr = first  # so that later schedules start from it, if this is the first
        super().__init__(
            optimizer,
            first,
            max_lr=need_number(max_lr, "max_lr"),
            step_size_up=need_size(step_size_up, "step_size_up"),
            step_size_down=None if step_size_down is None else need_size(step_size_down, "step_size_down"),
            mode=pick({m: m for m in ("triangular", "triangular2", "exp_range")}, mode, "mode"),
            gamma=need_number(gamma, "gamma"),
        )


class OneCycleLR(Schedule):
    """Up to max_lr by half a cosine, then down to almost 0, in total_steps steps: `one_cycle_lr`. Sets only the rate.

    Source: Smith & Topin 2019. Twin: `torch.optim.lr_scheduler.OneCycleLR(..., cycle_momentum=False)`."""

    formula = staticmethod(one_cycle_lr)

    def __init__(
        self,
        optimizer: Any,
        max_lr: float,
        total_steps: int,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
    ):
        super().__init__(
            optimizer,
            need_number(max_lr, "max_lr"),
            total_steps=need_size(total_steps, "total_steps"),
            pct_start=need_number(pct_start, "pct_start", high=1.0),
            anneal_strategy=pick({m: m for m in ("cos", "linear")}, anneal_strategy, "anneal_strategy"),
            div_factor=need_number(div_factor, "div_factor", 1e-300),
            final_div_factor=need_number(final_div_factor, "final_div_factor", 1e-300),
        )
        optimizer.initial_lr = max_lr / div_factor  # where later schedules start, as in PyTorch


class ScheduleRow(NamedTuple):
    """One row: the pure function fn(step, lr, **settings), the class, settings to draw it with, LaTeX, twin, use.

    For `reduce_on_plateau` the first argument is the list of metrics so far."""

    name: str
    fn: Callable[..., float]
    schedule: Callable[..., Any]
    settings: dict[str, Any]
    formula: str
    twin: str
    use: str


_TORCH = "torch.optim.lr_scheduler."
_ROWS = [
    ScheduleRow(
        "step",
        step_lr,
        StepLR,
        {"step_size": 30, "gamma": 0.5},
        r"\eta_0 \gamma^{\lfloor t / s \rfloor}",
        _TORCH + "StepLR",
        "a known moment to slow down",
    ),
    ScheduleRow(
        "exponential",
        exponential_lr,
        ExponentialLR,
        {"gamma": 0.97},
        r"\eta_0 \gamma^t",
        _TORCH + "ExponentialLR",
        "a smooth decay without an end",
    ),
    ScheduleRow(
        "cosine",
        cosine_annealing_lr,
        CosineAnnealingLR,
        {"T_max": 100},
        r"\eta_{min} + \tfrac{1}{2} (\eta_0 - \eta_{min}) (1 + \cos(\pi t / T))",
        _TORCH + "CosineAnnealingLR",
        "a known number of steps: the first thing to try",
    ),
    ScheduleRow(
        "plateau",
        reduce_on_plateau,
        ReduceLROnPlateau,
        {"factor": 0.5, "patience": 10},
        r"\eta \leftarrow \gamma \eta \text{ where the metric stands still}",
        _TORCH + "ReduceLROnPlateau",
        "an unknown number of steps, and a validation loss",
    ),
    ScheduleRow(
        "warmup",
        linear_warmup,
        LinearWarmup,
        {"start_factor": 0.1, "total_iters": 20},
        r"\eta_0 (f_0 + (f_1 - f_0) \min(t / T, 1))",
        _TORCH + "LinearLR",
        "the first steps of transformers and of large batches",
    ),
    ScheduleRow(
        "cyclic",
        cyclic_lr,
        CyclicLR,
        {"max_lr": 1.0, "step_size_up": 20},
        r"\eta_{min} + (\eta_{max} - \eta_{min})\, \text{triangle}(t)",
        _TORCH + "CyclicLR",
        "long training runs: a large rate now and then",
    ),
    ScheduleRow(
        "one_cycle",
        one_cycle_lr,
        OneCycleLR,
        {"total_steps": 100},
        r"\text{up by half a cosine, then down to almost } 0",
        _TORCH + "OneCycleLR",
        "a known number of steps: warm-up and cosine in one",
    ),
]

SCHEDULES: dict[str, ScheduleRow] = {row.name: row for row in _ROWS}
