"""One schedule after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nnlab.checks import describe, need_size

from .schedules import Schedule


class SequentialLR(Schedule):
    """One schedule after another: the next takes over, from its step 0, at each of `milestones`. Warm-up, then decay:

    SequentialLR(opt, [LinearWarmup(opt, total_iters=5), CosineAnnealingLR(opt, 95)], milestones=[5]).
    Twin: `torch.optim.lr_scheduler.SequentialLR`."""

    def __init__(self, optimizer: Any, schedulers: Sequence[Schedule], milestones: Sequence[int]):
        if len(schedulers) != len(milestones) + 1 or list(milestones) != sorted(milestones):
            raise ValueError(
                f"{len(schedulers)} schedules need {len(schedulers) - 1} milestones between them, in ascending order; "
                f"got {list(milestones)}."
            )
        for i, schedule in enumerate(schedulers):
            if not isinstance(schedule, Schedule):
                raise TypeError(f"SequentialLR takes schedules that count steps; number {i} is {describe(schedule)}.")
            if schedule.optimizer is not optimizer:
                raise ValueError(f"Schedule number {i} of SequentialLR was made for a different optimizer.")
        self.schedulers = list(schedulers)
        self.starts = [0, *(need_size(m, "each milestone") for m in milestones)]
        optimizer.lr = optimizer.initial_lr  # what the schedules set when they were made is undone
        super().__init__(optimizer)
        self.go_to(0)

    def lr_at(self, step: int) -> float:
        schedule, start = self._at(need_size(step, "step", 0))
        return schedule.lr_at(step - start)

    def step(self) -> None:
        self.last_epoch += 1
        schedule, start = self._at(self.last_epoch)
        if self.last_epoch > start:
            schedule.step()
        else:  # a schedule takes over, from its own first rate
            schedule.go_to(0)
            self.optimizer.lr = schedule.lr_at(0)

    def go_to(self, step: int) -> None:
        self.last_epoch = step
        schedule, start = self._at(step)
        schedule.go_to(step - start)

    def _at(self, step: int) -> tuple[Schedule, int]:
        """The schedule in charge of a step, and the step in which it took over."""
        i = sum(start <= step for start in self.starts) - 1
        return self.schedulers[i], self.starts[i]
