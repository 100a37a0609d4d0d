"""One place decides where tensors live."""

from __future__ import annotations

import os

import torch


def device() -> torch.device:
    """CUDA if there is one, else Apple's MPS, else the CPU. The variable NNLAB_DEVICE overrides this choice.

    With several CUDA cards, each process that torchrun started takes the one numbered by its LOCAL_RANK.

    Make every tensor and module with `.to(device())` or `device=device()`: the same code then runs everywhere.
    Raises ValueError for a name that PyTorch doesn't know.
    """
    wanted = os.environ.get("NNLAB_DEVICE")
    if wanted:
        try:
            return torch.device(wanted)
        except RuntimeError as error:
            raise ValueError(f"NNLAB_DEVICE should be cpu, cuda, cuda:0 or mps; got {wanted!r}.") from error
    if torch.cuda.is_available():
        local_rank = os.environ.get("LOCAL_RANK")
        return torch.device("cuda", int(local_rank) % torch.cuda.device_count()) if local_rank else torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")
