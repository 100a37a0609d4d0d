"""The two engines by name."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np

from nnlab import host
from nnlab.playground.engine import Engine, Weights
from nnlab.playground.numpy_engine import NumpyEngine

_TORCH = "nnlab.playground.torch_engine"
_waiting: list[Callable[[], None]] = []  # what to call when PyTorch is there; not empty while it is imported
_lock = threading.Lock()


def make_engine(
    name: str, weights: Weights, activations: Sequence[str], problem: str, optimizer: str, rng: np.random.Generator
) -> Engine:
    """The engine of that name. PyTorch is imported only when it is asked for."""
    if name == "numpy":
        return NumpyEngine(weights, activations, problem, optimizer, rng)
    if not host.has("torch"):
        raise ModuleNotFoundError(host.needs("torch"), name="torch")
    from nnlab.playground.torch_engine import TorchEngine  # here: it takes seconds

    return TorchEngine(weights, activations, problem, optimizer, rng)


def loading() -> bool:
    """Whether PyTorch is being imported on a thread."""
    return bool(_waiting)


def load_pytorch(then: Callable[[], None]) -> None:
    """Import PyTorch on a thread of its own, and call `then` on it afterwards, whether that succeeded or not.

    Does nothing where it has been imported already, or is not installed: then `make_engine` answers at once."""
    with _lock:
        if not _waiting and (_TORCH in sys.modules or not host.has("torch")):
            return
        _waiting.append(then)
        if len(_waiting) == 1:
            threading.Thread(target=_load, name="loading PyTorch", daemon=True).start()


def _load() -> None:
    with suppress(Exception):  # where it fails, `make_engine` fails as well, and the panel shows why
        importlib.import_module(_TORCH)
    with _lock:
        calls = list(_waiting)
        _waiting.clear()
    for then in calls:
        then()
