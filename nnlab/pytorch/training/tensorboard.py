"""What TensorBoard reads, and the progress bar."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

import torch
from tqdm import tqdm

from nnlab.files import expand

from .history import Epoch
from .processes import rank

INTERVAL = 10  # steps between two points of a curve


class TensorBoardLog:
    """A `with` block around training: writes curves into `folder`, and closes the file however the block is left.

    Without a folder, and in every process but the first, it does nothing. `step` is where training starts: curves of an
    earlier run beyond it are hidden.
    """

    def __init__(self, folder: str | os.PathLike[str] | None, step: int):
        self.folder, self.step = folder, step
        self.writer: Any = None

    def __enter__(self) -> TensorBoardLog:
        if self.folder is not None and rank() == 0:
            from torch.utils.tensorboard import SummaryWriter  # here, not above: it takes a second to import

            self.writer = SummaryWriter(str(expand(self.folder)), purge_step=self.step)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.writer is not None:
            self.writer.close()

    def add_step(self, step: int, lr: float, loss: torch.Tensor, norm: torch.Tensor | None) -> None:
        """Every `INTERVAL` steps: the batch's loss, the learning rate, and the gradient norm before clipping."""
        if self.writer is None or step % INTERVAL:
            return
        self.writer.add_scalar("loss/train", float(loss), step)
        self.writer.add_scalar("learning rate", lr, step)
        if norm is not None:
            self.writer.add_scalar("gradient norm", float(norm), step)

    def add_epoch(self, step: int, row: Epoch) -> None:
        """The validation loss and accuracy of an epoch that ended with `step`."""
        if self.writer is not None:
            self.writer.add_scalar("loss/validation", row.validation_loss, step)
            self.writer.add_scalar("accuracy/validation", row.accuracy, step)


def progress_bar(reader: Iterable[Any], label: str, length: int, start: int, shown: bool | None) -> Iterator[Any]:
    """What `reader` gives, with a bar in the first process. shown=None: on a terminal only."""
    disable = True if rank() > 0 else None if shown is None else not shown
    yield from tqdm(reader, label, length, initial=start, leave=False, disable=disable)
