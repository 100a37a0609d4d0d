"""Several processes train one model: `torchrun` starts them, DistributedDataParallel averages their gradients."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed as dist

from ..device import device


@contextmanager
def processes() -> Iterator[tuple[int, int]]:
    """Join the processes that torchrun started, and leave them at the end; gives (rank, count).

    Started without torchrun it gives (0, 1) and does nothing. The backend is nccl on CUDA and gloo elsewhere.
    """
    if "RANK" not in os.environ or dist.is_initialized():
        yield rank(), count()
        return
    where = device()
    if where.type == "cuda":
        torch.cuda.set_device(where)
    store, me, n = next(dist.rendezvous("env://"))
    # restarted workers meet in the same store: without a prefix of their own they could read the dead ones' addresses
    store = dist.PrefixStore(f"attempt {os.environ.get('TORCHELASTIC_RESTART_COUNT', 0)}", store)
    dist.init_process_group("nccl" if where.type == "cuda" else "gloo", store=store, rank=me, world_size=n)
    try:
        yield rank(), count()
    finally:
        dist.destroy_process_group()


def rank() -> int:
    """The number of this process, from 0; 0 if there is only one."""
    return dist.get_rank() if dist.is_initialized() else 0


def count() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def total(values: torch.Tensor) -> torch.Tensor:
    """The sum of `values` over all processes, in every one of them."""
    if count() == 1:
        return values
    where = device()
    dtype = torch.float32 if where.type == "mps" else values.dtype  # MPS has no float64
    there = values.to(where, dtype, copy=True)  # nccl adds on the cards only
    dist.all_reduce(there)
    return there.to(values.device, values.dtype)


def any_process(flag: bool) -> bool:
    """Whether `flag` is true in at least one process: the same answer in all of them."""
    return bool(total(torch.tensor(float(flag))))


def share_buffers(model: torch.nn.Module) -> None:
    """Give every process the buffers of the first, whose weights are saved.

    Each process's batch normalisation has statistics of its own share of the data; without this, the loss that is
    reported would be that of several different models."""
    if count() > 1:
        for buffer in model.buffers():
            dist.broadcast(buffer, 0)


def gathered(thing: Any) -> list[Any]:
    """What each process holds, in the order of their ranks."""
    if count() == 1:
        return [thing]
    things: list[Any] = [None] * count()
    dist.all_gather_object(things, thing)
    return things
