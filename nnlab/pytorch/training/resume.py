"""What the caller asks for now, put together with what a checkpoint holds.

The checkpoint keeps optimizer and schedule as they were *asked for* (before the first step) next to how they are now.
On resuming, an option that the caller has not changed takes its saved present value; one that was changed takes the new
value. A schedule that was changed is stepped from its beginning to the present step, so that the rate is what it would
be if the new schedule had been there from the start.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch

from .. import checkpoint
from .history import Epoch

MOVING = {  # what PyTorch's schedules change while they run; everything else in their state is what was asked for
    *("last_epoch", "_step_count", "_last_lr", "T_cur", "T_i", "best", "num_bad_epochs", "cooldown_counter"),
    *("_get_lr_called_within_step", "_is_initial"),
}
FUNCTIONS = {"lr_lambdas", "_scale_fn_custom"}  # cannot be compared, so their schedules are always stepped again


def check_place(saved: dict[str, Any], now: dict[str, int], path: Path) -> None:
    """Raise ValueError, naming what differs, if an epoch was interrupted and the same order of rows can't be continued.

    saved and now: batch_size, examples and seed."""
    names = {"batch_size": "batch_size", "examples": "the number of rows", "seed": "seed"}
    differ = [f"{names[key]} was {saved[key]} and is {value}" for key, value in now.items() if saved[key] != value]
    if differ:
        raise ValueError(
            f"{path} stands in the middle of an epoch, and {'; '.join(differ)}: rows would be left out or read twice. "
            "Finish the epoch with the same values, or take another checkpoint."
        )


def asked(optimizer: torch.optim.Optimizer, schedule: Any) -> dict[str, Any]:
    """What the caller asks of both, to be kept in the checkpoint. Raises TypeError if it cannot be held there."""
    return {
        "optimizer": checkpoint.plain(optimizer.state_dict(), "optimizer")["param_groups"],
        "optimizer class": type(optimizer).__name__,
        "schedule": None if schedule is None else checkpoint.plain(schedule.state_dict(), "schedule"),
        "schedule class": type(schedule).__name__,
    }


def restore_optimizer_and_schedule(
    optimizer: torch.optim.Optimizer,
    schedule: Any,
    by_epoch: bool,
    now_asked: dict[str, Any],
    saved: dict[str, Any],
    path: Path,
) -> dict[str, Any]:
    """Load both from `saved`, honouring what the caller has changed since. by_epoch: the schedule reads the validation
    loss. Returns what counts as asked from here on. Raises ValueError for a different kind of optimizer, and for a
    schedule that cannot reach the present step."""
    if "asked" not in saved:  # a file of an earlier version
        optimizer.load_state_dict(saved["optimizer"])
        if schedule is not None:
            schedule.load_state_dict(saved["schedule"])
        return now_asked
    then = saved["asked"]
    if type(optimizer).__name__ != then["optimizer class"]:
        raise ValueError(
            f"{path} was saved with {then['optimizer class']}, now the optimizer is {type(optimizer).__name__}: the "
            "state of one means nothing to the other. Take the same, or another checkpoint."
        )
    now, plan = now_asked["optimizer"], now_asked["schedule"]
    before, after = then["optimizer"], saved["optimizer"]["param_groups"]
    if [len(group["params"]) for group in now] != [len(group["params"]) for group in after]:
        raise ValueError(
            f"{path} was saved with {len(after)} groups of parameters, now there are {len(now)} or they have other "
            "sizes: make the optimizer as it was then."
        )
    started = plan is not None and _steps(plan) > 0  # the same object is used a second time, or was made for this step
    groups = [
        {key: value if _changed(key, value, b, a, started) else a.get(key, value) for key, value in group.items()}
        for group, b, a in zip(now, before, after, strict=True)
    ]
    changed = any(
        _changed(key, value, b, a, started)
        for group, b, a in zip(now, before, after, strict=True)
        for key, value in group.items()
    )
    if schedule is not None:
        other = (
            now_asked["schedule class"] != then["schedule class"]
            or _asked(plan) != _asked(then["schedule"])
            or _has_functions(plan)
        )
        if other and started:
            if not _has_functions(plan):
                raise ValueError(f"The schedule differs from that in {path} and has been stepped: make a new one.")
            other = False
        if other or (changed and not started):
            optimizer.load_state_dict({**saved["optimizer"], "param_groups": now})
            _step_again(schedule, by_epoch, saved["scheduled"], saved["history"], path)
            return now_asked
        schedule.load_state_dict(saved["schedule"])
    optimizer.load_state_dict({**saved["optimizer"], "param_groups": groups})
    return then if started else now_asked


def _changed(key: str, value: Any, before: dict[str, Any], after: dict[str, Any], started: bool) -> bool:
    """Whether the caller asks for another value of an optimizer's option than when the checkpoint was begun."""
    if key == "params" or key not in before or _equal(value, before[key]) or _equal(value, after[key]):
        return False
    return not (started and not _equal(before[key], after[key]))  # moved by the schedule, not by the caller


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor) or isinstance(b, torch.Tensor):
        return torch.equal(torch.as_tensor(a).cpu(), torch.as_tensor(b).cpu())
    return list(a) == list(b) if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) else a == b


def _asked(state: Any) -> Any:
    """A schedule's state without what moves."""
    if isinstance(state, dict):
        return {key: _asked(value) for key, value in state.items() if key not in MOVING}
    return [_asked(value) for value in state] if isinstance(state, (list, tuple)) else state


def _has_functions(state: Any) -> bool:
    if isinstance(state, dict):
        return any(key in FUNCTIONS or _has_functions(value) for key, value in state.items())
    return isinstance(state, (list, tuple)) and any(map(_has_functions, state))


def _steps(state: dict[str, Any]) -> int:
    """How often a schedule was stepped; the schedules in a chain count too."""
    inner = [_steps(each) for each in state.get("_schedulers", [])]
    return max(int(state.get("last_epoch", 0)), *inner, 0)


def _step_again(schedule: Any, by_epoch: bool, steps: int, history: list[list[Any]], path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch expects the optimizer to be stepped in between
        try:
            if by_epoch:
                for row in history:
                    schedule.step(Epoch(*row).validation_loss)
            else:
                for _ in range(steps):
                    schedule.step()
        except ValueError as error:
            raise ValueError(
                f"{path} stands after step {steps}, where this {type(schedule).__name__} has already ended: make it "
                "longer."
            ) from error
