"""A look ahead at batches that a model with batch normalisation could not be trained on."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import nn
from torch.utils.data import Dataset

from . import generators
from .batches import Batches, loader


def check_single_rows(model: nn.Module, data: Dataset, batches: Batches) -> None:
    """Raise ValueError if a process gets batches of one row and the model cannot be trained on one.

    Batch normalisation divides by the standard deviation over the batch; one row has none, unless a picture's pixels
    are averaged too. So a copy of the model tries one row, and only if there are such batches. The generators are
    restored afterwards."""
    sizes = batches.sizes()
    single = [size for size in sizes if size // batches.count == 1]
    if not single or not any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in model.modules()):
        return
    before = generators.states()
    x, _ = next(iter(loader(data, Batches(1, 1, seed=0))))
    try:
        with torch.no_grad():
            deepcopy(model).train()(x.to(next(model.parameters()).device))
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        whole = batches.batch_size // batches.count == 1
        advice = "take larger batches" if whole else "set drop_last=True, or take another batch_size"
        each = f" for each of {batches.count} processes" if batches.count > 1 else ""
        raise ValueError(
            f"The last batch ({batches.n} rows, batch_size={batches.batch_size}) has one row{each}, and batch "
            f"normalisation needs at least two: {advice}."
        ) from error
    finally:
        generators.restore(before)
