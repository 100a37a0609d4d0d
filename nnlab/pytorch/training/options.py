"""What the caller may ask of `train`."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from nnlab.files import expand

from ..tensor_checks import need_positive

LossFunction = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
AMP = {None: None, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """The options of `train`: give them to it by name, or make this object once and use it for several runs.

    Raises ValueError, with a sentence, for a value that cannot work.
    """

    epochs: int
    """Passes over the data, those of an earlier, interrupted call included."""

    batch_size: int = 128
    """Rows in a batch, in all processes together."""

    loss: LossFunction = nn.functional.cross_entropy
    """loss(model(x), target) -> a scalar tensor, the mean over the batch's targets.

    Targets that cross_entropy ignores and its class weights are taken into account, also inside a function of yours. A
    loss that calls no loss function of PyTorch counts as a mean over the rows."""

    schedule: Any = None
    """A scheduler of PyTorch on the same optimizer, stepped after every batch; ReduceLROnPlateau is stepped after every
    epoch instead, with the validation loss."""

    clip: float | None = None
    """The greatest L2 norm of all gradients together; longer gradients are scaled down to it."""

    amp: str | None = None
    """Mixed precision: None, "bfloat16", or "float16" (with a gradient scaler). Parameters stay float32."""

    patience: int | None = None
    """Stop after this many epochs in a row without a lower validation loss."""

    checkpoint: str | os.PathLike[str] | None = None
    """A file, written after each epoch. If it exists when training starts, training continues from it."""

    every: int | None = None
    """Write the checkpoint after every this many steps as well."""

    log: str | os.PathLike[str] | None = None
    """A folder for TensorBoard: loss, learning rate and gradient norm every 10 steps, validation after each epoch."""

    seed: int = 0
    """Determines the order of the rows and starts the generators that dropout draws from."""

    drop_last: bool = False
    """Leave out the last batch of an epoch if it has fewer rows than batch_size."""

    workers: int = 0
    """Processes that read the data; 0 reads them in this one. Random augmentation resumes bit for bit if it draws from
    the global generators of PyTorch, NumPy or Python (with workers, from others than without), but not if the data set
    has a generator of its own, which no checkpoint holds."""

    progress: bool | None = None
    """Whether to show a progress bar; None shows it on a terminal only."""

    def __post_init__(self) -> None:
        for name in ("epochs", "patience", "every"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, need_positive(getattr(self, name), name))  # frozen from here on
        for name in ("batch_size", "seed", "workers"):
            object.__setattr__(self, name, _whole(getattr(self, name), name))
        if self.clip is not None and not self.clip > 0:
            raise ValueError(f"clip should be greater than 0, or None for no clipping; got {self.clip!r}.")
        if getattr(self.loss, "reduction", "mean") != "mean":
            raise ValueError(f'loss should have reduction="mean"; got {self.loss!r}.')
        if self.amp not in AMP:
            raise ValueError(f'amp should be None, "bfloat16" or "float16"; got {self.amp!r}.')

    @property
    def file(self) -> Path | None:
        """`checkpoint` with `~` and variables expanded."""
        return None if self.checkpoint is None else expand(self.checkpoint)

    def saves_at(self, step: int) -> bool:
        """Whether `every` asks for a checkpoint after this step."""
        return self.every is not None and step % self.every == 0


def _whole(value: Any, name: str) -> int:
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool):
        raise ValueError(f"{name} should be a whole number; got {value!r}.")
    return int(value)


def combine(options: TrainingOptions | None, keywords: dict[str, Any]) -> TrainingOptions:
    """`options` with the fields in `keywords` replaced. Raises TypeError for a field that does not exist."""
    known = [field.name for field in fields(TrainingOptions)]
    for name in keywords:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
            raise TypeError(f"train has no option {name}; {hint}")
    if options is not None:
        return replace(options, **keywords)
    if "epochs" not in keywords:
        raise TypeError("train needs the number of epochs: train(model, data, validation, optimizer, epochs=3).")
    return TrainingOptions(**keywords)
