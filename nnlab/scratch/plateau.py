"""The schedule that watches a metric and not the clock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nnlab.checks import describe, need_number, need_size, pick

from .optim import Optimizer


class Rate:
    """Stands in for an optimizer where only the learning rate matters, to draw a schedule."""

    def __init__(self, lr: float):
        self.lr, self.initial_lr = lr, None


class ReduceLROnPlateau:
    """Multiplies the rate by factor when a metric has not become better for more than patience steps.

    Better is: below the best so far by more than threshold, a share of it (threshold_mode="rel") or an amount ("abs");
    mode="max" for what should grow. After a cut, cooldown steps do not count. The rate never falls below min_lr, nor
    changes by less than eps. Twin: `torch.optim.lr_scheduler.ReduceLROnPlateau`."""

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
        self.best, self.bad, self.waiting = math.inf if self.falling else -math.inf, 0, 0

    def step(self, metric: float) -> None:
        """One step on, with the metric it reached."""
        if self.is_better(float(metric)):
            self.best, self.bad = float(metric), 0
        else:
            self.bad += 1
        if self.waiting > 0:
            self.waiting, self.bad = self.waiting - 1, 0
        if self.bad > self.patience:
            lower = max(self.optimizer.lr * self.factor, self.min_lr)
            if self.optimizer.lr - lower > self.eps:
                self.optimizer.lr = lower
            self.waiting, self.bad = self.cooldown, 0

    def is_better(self, metric: float) -> bool:
        """Whether a metric beats the best so far by enough; false for NaN."""
        if self.falling:
            return metric < (self.best * (1 - self.threshold) if self.relative else self.best - self.threshold)
        return metric > (self.best * (1 + self.threshold) if self.relative else self.best + self.threshold)

    def state_dict(self) -> dict[str, Any]:
        """Where it stands."""
        return {"best": self.best, "bad": self.bad, "waiting": self.waiting}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a `state_dict()`."""
        vars(self).update(state)


def reduce_on_plateau(metrics: Sequence[float], lr: float, **options: Any) -> float:
    """The rate that `ReduceLROnPlateau(**options)` sets after these metrics, from lr at the start."""
    schedule = ReduceLROnPlateau(Rate(lr), **options)
    for metric in metrics:
        schedule.step(metric)
    return schedule.optimizer.lr
