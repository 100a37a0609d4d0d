"""The schedules that the designer of chapter 09 composes: the rates step by step, and the same as lines of PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnlab.scratch import (
    SCHEDULES,
    CosineAnnealingLR,
    CyclicLR,
    ExponentialLR,
    LinearWarmup,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)
from nnlab.scratch.plateau import Rate

RULES = ("none", "step", "exponential", "cosine", "cyclical", "one-cycle", "plateau")
_ROWS = {"step", "exponential", "cosine", "cyclic", "one_cycle", "plateau", "warmup"}  # of SCHEDULES, with controls
_USED = {  # the controls that each rule listens to
    "none": {"warmup"},
    "step": {"warmup", "every", "factor"},
    "exponential": {"warmup", "gamma"},
    "cosine": {"warmup", "low"},
    "cyclical": {"low", "half", "mode"},
    "one-cycle": {"rise"},
    "plateau": {"warmup", "patience", "factor"},
}
VALIDATE_EVERY = 20  # steps
START_FACTOR = 0.01  # of a warm-up: its first rate as a share of the peak


def rules() -> list[str]:
    """RULES, and each further row of SCHEDULES, which takes its settings from the row."""
    return [*RULES, *(name for name in SCHEDULES if name not in _ROWS)]


def used(rule: str) -> set[str]:
    """The names of the controls that a rule listens to, besides the peak, the number of steps and the seed."""
    return _USED.get(rule, {"warmup"})


def schedule(optimizer: Any, v: Mapping[str, Any]) -> Any:
    """The designed schedule, on an optimizer whose rate is the peak; None for a constant rate.

    v: the values of the explorer's controls. Plateau comes without its warm-up, for it counts validations, not
    steps."""
    rule, total, peak = v["rule"], int(v["total"]), v["lr"]
    warmup = v["warmup"] if "warmup" in used(rule) and rule != "plateau" else 0
    if rule == "cyclical":
        return CyclicLR(optimizer, base_lr=peak * v["low"], max_lr=peak, step_size_up=v["half"], mode=v["mode"])
    if rule == "one-cycle":
        return OneCycleLR(optimizer, max_lr=peak, total_steps=total, pct_start=v["rise"])
    if rule == "plateau":
        return ReduceLROnPlateau(optimizer, factor=v["factor"], patience=v["patience"])
    first = LinearWarmup(optimizer, start_factor=START_FACTOR, total_iters=warmup) if warmup else None
    if rule == "none":
        return first
    decay: Any = {
        "step": lambda: StepLR(optimizer, step_size=v["every"], gamma=v["factor"]),
        "exponential": lambda: ExponentialLR(optimizer, gamma=v["gamma"]),
        "cosine": lambda: CosineAnnealingLR(optimizer, T_max=total - warmup, eta_min=peak * v["low"]),
    }.get(rule, lambda: SCHEDULES[rule].schedule(optimizer, **SCHEDULES[rule].settings))()
    return SequentialLR(optimizer, [first, decay], milestones=[warmup]) if first else decay


def pytorch_lines(**v: Any) -> str:
    """The same schedule as a training loop in PyTorch. `train_batch()` and `validate()` are for the reader to
    write."""
    rule, total, peak = v["rule"], int(v["total"]), v["lr"]
    warmup = v["warmup"] if "warmup" in used(rule) else 0
    low = f"{peak * v['low']:.10g}"
    constructors = {
        "step": f"StepLR(optimizer, step_size={v['every']}, gamma={v['factor']:g})",
        "exponential": f"ExponentialLR(optimizer, gamma={v['gamma']:g})",
        "cosine": f"CosineAnnealingLR(optimizer, T_max={total - warmup}, eta_min={low})",
        "cyclical": f"CyclicLR(\n    optimizer, base_lr={low}, max_lr={peak:g}, step_size_up={v['half']},\n"
        f'    mode="{v["mode"]}", cycle_momentum=False)',
        "one-cycle": f"OneCycleLR(\n    optimizer, max_lr={peak:g}, total_steps={total}, pct_start={v['rise']:g},\n"
        "    cycle_momentum=False)",
        "plateau": f"ReduceLROnPlateau(optimizer, factor={v['factor']:g}, patience={v['patience']})",
    }
    if rule not in RULES:
        row = SCHEDULES[rule]
        settings = "".join(f", {name}={value!r}" for name, value in row.settings.items())
        constructors[rule] = f"{row.twin.rpartition('.')[2]}(optimizer{settings})"
    first = f"LinearLR(optimizer, start_factor={START_FACTOR}, total_iters={warmup})"
    lines, loop = [], ["    scheduler.step()"]
    if rule == "plateau":
        if warmup:
            lines.append(f"warmup = lr_scheduler.{first}")
        lines.append(f"scheduler = lr_scheduler.{constructors[rule]}")
        condition = f"if (step + 1) % {VALIDATE_EVERY} == 0:"
        loop = [f"    {condition}", "        scheduler.step(validate())  # the loss on validation data"]
        if warmup:
            loop = [
                f"    if step < {warmup}:",
                "        warmup.step()",
                f"    el{condition}",
                "        scheduler.step(validate())  # the loss on validation data",
            ]
    elif rule == "none":
        lines = [f"scheduler = lr_scheduler.{first}"] if warmup else []
        loop = loop if warmup else []
    elif warmup:
        lines = [
            f"warmup = lr_scheduler.{first}",
            f"decay = lr_scheduler.{constructors[rule]}",
            "scheduler = lr_scheduler.SequentialLR(",
            f"    optimizer, [warmup, decay], milestones=[{warmup}])",
        ]
    else:
        lines = [f"scheduler = lr_scheduler.{constructors[rule]}"]
    return "\n".join(
        [
            "import torch",
            "from torch.optim import lr_scheduler",
            "",
            f"optimizer = torch.optim.SGD(model.parameters(), lr={peak:g}, momentum=0.9)",
            *lines,
            "",
            f"for step in range({total}):",
            "    train_batch()  # forward, backward, optimizer.step()",
            *loop,
        ]
    )


class DesignedSchedule:
    """The designed schedule in use: `lr` is the rate of the next step, `after(step, metric)` moves on.

    values: those of the explorer's controls."""

    def __init__(self, values: Mapping[str, Any]):
        self.rate = Rate(values["lr"])
        self.plateau = values["rule"] == "plateau"
        self.warmup = values["warmup"] if self.plateau else 0
        if self.warmup:
            first = LinearWarmup(Rate(values["lr"]), start_factor=START_FACTOR, total_iters=self.warmup)
            self.ramp = [first.lr_at(t) for t in range(self.warmup + 1)]
        self.schedule = schedule(self.rate, values)
        if self.warmup:
            self.rate.lr = self.ramp[0]

    @property
    def lr(self) -> float:
        """The rate of the next step."""
        return self.rate.lr

    def after(self, step: int, metric: float | None) -> None:
        """Move on after step `step`, counted from 0. metric: the validation loss, None if it was not computed."""
        if step < self.warmup:
            self.rate.lr = self.ramp[step + 1]
        elif self.plateau:
            if metric is not None:
                self.schedule.step(metric)
        elif self.schedule is not None:
            self.schedule.step()
