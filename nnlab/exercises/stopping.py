"""A small training that is stopped, saved and resumed by a learner's functions, and what is seen of it (11.3)."""

import errno
import os
import pickle
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from nnlab.exercises.judge import Told


class Run:
    """A small training with dropout and a schedule; 20 rows, 4 a batch."""

    def __init__(self) -> None:
        import torch

        self.x = torch.randn(20, 4, generator=torch.Generator().manual_seed(0))
        layers = torch.nn.Linear(4, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1)
        self.model = torch.nn.Sequential(*layers)
        self.opt = torch.optim.AdamW(self.model.parameters(), lr=0.1)
        self.schedule = torch.optim.lr_scheduler.StepLR(self.opt, 4, gamma=0.5)
        self.generator = torch.Generator().manual_seed(0)
        self.begin_epoch()

    def begin_epoch(self) -> None:
        import torch

        self.order = torch.randperm(20, generator=self.generator)
        self.place = 0

    def step(self) -> None:
        if self.place == 20:
            self.begin_epoch()
        x = self.x[self.order[self.place : self.place + 4]]
        self.place += 4
        loss = (self.model(x) - x[:, :1] * x[:, 1:2]).square().mean()
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        self.schedule.step()


STEPS = 12


def _begun(seed: int, steps: int) -> Run:
    import torch

    torch.manual_seed(seed)
    run = Run()
    for _ in range(steps):
        run.step()
    return run


def _facts(run: Run, place: int) -> dict[str, Any]:
    """What the next steps depend on, by name, as plain numbers; of the order what is still to come after place."""
    import torch

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


def _missing(before: dict[str, Any], after: dict[str, Any]) -> str:
    import torch

    lost = [
        name
        for name, values in before.items()
        if len(values) != len(after[name]) or not all(map(torch.equal, values, after[name]))
    ]
    more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
    return f"all but {lost[0]}{more}" if lost else "everything"


def what_comes_back(objects: Any, stop: int, later: int = 0) -> str:
    """Stop, take the state, go on for some steps, and restore the state into a run that was just made."""
    import torch

    with torch.random.fork_rng(devices=[]):
        run = _begun(seed=1, steps=stop)
        place = run.place
        before = _facts(run, place)
        state = objects.state(run)
        for _ in range(later):
            run.step()
        fresh = _begun(seed=99, steps=0)  # as in a new process
        objects.restore(fresh, state)
        return _missing(before, _facts(fresh, place))


def state_disturbs(objects: Any) -> str:
    import torch

    with torch.random.fork_rng(devices=[]):
        run = _begun(seed=1, steps=3)
        before = _facts(run, run.place)
        objects.state(run)
        return _missing(before, _facts(run, run.place))


def _loaded(path: str) -> Any:
    """What a file holds, read without running code that may be in it."""
    import torch

    try:
        return torch.load(path, weights_only=True)
    except pickle.UnpicklingError:
        raise Told(
            "What you saved cannot be read back safely: only tensors, numbers, lists and dicts may be in it. Keep "
            "state_dict() of a model, an optimizer or a schedule, not the thing itself."
        ) from None


def first_difference(objects: Any, stops: list[int]) -> str:
    """Stop at each of these steps, go through a file, and go on in a run that was just made: which weights differ?"""
    import torch

    with torch.random.fork_rng(devices=[]), tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.pt")
        for stop in stops:
            objects.save(objects.state(_begun(seed=1, steps=stop)), path)
            fresh = _begun(seed=99, steps=0)
            objects.restore(fresh, _loaded(path))
            resumed = []
            for _ in range(stop, STEPS):
                fresh.step()
                resumed.append([p.detach().clone() for p in fresh.model.parameters()])
            through = _begun(seed=1, steps=stop)
            for step, weights in enumerate(resumed, stop + 1):
                through.step()
                if not all(map(torch.equal, weights, through.model.parameters())):
                    return f"stopped at {stop}, step {step} is another"
    return "the same to the last bit"


class _Unwritable:
    """Half-way through it, the disk is full."""

    def __reduce__(self) -> Any:
        raise OSError("No space left on device")


def failed_write(objects: Any) -> tuple[str, str]:
    """Write a state, then one that fails half-way. What is in the file then, and was the failure told?"""
    import torch

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.pt")
        objects.save({"step": torch.arange(3)}, path)
        try:
            objects.save({"step": torch.zeros(3), "rest": _Unwritable()}, path)
            told = "silence"
        except OSError:
            told = "the error"
        try:
            whole = torch.equal(torch.load(path, weights_only=True)["step"], torch.arange(3))
        except Exception:  # whatever a damaged file raises
            whole = False
    return "the state of before" if whole else "a damaged file", told


class _Watch:
    """Sees whether a name is empty for a moment, and whether a file is brought to it from another folder.

    Another folder may be on another disk. There a file cannot be renamed, only copied; here it is refused as there."""

    def __init__(self, path: str):
        self.path, self.emptied, self.brought = path, False, False
        self._stack = ExitStack()

    def __enter__(self) -> "_Watch":
        for place, name in ((os, "remove"), (os, "unlink"), (Path, "unlink"), (os, "rename"), (os, "replace")):
            self._stack.enter_context(patch.object(place, name, self._seen(getattr(place, name))))
        return self

    def __exit__(self, *_: Any) -> None:
        self._stack.close()

    def _seen(self, function: Any) -> Any:
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
    """Write twice, and see what becomes of the first file: a second name (a hard link) still holds it."""
    import torch

    with tempfile.TemporaryDirectory() as folder:
        path, kept = (os.path.join(os.path.abspath(folder), name) for name in ("run.pt", "kept.pt"))
        objects.save({"step": torch.tensor(1)}, path)
        try:
            os.link(path, kept)
        except OSError:  # this disk knows no second names
            kept = ""
        with _Watch(path) as seen:
            try:
                objects.save({"step": torch.tensor(2)}, path)
            except OSError:
                if not seen.brought:
                    raise
        if seen.brought:
            return "the new one was brought from another folder"
        if seen.emptied:
            return "for a moment there was no file"
        try:
            same = not kept or _loaded(kept)["step"].item() == 1
        except Exception:  # whatever half a file raises
            same = False
        return "the old file, then the new one" if same else "the old file was written into"


def second_write(objects: Any) -> Any:
    import torch

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.pt")
        for number in (1, 2):
            objects.save({"step": torch.tensor(number)}, path)
        return _loaded(path)["step"].item()
