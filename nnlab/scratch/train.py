"""The training loop, as a generator: it makes one step at a time, and the caller owns the loop."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from nnlab.checks import Array, as_array, describe, need_number, need_rng, need_size

from .clip import clip_grad_norm_, grad_norm
from .losses import Loss
from .module import Layer, evaluating, hand_over
from .optim import Optimizer


class Step(NamedTuple):
    """What happened in one step. `epoch` and `step` count from 1; `loss` is the batch's, before the step; `grad_norm`
    is the length of the gradient before clipping; `seconds` is what the step took; `seed` made the epoch's order."""

    epoch: int
    step: int
    loss: float
    lr: float
    grad_norm: float
    seconds: float
    last_of_epoch: bool
    seed: int


def fit(
    net: Layer,
    loss: Loss,
    opt: Optimizer,
    x: Array,
    y: Array,
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    max_norm: float | None = None,
    shuffle: bool = True,
    start: Step | None = None,
) -> Iterator[Step]:
    """Train `net`, one batch a step, and yield a `Step` after each. Nothing happens until the caller asks for it.

        for step in fit(net, loss, opt, x, y, epochs=5, batch_size=32, rng=rng):
            schedule.step()                  # a schedule that counts batches; or only if step.last_of_epoch
            if step.loss < 0.01: break       # early stopping

    x: (N, ...), y: (N, ...). Each epoch goes through all N rows once, in a new order; the last batch may be smaller.
    max_norm: clip the gradient to this length. The net is in training mode during a step; in between the caller may
    switch it to evaluation and back. start: continue after this step, as `load_checkpoint` returns it.
    Bad arguments raise ValueError or TypeError at once, before the first step.
    """
    x, y = as_array(x), as_array(y, "y")
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y) or len(x) == 0:
        raise ValueError(f"x and y should have the same number of rows, at least 1; got {x.shape} and {y.shape}.")
    for name, thing, kind in (("net", net, Layer), ("loss", loss, Loss), ("opt", opt, Optimizer)):
        if not isinstance(thing, kind):
            raise TypeError(f"{name} should be a {kind.__name__}, got {describe(thing)}.")
    if loss.reduction == "none":
        raise ValueError('A step needs one number as its loss: use reduction="mean" or "sum", not "none".')
    need_size(epochs, "epochs", 0)
    need_size(batch_size, "batch_size")
    need_rng(rng)
    if max_norm is not None:
        need_number(max_norm, "max_norm")
    batches = math.ceil(len(x) / batch_size)
    if start is not None and start.epoch != math.ceil(start.step / batches):
        raise ValueError(
            f"start is step {start.step} in epoch {start.epoch}, but with {len(x)} rows in batches of {batch_size} an "
            f"epoch has {batches} steps: continue with the same data and batch_size."
        )
    return _steps(net, loss, opt, x, y, epochs, batch_size, batches, rng, max_norm, shuffle, start)


def _steps(
    net: Layer,
    loss: Loss,
    opt: Optimizer,
    x: Array,
    y: Array,
    epochs: int,
    batch_size: int,
    batches: int,
    rng: np.random.Generator,
    max_norm: float | None,
    shuffle: bool,
    start: Step | None,
) -> Iterator[Step]:
    step = 0 if start is None else start.step
    while step < epochs * batches:
        first = step % batches  # not 0 when resuming in the middle of an epoch, in that epoch's order
        seed = start.seed if start is not None and first else int(rng.integers(2**63))
        order = np.random.default_rng(seed).permutation(len(x)) if shuffle else np.arange(len(x))
        for batch in range(first, batches):
            began = time.perf_counter()
            rows = order[batch * batch_size : (batch + 1) * batch_size]
            net.train()
            value = loss.forward(net.forward(hand_over(x[rows])), y[rows])
            net.backward_params(loss.backward())
            grads = net.grads
            length = grad_norm(grads) if max_norm is None else clip_grad_norm_(grads, max_norm)
            lr = opt.lr
            opt.step(grads)
            step += 1
            seconds = time.perf_counter() - began
            yield Step((step - 1) // batches + 1, step, value, lr, length, seconds, batch == batches - 1, seed)


def predict(net: Layer, x: Array, batch_size: int = 1024) -> Array:
    """The outputs for all rows of x, computed in evaluation mode and in batches; afterwards the mode is as before.

    x: (N, ...) -> (N, ...) as the last layer gives it."""
    need_size(batch_size, "batch_size")
    x = as_array(x)
    with evaluating(net):
        parts: list[Any] = [net.forward(x[i : i + batch_size]) for i in range(0, max(len(x), 1), batch_size)]
    return np.concatenate(parts)
