"""The schedule that watches a metric instead of counting steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nnlab.checks import describe, need_number, need_size, pick

from .optim import Optimizer
from .options import Options


class Rate:
    """Stands in for an optimizer where only the learning rate matters, to draw a schedule."""

    def __init__(self, lr: float):
        self.lr, self.initial_lr = lr, None


class ReduceLROnPlateau(Options):
    """lr <- factor * lr, when a metric has not improved for more than patience steps.

    An improvement is below the best so far by more than threshold, a share of it (threshold_mode="rel") or an amount
    ("abs"); mode="max" for what should grow. After a reduction, cooldown steps do not count. The rate never falls below
    min_lr, nor changes by less than eps. Raises ValueError or TypeError for settings out of range.
    Twin: `torch.optim.lr_scheduler.ReduceLROnPlateau`."""

    def __init__(
        self,
        optimizer: Any,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
    ):
        self.optimizer = optimizer
        if not isinstance(optimizer, (Optimizer, Rate)):
            raise TypeError(f"A schedule takes an optimizer, as SGD(net.params) makes one; got {describe(optimizer)}.")
        self.falling: bool = pick({"min": True, "max": False}, mode, "mode")
        self.factor = need_number(factor, "factor", below=1.0)
        self.patience = need_size(patience, "patience", 0)
        self.threshold = need_number(threshold, "threshold")
        self.relative: bool = pick({"rel": True, "abs": False}, threshold_mode, "threshold_mode")
        self.cooldown = need_size(cooldown, "cooldown", 0)
        self.min_lr, self.eps = need_number(min_lr, "min_lr"), need_number(eps, "eps")
        self.best = math.inf if self.falling else -math.inf
        self.num_bad_epochs, self.cooldown_counter = 0, 0

    def step(self, metric: float) -> None:
        """The next step, with the metric that it reached."""
        if self.is_better(float(metric)):
            self.best, self.num_bad_epochs = float(metric), 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown_counter - 1, 0
        if self.num_bad_epochs > self.patience:
            lower = max(self.optimizer.lr * self.factor, self.min_lr)
            if self.optimizer.lr - lower > self.eps:
                self.optimizer.lr = lower
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0

    def is_better(self, metric: float) -> bool:
        """Whether a metric beats the best so far by enough; false for NaN."""
        if self.falling:
            return metric < (self.best * (1 - self.threshold) if self.relative else self.best - self.threshold)
        return metric > (self.best * (1 + self.threshold) if self.relative else self.best + self.threshold)

    def state_dict(self) -> dict[str, Any]:
        """What its next step depends on."""
        return {name: getattr(self, name) for name in ("best", "num_bad_epochs", "cooldown_counter")}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from a `state_dict()`."""
        vars(self).update(state)


def reduce_on_plateau(metrics: Sequence[float], lr: float, **options: Any) -> float:
    """The rate that `ReduceLROnPlateau(**options)` sets after these metrics, from lr at the start."""
    schedule = ReduceLROnPlateau(Rate(lr), **options)
    for metric in metrics:
        schedule.step(metric)
    return schedule.optimizer.lr
