"""Means over all rows, put together from the means of batches.

A loss is a mean, but not always over the rows of its batch: `cross_entropy` leaves out targets equal to `ignore_index`
and divides by the sum of the class weights. If batch b has the mean l_b over a count c_b, the mean over all is
sum(l_b * c_b) / sum(c_b); with c_b = the number of rows it is wrong as soon as targets are ignored or weighted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from .options import LossFunction

CLASSES = {functional.cross_entropy, functional.nll_loss}
ELEMENTS = {  # those that average over the elements of their first argument
    *(functional.mse_loss, functional.l1_loss, functional.smooth_l1_loss, functional.huber_loss),
    *(functional.binary_cross_entropy, functional.binary_cross_entropy_with_logits),
}


class Counted(TorchFunctionMode):
    """A `with` block around a loss, which notes over what PyTorch's loss functions in it average.

    That way the loss may be a module, a function or a lambda around one. `counts` has a tensor for each of them."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: list[torch.Tensor] = []
        self.ignored = -100  # cross_entropy's default

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if kwargs.get("reduction", "mean") == "mean" and len(args) > 1:
            if func in CLASSES and not args[1].is_floating_point():
                self.ignored = kwargs.get("ignore_index", -100)
                weight = kwargs.get("weight", args[2] if len(args) > 2 else None)
                self.counts.append(_count_of_classes(args[1], self.ignored, weight))
            elif func in ELEMENTS:
                weight = kwargs.get("weight") if "binary" not in func.__name__ else None
                self.counts.append(torch.tensor(float(args[0].numel())) if weight is None else weight.sum())
        return func(*args, **kwargs)


def mean_and_count(loss: LossFunction, y: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, int]:
    """(loss(y, target), over what count it is a mean, the class number that is ignored).

    The count is a scalar tensor: with class weights w the sum of w[target], else the number of targets that are not
    ignored. For a loss that calls none of PyTorch's loss functions, or several with different counts, it is the number
    of rows. If it is 0, the mean is 0 rather than 0 / 0, and its gradient too.
    """
    if isinstance(y, torch.Tensor) and y.requires_grad:
        y = y.view_as(y)  # a hook on the model's own output would outlive this step
    with Counted() as noted:
        value = loss(y, target)
    counts = [count.to(value.device, torch.float32) for count in noted.counts]
    same = bool(counts) and (len(counts) == 1 or all(bool(count == counts[0]) for count in counts[1:]))
    if not same:
        return value, torch.tensor(float(len(target)), device=value.device), noted.ignored
    count = counts[0]
    if isinstance(y, torch.Tensor) and y.requires_grad:
        y.register_hook(lambda grad: torch.where(count > 0, grad, torch.zeros_like(grad)))
    return torch.where(count > 0, value, torch.zeros_like(value)), count, noted.ignored


def _count_of_classes(target: torch.Tensor, ignored: int, weight: torch.Tensor | None) -> torch.Tensor:
    counted = target != ignored
    if weight is None:
        return counted.sum()
    return (weight[torch.where(counted, target, 0)] * counted).sum()
