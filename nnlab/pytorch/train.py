"""Training as a practitioner writes it: one loop for the CPU and CUDA, for one process and several, that can be stopped
at any step and goes on as if it never had been."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import Dataset, TensorDataset

from . import checkpoint as files
from . import generators
from .batches import Batches, loader
from .checks import need_size
from .device import device
from .interrupt import ctrl_c
from .processes import count, gathered, rank, total

AMP = {None: None, "bfloat16": torch.bfloat16, "float16": torch.float16}


class Epoch(NamedTuple):
    """What one epoch gave. Losses are means over examples, accuracy is a share, seconds are of training alone."""

    epoch: int
    lr: float
    train_loss: float
    validation_loss: float
    accuracy: float
    seconds: float


class History(list[Epoch]):
    """One `Epoch` after the other. `stopped` says why training ended early, if it did."""

    stopped: str | None = None

    @property
    def best(self) -> Epoch:
        """The epoch with the least validation loss: its weights are in the model when `train` returns."""
        return min(self, key=lambda row: row.validation_loss)


def train(
    model: nn.Module,
    data: Dataset,
    validation: Dataset,
    optimizer: torch.optim.Optimizer,
    *,
    epochs: int,
    batch_size: int = 128,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = nn.functional.cross_entropy,
    schedule: Any = None,
    clip: float | None = None,
    amp: str | None = None,
    patience: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int | None = None,
    log: str | os.PathLike[str] | None = None,
    seed: int = 0,
    workers: int = 0,
    progress: bool | None = None,
) -> History:
    """Train `model` on `data`, watch `validation` after each epoch, leave the best weights in the model.

    data and validation give pairs (x, target). loss(model(x), target) is a mean over the batch. batch_size counts all
    processes together. schedule: a scheduler of PyTorch on this optimizer, stepped after every batch, or
    ReduceLROnPlateau, stepped after every epoch with the validation loss. clip: the greatest norm of all gradients.
    amp: None, "bfloat16" or "float16" (with a gradient scaler). patience: stop after so many epochs without a lower
    validation loss. checkpoint: a file; where it is there already, training goes on from it, bit for bit on one
    machine. every: steps between checkpoints; it is written after each epoch anyway. log: a folder for TensorBoard.
    progress: a bar; None means only on a terminal.

    Ctrl-C ends after the step at hand, with a checkpoint written: call again and it goes on. Raises ValueError for
    options that can't work, FloatingPointError when the loss is no longer a number (the last checkpoint stays).
    """
    run = _Run(model, optimizer, schedule, loss, clip, amp, seed)
    batches = Batches(len(data), batch_size, seed=seed, rank=rank(), count=count())  # type: ignore[arg-type]
    _check(epochs, patience, every, clip)
    if checkpoint is not None and Path(checkpoint).exists():
        run.restore(files.load(checkpoint), checkpoint)
    writer = _tensorboard(log, run.step)
    reader = loader(data, batches, workers=workers)
    with ctrl_c() as asked:
        for epoch in range(run.epoch, epochs):
            if run.history.stopped:
                break
            run.model.train()
            batches.epoch, batches.start = epoch, run.batch
            sizes, started = batches.sizes(), time.perf_counter()
            for x, target in _bar(reader, epoch, epochs, len(batches), run.batch, progress):
                value, norm = run.train_step(x, target, sizes[run.batch])
                if writer and run.step % 10 == 0:
                    writer.add_scalar("loss/train", float(value), run.step)
                    writer.add_scalar("learning rate", optimizer.param_groups[0]["lr"], run.step)
                    if norm is not None:
                        writer.add_scalar("gradient norm", float(norm), run.step)
                stop = bool(total(torch.tensor(float(asked.is_set()))))  # all processes end at the same step
                if checkpoint is not None and (stop or (every and run.step % every == 0)):
                    run.save(checkpoint, started)
                if stop:
                    run.history.stopped = "Ctrl-C"
                    if writer:
                        writer.close()
                    return run.history
            run.end_epoch(epoch, evaluate(model, validation, loss=loss, amp=amp), sum(sizes), started, patience)
            if writer:
                row = run.history[-1]
                writer.add_scalar("loss/validation", row.validation_loss, run.step)
                writer.add_scalar("accuracy/validation", row.accuracy, run.step)
            if checkpoint is not None:
                run.save(checkpoint, None)
    if run.best is not None:
        model.load_state_dict(run.best)
    if writer:
        writer.close()
    return run.history


@torch.no_grad()
def evaluate(
    model: nn.Module,
    data: Dataset,
    *,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = nn.functional.cross_entropy,
    amp: str | None = None,
    batch_size: int = 512,
) -> tuple[float, float]:
    """(mean loss, accuracy) of the model in eval mode over all of `data`, shared among the processes.

    Accuracy is the share of examples whose greatest logit is the target; nan where targets are not classes.
    """
    where, training = device(), model.training
    model.eval()
    batches = Batches(len(data), max(batch_size, count()), seed=0, shuffle=False)  # type: ignore[arg-type]
    sums = torch.zeros(3, dtype=torch.float64)
    for i, (x, target) in enumerate(loader(data, batches)):
        if i % count() != rank():
            continue
        x, target = x.to(where), target.to(where)
        with torch.autocast(where.type, AMP[amp], enabled=amp is not None):
            y = model(x)
            value = loss(y, target)
        classes = not target.is_floating_point() and y.dim() > target.dim()
        right = int((y.argmax(1) == target).sum()) if classes else math.nan
        sums += torch.tensor([float(value) * len(x), right, len(x)], dtype=torch.float64)
    model.train(training)
    mean = total(sums)[:2] / sums[2]
    return float(mean[0]), float(mean[1])


class _Run:
    """All that training depends on, so that it can be saved and put back."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        schedule: Any,
        loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
        clip: float | None,
        amp: str | None,
        seed: int,
    ):
        if amp not in AMP:
            raise ValueError(f'amp should be None, "bfloat16" or "float16"; got {amp!r}.')
        self.device = device()
        self.model = model.to(self.device)
        self.net: nn.Module = self.model
        if count() > 1:
            self.net = nn.parallel.DistributedDataParallel(model)  # the same weights everywhere, gradients averaged
        self.optimizer, self.schedule, self.loss, self.clip, self.amp = optimizer, schedule, loss, clip, amp
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=amp == "float16")
        self.epoch = self.batch = self.step = self.waited = 0
        self.sum = torch.zeros((), device=self.device)  # of this epoch's losses
        self.seconds = 0.0  # that this epoch took before it was stopped
        self.history = History()
        self.best: dict[str, torch.Tensor] | None = None
        torch.manual_seed(seed * 1_000_003 + rank())  # dropout differs between processes

    def train_step(self, x: torch.Tensor, target: torch.Tensor, size: int) -> tuple[torch.Tensor, torch.Tensor | None]:
        """One step on this process's share of a batch of `size`. Returns the loss and the norm of the gradients."""
        x = x.to(self.device, non_blocking=True)
        target = target.to(self.device, non_blocking=True)
        with torch.autocast(self.device.type, AMP[self.amp], enabled=self.amp is not None):
            value = self.loss(self.net(x), target)
        self.optimizer.zero_grad()
        share = len(x) * count() / size  # the mean over processes of shares is the mean over the batch
        self.scaler.scale(value * share).backward()
        norm = None
        if self.clip is not None:
            self.scaler.unscale_(self.optimizer)  # a norm of scaled gradients would be clipped far too often
            norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        scale = self.scaler.get_scale()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        skipped = self.scaler.get_scale() < scale  # float16 overflowed: no step was taken
        if self.schedule is not None and not isinstance(self.schedule, ReduceLROnPlateau) and not skipped:
            self.schedule.step()
        self.sum += value.detach().float() * len(x)
        self.batch, self.step = self.batch + 1, self.step + 1
        return value.detach(), norm

    def end_epoch(
        self, epoch: int, found: tuple[float, float], examples: int, started: float, patience: int | None
    ) -> None:
        """Note what the epoch gave; keep the best weights; say whether to stop."""
        train_loss = float(total(self.sum.clone())) / examples
        if not math.isfinite(train_loss):
            raise FloatingPointError(
                f"The loss is {train_loss} in epoch {epoch + 1}: lower the learning rate or clip the gradients. The "
                "last checkpoint was not overwritten."
            )
        lr, seconds = self.optimizer.param_groups[0]["lr"], self.seconds + time.perf_counter() - started
        better = not self.history or found[0] < self.history.best.validation_loss
        self.history.append(Epoch(epoch + 1, lr, train_loss, *found, seconds))
        if better:
            self.best, self.waited = deepcopy(self.model.state_dict()), 0
        else:
            self.waited += 1
        if patience is not None and self.waited >= patience:
            self.history.stopped = f"no lower validation loss for {patience} epochs"
        if isinstance(self.schedule, ReduceLROnPlateau):
            self.schedule.step(found[0])
        self.epoch, self.batch, self.seconds = epoch + 1, 0, 0.0
        self.sum.zero_()

    def save(self, path: str | os.PathLike[str], started: float | None) -> None:
        """Write everything from which training goes on."""
        if not bool(torch.isfinite(self.sum)):
            return  # never put a broken state over a good one
        rng_states = gathered(generators.states())
        sums = gathered(float(self.sum))
        if rank() == 0:
            seconds = self.seconds + (time.perf_counter() - started if started is not None else 0.0)
            state = {
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "schedule": self.schedule.state_dict() if self.schedule is not None else None,
                "scaler": self.scaler.state_dict(),
                "best": self.best,
                "generators": rng_states,
                "place": {"epoch": self.epoch, "batch": self.batch, "step": self.step, "waited": self.waited},
                "sums": sums,
                "seconds": seconds,
                "history": [list(row) for row in self.history],
                "stopped": self.history.stopped,
            }
            files.save(path, state)

    def restore(self, state: dict[str, Any], path: str | os.PathLike[str]) -> None:
        """Put everything back. Raises ValueError, with the parameters named, when the model is another one."""
        files.load_model(self.model, state["model"], path)
        if (state["schedule"] is None) != (self.schedule is None):
            raise ValueError(f"{path} was saved {'without' if state['schedule'] is None else 'with'} a schedule.")
        self.optimizer.load_state_dict(state["optimizer"])
        if self.schedule is not None:
            self.schedule.load_state_dict(state["schedule"])
        self.scaler.load_state_dict(state["scaler"])
        self.best, self.seconds = state["best"], state["seconds"]
        for name, value in state["place"].items():
            setattr(self, name, value)
        self.history = History(Epoch(*row) for row in state["history"])
        self.history.stopped = state["stopped"]
        sums = state["sums"]
        if len(sums) == count():  # the same number of processes: each goes on exactly where it was
            self.sum.fill_(sums[rank()])
            generators.restore(state["generators"][rank()])
        else:
            self.sum.fill_(sum(sums) / count())


def _check(epochs: int, patience: int | None, every: int | None, clip: float | None) -> None:
    for value, name in ((epochs, "epochs"), (patience, "patience"), (every, "every")):
        if value is not None:
            need_size(value, name)
    if clip is not None and not clip > 0:
        raise ValueError(f"clip should be greater than 0, or None for no clipping; got {clip!r}.")


def _tensorboard(log: str | os.PathLike[str] | None, step: int) -> Any:
    if log is None or rank() > 0:
        return None
    from torch.utils.tensorboard import SummaryWriter  # here: it takes a second to import

    return SummaryWriter(str(log), purge_step=step)


def _bar(reader: Any, epoch: int, epochs: int, length: int, start: int, progress: bool | None) -> Iterator[Any]:
    from tqdm import tqdm

    off = None if progress is None else not progress  # None: tqdm shows itself on a terminal alone
    label = f"epoch {epoch + 1}/{epochs}"
    yield from tqdm(reader, label, length, initial=start, leave=False, disable=True if rank() > 0 else off)


def tensors(x: np.ndarray, target: np.ndarray) -> TensorDataset:
    """Arrays as a data set: x as float32, whole-number targets as class numbers, others as float32."""
    kind = torch.long if np.asarray(target).dtype.kind in "iub" else torch.float32
    return TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(target, dtype=kind))
