"""Loss and accuracy of a model on a data set."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.utils.data import Dataset

from ..device import device
from ..evaluating import evaluating
from .batches import Batches, loader
from .means import mean_and_count
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

    The loss is the mean over all targets that count, weighted by the loss's class weights if it has some. Accuracy is
    the share of targets that are the greatest logit, from 0 to 1, of those not ignored: logits (N, C, ...) and targets
    (N, ...). It is nan if targets are not classes. Each part of the model is afterwards in the mode that it was in.

    Raises ValueError for an empty data set, and if no target counts.
    """
    where = device()
    batches = Batches(len(data), max(batch_size, count()), seed=0, shuffle=False)  # type: ignore[arg-type]
    loss_sum = count_sum = right = classes = 0.0
    with evaluating(model):
        for i, (x, target) in enumerate(loader(data, batches)):
            if i % count() != rank():
                continue
            x, target = x.to(where), target.to(where)
            with torch.autocast(where.type, AMP[amp], enabled=amp is not None):
                y = model(x)
                value, n, ignored = mean_and_count(loss, y, target)
            loss_sum += float(value) * float(n)
            count_sum += float(n)
            if not target.is_floating_point() and y.dim() == target.dim() + 1:
                counted = target != ignored
                right += int(((y.argmax(1) == target) & counted).sum())
                classes += int(counted.sum())
    loss_sum, count_sum, right, classes = total(
        torch.tensor([loss_sum, count_sum, right, classes], dtype=torch.float64)
    ).tolist()
    if count_sum == 0:
        raise ValueError("There is nothing to average: all targets are ignored, or have the weight 0.")
    return loss_sum / count_sum, right / classes if classes else math.nan
