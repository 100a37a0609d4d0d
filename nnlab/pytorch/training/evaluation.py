"""Loss and accuracy of a model on a data set."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.utils.data import Dataset

from ..device import device
from .batches import Batches, loader
from .options import AMP, LossFunction
from .processes import count, rank, total


@torch.no_grad()
def evaluate(
    model: nn.Module,
    data: Dataset,
    *,
    loss: LossFunction = nn.functional.cross_entropy,
    amp: str | None = None,
    batch_size: int = 512,
) -> tuple[float, float]:
    """(mean loss, accuracy) of the model in evaluation mode on all of `data`, shared among the processes.

    The model's mode is as before afterwards. Accuracy is the share of examples whose greatest logit is the target; nan
    where targets are not classes. Raises ValueError for an empty data set.
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
