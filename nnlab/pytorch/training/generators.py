"""The global random generators of a process, saved and restored: PyTorch's, its CUDA's, NumPy's and Python's."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch


def states() -> dict[str, Any]:
    """The states of all of them, as tensors, numbers and lists, which a checkpoint can hold."""
    name, keys, place, has_gauss, gauss = np.random.get_state()  # noqa: NPY002
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
        "numpy": [name, np.asarray(keys).tolist(), place, has_gauss, gauss],
        "python": list(random.getstate()),
    }


def restore(states: dict[str, Any]) -> None:
    """Restore what `states` returned; the CUDA generator only where there is CUDA."""
    torch.set_rng_state(states["torch"])
    if states["cuda"] is not None and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])
    np.random.set_state(tuple(states["numpy"]))  # noqa: NPY002
    version, numbers, gauss = states["python"]
    random.setstate((version, tuple(numbers), gauss))
