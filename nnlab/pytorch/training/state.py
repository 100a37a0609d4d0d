"""All that training depends on, so that it can be saved and restored."""

from __future__ import annotations

import math
import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau

from .. import checkpoint
from ..device import device
from . import generators, resume
from .history import Epoch, History
from .means import mean_and_count
from .options import AMP, TrainingOptions
from .processes import count, gathered, rank, total

PLACE = ("epoch", "batch", "step", "waited")


class TrainingState:
    """The model with its optimizer, schedule and scaler, and how far training has come.

    `epoch` and `step` count what is finished, `batch` what is finished of the current epoch, `scheduled` the steps of a
    schedule, `waited` the epochs since the best one. `history` grows by a row
    an epoch.
    """

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer, options: TrainingOptions):
        self.device = device()
        self.model = model.to(self.device)
        self.net: nn.Module = self.model
        if count() > 1:
            self.net = nn.parallel.DistributedDataParallel(model)  # the same weights everywhere, gradients averaged
        self.optimizer, self.schedule, self.options = optimizer, options.schedule, options
        self.asked: dict[str, Any] = {}
        self.by_epoch = isinstance(self.schedule, ReduceLROnPlateau)
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=options.amp == "float16")
        self.epoch = self.batch = self.step = self.scheduled = self.waited = 0
        self.sums = torch.zeros(2, device=self.device)  # of this epoch's losses, times their counts; and of the counts
        self.seconds = 0.0  # what this epoch took before it was interrupted
        self.started: float | None = None  # when this epoch was started or resumed; None between epochs
        self.history = History()
        self.best: dict[str, torch.Tensor] | None = None
        torch.manual_seed(options.seed * 1_000_003 + rank())  # dropout differs between processes

    @property
    def lr(self) -> float:
        """The learning rate of the first group of parameters."""
        return float(self.optimizer.param_groups[0]["lr"])

    def start_epoch(self) -> None:
        """Training mode, and the clock."""
        self.model.train()
        self.started = time.perf_counter()

    def train_step(self, x: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """One step on this process's share of a batch.

        Returns the loss and, if gradients are clipped, their norm before clipping."""
        x = x.to(self.device, non_blocking=True)
        target = target.to(self.device, non_blocking=True)
        with torch.autocast(self.device.type, AMP[self.options.amp], enabled=self.options.amp is not None):
            loss, n, _ = mean_and_count(self.options.loss, self.net(x), target)
        self.optimizer.zero_grad()
        # the mean over processes of shares is the mean over the batch, also if this process's targets are all ignored
        share = n * count() / total(n).clamp(min=torch.finfo(n.dtype).tiny) if count() > 1 else 1.0
        self.scaler.scale(loss * share).backward()
        norm = None
        if self.options.clip is not None:
            self.scaler.unscale_(self.optimizer)  # a norm of scaled gradients would be clipped far too often
            norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.options.clip)
        scale = self.scaler.get_scale()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        skipped = self.scaler.get_scale() < scale  # float16 overflowed: no step was taken
        if self.schedule is not None and not self.by_epoch and not skipped:
            self.schedule.step()
            self.scheduled += 1
        self.sums += torch.stack([loss.detach().float() * n, n])
        self.batch, self.step = self.batch + 1, self.step + 1
        return loss.detach(), norm

    def end_epoch(self, found: tuple[float, float]) -> None:
        """Note what the epoch gave (`found` is the validation's loss and accuracy), keep the best weights, and decide
        whether to stop. Raises FloatingPointError if a loss is no longer a number, which would be neither better nor
        worse than the best."""
        losses, n = total(self.sums.double().cpu()).tolist()
        train_loss = losses / n if n else 0.0
        for name, value in (("loss", train_loss), ("validation loss", found[0])):
            if math.isnan(value) or (name == "loss" and math.isinf(value)):
                raise FloatingPointError(
                    f"The {name} is {value} in epoch {self.epoch + 1}: lower the learning rate or clip the gradients, "
                    "and look for nan in the data. The last checkpoint was not overwritten."
                )
        better = not self.history or found[0] < self.history.best.validation_loss
        self.history.append(Epoch(self.epoch + 1, self.lr, train_loss, *found, self._elapsed()))
        if better:
            self.best, self.waited = deepcopy(self.model.state_dict()), 0
        else:
            self.waited += 1
        self._stop_if_waited()
        if self.by_epoch:
            self.schedule.step(found[0])
        self.epoch, self.batch, self.seconds, self.started = self.epoch + 1, 0, 0.0, None
        self.sums.zero_()

    def load_best(self) -> None:
        """Put the best weights into the model."""
        if self.best is not None:
            self.model.load_state_dict(self.best)

    def save(self, path: Path | None, reading: dict[str, int]) -> None:
        """Write everything from which training continues; nothing if `path` is None or the state is already
        broken. reading: batch_size, examples and seed, on which the order of the rows depends."""
        if path is None or not bool(torch.isfinite(self.sums).all()):
            return  # never put a broken state over a good one
        rng_states = gathered(generators.states())
        sums = gathered(self.sums.tolist())
        if rank() == 0:
            state = {
                **self.states(),
                "best": self.best,
                "generators": rng_states,
                "place": {name: getattr(self, name) for name in PLACE},
                "scheduled": self.scheduled,
                "reading": reading,
                "asked": self.asked,
                "sums": sums,
                "seconds": self._elapsed(),
                "history": [list(row) for row in self.history],
                "stopped": self.history.stopped,
            }
            checkpoint.save(path, state)

    def check_saving(self) -> None:
        """Raise TypeError, before anything is trained, if a checkpoint could not hold the state."""
        self.states()
        self.asked = resume.asked(self.optimizer, self.schedule)

    def check_schedule(self, batches: int) -> None:
        """Raise ValueError if a OneCycleLR ends before training does; `batches` are those of an epoch."""
        steps = (self.options.epochs - self.epoch) * batches - self.batch
        if isinstance(self.schedule, OneCycleLR) and self.options.patience is None:
            left = self.schedule.total_steps - self.schedule.last_epoch
            if steps > left:
                raise ValueError(
                    f"OneCycleLR has total_steps={self.schedule.total_steps}, but {self.options.epochs} epochs of "
                    f"{batches} batches take {steps - left} more."
                )

    def states(self) -> dict[str, Any]:
        """The states of model, optimizer, schedule and scaler, as a checkpoint holds them. Raises TypeError if one of
        them cannot be held."""
        objects = {"model": self.model, "optimizer": self.optimizer, "schedule": self.schedule, "scaler": self.scaler}
        return {
            name: None if thing is None else checkpoint.plain(_state_of(thing, name), name)
            for name, thing in objects.items()
        }

    def restore(self, saved: dict[str, Any], path: Path, reading: dict[str, int]) -> None:
        """Restore what `save` wrote; what the caller has changed since holds. Raises ValueError, with a sentence, for a
        different model, and for changes that cannot hold."""
        checkpoint.load_model(self.model, saved["model"], path)
        if (saved["schedule"] is None) != (self.schedule is None):
            raise ValueError(f"{path} was saved {'without' if saved['schedule'] is None else 'with'} a schedule.")
        then = saved.get("reading", reading)  # files of earlier versions have none
        if saved["place"]["epoch"] > self.options.epochs:
            raise ValueError(
                f"epochs={self.options.epochs}, but {path} holds {saved['place']['epoch']} epochs: ask for at least as "
                "many, or take another checkpoint."
            )
        if saved["place"]["batch"]:
            resume.check_place(then, reading, path)
        self.asked = resume.restore_optimizer_and_schedule(
            self.optimizer, self.schedule, self.by_epoch, self.asked, saved, path
        )
        if saved["scaler"] and self.scaler.is_enabled():
            self.scaler.load_state_dict(saved["scaler"])
        self.best, self.seconds = saved["best"], saved["seconds"]
        self.scheduled = saved.get("scheduled", saved["place"]["step"])
        for name, value in saved["place"].items():
            setattr(self, name, value)
        self.history = History(Epoch(*row) for row in saved["history"])
        self._stop_if_waited()
        sums = saved["sums"] if isinstance(saved["sums"][0], list) else [[0.0, 0.0]] * len(saved["sums"])  # older files
        if len(sums) == count():  # the same number of processes: each continues exactly where it was
            self.sums.copy_(torch.tensor(sums[rank()]))
            if then["seed"] == reading["seed"]:
                generators.restore(saved["generators"][rank()])
        else:
            self.sums.copy_(torch.tensor(sums).sum(dim=0) / count())

    def _stop_if_waited(self) -> None:
        if self.options.patience is not None and self.waited >= self.options.patience:
            self.history.stopped = f"no lower validation loss for {self.options.patience} epochs"

    def _elapsed(self) -> float:
        return self.seconds + (0.0 if self.started is None else time.perf_counter() - self.started)


def _state_of(thing: Any, name: str) -> dict[str, Any]:
    try:
        return thing.state_dict()
    except AttributeError as error:  # PyTorch's, about a schedule that calls a built-in function, say
        raise TypeError(f"A checkpoint can't hold the state of this {name} ({error}).") from error
