"""What is observed when a learner's functions stop, save and resume a small run (exercise 11.3).

`objects` are the learner's functions: state(run), restore(run, state), save(state, path).
"""

import errno
import os
import pickle
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from nnlab.chapters.c11_training_craft.small_run import SmallRun
from nnlab.exercises.running import ExplainedError

STEPS = 12


def started_run(seed: int, steps: int) -> SmallRun:
    torch.manual_seed(seed)
    run = SmallRun()
    for _ in range(steps):
        run.step()
    return run


def run_state(run: SmallRun, place: int) -> dict[str, Any]:
    """What the next steps depend on, by name, as tensors; of the order, what is still to come after `place`."""
    memory = run.opt.state_dict()["state"].values()
    return {
        "the weights": [p.detach().clone() for p in run.model.parameters()],
        "the optimizer's memory": [v.clone() for entry in memory for v in entry.values()],
        "the schedule's count": [torch.tensor(run.schedule.last_epoch)],
        "the place in the epoch": [torch.tensor(int(run.place))],
        "the epoch's order": [torch.as_tensor(run.order)[place:].clone()],
        "the generator of orders": [run.generator.get_state()],
        "PyTorch's generator": [torch.get_rng_state()],
    }


def missing_parts(before: dict[str, Any], after: dict[str, Any]) -> str:
    lost = [
        name
        for name, values in before.items()
        if len(values) != len(after[name]) or not all(map(torch.equal, values, after[name]))
    ]
    more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
    return f"all but {lost[0]}{more}" if lost else "everything"


def what_comes_back(objects: Any, stop: int, later: int = 0) -> str:
    """Stop at step `stop`, take the state, go on for `later` steps, and restore the state into a new run.

    Returns "everything", or which parts were not restored."""
    with torch.random.fork_rng(devices=[]):
        run = started_run(seed=1, steps=stop)
        place = run.place
        before = run_state(run, place)
        state = objects.state(run)
        for _ in range(later):
            run.step()
        fresh = started_run(seed=99, steps=0)  # as in a new process
        objects.restore(fresh, state)
        return missing_parts(before, run_state(fresh, place))


def state_disturbs(objects: Any) -> str:
    """Which parts of a run change when its state is taken: "everything" is as it was, or what is not."""
    with torch.random.fork_rng(devices=[]):
        run = started_run(seed=1, steps=3)
        before = run_state(run, run.place)
        objects.state(run)
        return missing_parts(before, run_state(run, run.place))


def loaded_safely(path: str) -> Any:
    """What a file holds, read without running code that may be in it. Raises ExplainedError if that is impossible."""
    try:
        return torch.load(path, weights_only=True)
    except pickle.UnpicklingError:
        raise ExplainedError(
            "What you saved cannot be read back safely: only tensors, numbers, lists and dicts may be in it. Keep "
            "state_dict() of a model, an optimizer or a schedule, not the thing itself."
        ) from None


def first_difference(objects: Any, stops: list[int]) -> str:
    """Stop at each of these steps, save to a file, and continue in a new run: at which step do the weights differ?"""
    with torch.random.fork_rng(devices=[]), tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.pt")
        for stop in stops:
            objects.save(objects.state(started_run(seed=1, steps=stop)), path)
            fresh = started_run(seed=99, steps=0)
            objects.restore(fresh, loaded_safely(path))
            resumed = []
            for _ in range(stop, STEPS):
                fresh.step()
                resumed.append([p.detach().clone() for p in fresh.model.parameters()])
            uninterrupted = started_run(seed=1, steps=stop)
            for step, weights in enumerate(resumed, stop + 1):
                uninterrupted.step()
                if not all(map(torch.equal, weights, uninterrupted.model.parameters())):
                    return f"stopped at {stop}, step {step} differs"
    return "the same to the last bit"


class _Unwritable:
    """Saving it fails half-way, as on a full disk."""

    def __reduce__(self) -> Any:
        raise OSError("No space left on device")


def failed_write(objects: Any) -> tuple[str, str]:
    """Write a state, then one that fails half-way: what the file holds afterwards, and whether the error was raised."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.pt")
        objects.save({"step": torch.arange(3)}, path)
        try:
            objects.save({"step": torch.zeros(3), "rest": _Unwritable()}, path)
            reported = "silence"
        except OSError:
            reported = "the error"
        try:
            whole = torch.equal(torch.load(path, weights_only=True)["step"], torch.arange(3))
        except Exception:  # whatever a damaged file raises
            whole = False
    return "the state of before" if whole else "a damaged file", reported


class _Watch:
    """Notices if there is no file at `path` for a moment, and if a file is moved there from another folder.

    Another folder may be on another disk, from which a file cannot be renamed, only copied; so it is refused here."""

    def __init__(self, path: str):
        self.path, self.emptied, self.brought = path, False, False
        self._stack = ExitStack()

    def __enter__(self) -> "_Watch":
        for place, name in ((os, "remove"), (os, "unlink"), (Path, "unlink"), (os, "rename"), (os, "replace")):
            self._stack.enter_context(patch.object(place, name, self._watched(getattr(place, name))))
        return self

    def __exit__(self, *_: Any) -> None:
        self._stack.close()

    def _watched(self, function: Any) -> Any:
        def call(source: Any, *rest: Any, **options: Any) -> Any:
            names = [source, *rest[:1], *options.values()]
            mine = [isinstance(n, (str, os.PathLike)) and os.path.abspath(n) == self.path for n in names]
            self.emptied |= mine[0]
            if any(mine[1:]) and not os.path.abspath(source).startswith(os.path.dirname(self.path) + os.sep):
                self.brought = True
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            return function(source, *rest, **options)

        return call


def between_two_writes(objects: Any) -> str:
    """Write twice, and see what becomes of the first file, which a second name (a hard link) still holds."""
    with tempfile.TemporaryDirectory() as folder:
        path, kept = (os.path.join(os.path.abspath(folder), name) for name in ("run.pt", "kept.pt"))
        objects.save({"step": torch.tensor(1)}, path)
        try:
            os.link(path, kept)
        except OSError:  # this disk has no hard links
            kept = ""
        with _Watch(path) as watch:
            try:
                objects.save({"step": torch.tensor(2)}, path)
            except OSError:
                if not watch.brought:
                    raise
        if watch.brought:
            return "the new one was brought from another folder"
        if watch.emptied:
            return "for a moment there was no file"
        try:
            same = not kept or loaded_safely(kept)["step"].item() == 1
        except Exception:  # whatever half a file raises
            same = False
        return "the old file, then the new one" if same else "the old file was written into"


def second_write(objects: Any) -> Any:
    """The step in the file after two states were written to it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.pt")
        for number in (1, 2):
            objects.save({"step": torch.tensor(number)}, path)
        return loaded_safely(path)["step"].item()
