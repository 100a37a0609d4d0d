"""A learning-rate schedule as a factor on the rate, one step an epoch: the slider stays in charge of the rate."""

from __future__ import annotations

from typing import Any

from nnlab.scratch import SCHEDULES
from nnlab.scratch.plateau import Rate


def _settings(name: str, horizon: int) -> dict[str, Any]:
    """Settings that stretch a schedule over `horizon` epochs."""
    return {
        "step": {"step_size": max(1, horizon // 4), "gamma": 0.5},
        "exponential": {"gamma": 0.01 ** (1 / horizon)},
        "cosine": {"T_max": horizon},
        "plateau": {"factor": 0.5, "patience": max(1, horizon // 20)},
        "warmup": {"start_factor": 0.05, "total_iters": max(1, horizon // 4)},
        "cyclic": {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": max(1, horizon // 8)},
        "one_cycle": {"max_lr": 1.0, "total_steps": horizon},
    }.get(name, SCHEDULES[name].settings)


class Factor:
    """The factor of a schedule of SCHEDULES, or of "none", stretched over `horizon` epochs; it stays constant after."""

    def __init__(self, name: str, horizon: int):
        self.rate, self.left = Rate(1.0), horizon
        self.plateau = name == "plateau"
        made = None if name == "none" else SCHEDULES[name].schedule(self.rate, **_settings(name, horizon))
        self.schedule: Any = made

    @property
    def now(self) -> float:
        """What the learning rate is multiplied by in this epoch."""
        return self.rate.lr

    def step(self, loss: float) -> None:
        """Move on one epoch, which ended with this training loss."""
        if self.schedule is None or not self.left:
            return
        self.left -= 1
        if self.plateau:
            self.schedule.step(loss)
        else:
            self.schedule.step()
