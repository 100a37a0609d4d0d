"""Training as a practitioner writes it: one loop for the CPU and CUDA, for one process and several, which can be
stopped at any step and continues as if it had never been stopped."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.utils.data import Dataset

from ..checkpoint import load
from .batches import Batches, loader
from .evaluation import evaluate
from .history import History
from .interrupt import ctrl_c
from .options import TrainingOptions, combine
from .probe import check_single_rows
from .processes import any_process, count, rank, share_buffers
from .state import TrainingState
from .tensorboard import TensorBoardLog, progress_bar


def train(
    model: nn.Module,
    data: Dataset,
    validation: Dataset,
    optimizer: torch.optim.Optimizer,
    options: TrainingOptions | None = None,
    **keywords: Any,
) -> History:
    """Train `model` on `data`, measure it on `validation` after each epoch, leave the best weights in the model.

        history = train(model, data, validation, optimizer, epochs=3, batch_size=64, checkpoint="runs/model.pt")

    data and validation give pairs (x, target). Every field of `TrainingOptions` can be given by name; only `epochs`
    must be. With a checkpoint, training continues bit for bit on the same machine, the generators of dropout included;
    options that have changed since hold from then on (see `resume`), or are refused with a sentence.

    Ctrl-C ends training after the current step, with a checkpoint written: the same call continues. Raises ValueError
    or TypeError for options that cannot work, FloatingPointError when the loss is no longer a number (the last
    checkpoint stays).
    """
    options = combine(options, keywords)
    state = TrainingState(model, optimizer, options)
    rows: int = len(data)  # type: ignore[arg-type]
    order: dict[str, Any] = {"seed": options.seed, "drop_last": options.drop_last}
    batches = Batches(rows, options.batch_size, rank=rank(), count=count(), **order)
    reading = {"batch_size": batches.batch_size, "examples": batches.n, "seed": batches.seed}
    if options.file is not None:
        state.check_saving()
        if options.file.exists():
            state.restore(load(options.file), options.file, reading)
    state.check_schedule(len(batches))
    check_single_rows(state.model, data, batches)
    reader = loader(data, batches, workers=options.workers)
    with ctrl_c() as asked, TensorBoardLog(options.log, state.step) as log:
        while state.epoch < options.epochs and state.history.stopped is None:
            batches.epoch, batches.start = state.epoch, state.batch
            state.start_epoch()
            label = f"epoch {state.epoch + 1}/{options.epochs}"
            for x, target in progress_bar(reader, label, len(batches), state.batch, options.progress):
                loss, norm = state.train_step(x, target)
                log.add_step(state.step, state.lr, loss, norm)
                stop = any_process(asked.is_set())  # all processes end at the same step
                if stop or options.saves_at(state.step):
                    state.save(options.file, reading)
                if stop:
                    state.history.stopped = "Ctrl-C"
                    return state.history
            share_buffers(model)
            found = evaluate(model, validation, loss=options.loss, amp=options.amp)
            state.end_epoch(found)
            log.add_epoch(state.step, state.history[-1])
            state.save(options.file, reading)
        asked_late = any_process(asked.is_set())  # while the last epoch was measured or saved
    state.load_best()
    if asked_late:
        state.history.stopped = "Ctrl-C"
    return state.history
