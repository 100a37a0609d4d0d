"""What training measured, epoch by epoch."""

from __future__ import annotations

import math
from typing import NamedTuple


class Epoch(NamedTuple):
    """What one epoch gave: mean losses, accuracy as a share from 0 to 1, seconds of training without validation.

    `epoch` counts from 1; `lr` is the learning rate at its end."""

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
        """The epoch with the least validation loss: its weights are in the model when `train` returns.

        Raises ValueError when no epoch was finished."""
        return min(self, key=lambda row: math.inf if math.isnan(row.validation_loss) else row.validation_loss)
