"""Into evaluation mode, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Inside the block a model is in evaluation mode; afterwards, even after an error, each part has the mode it had.

    `model.train(mode)` would not do: parts may be frozen in a mode of their own. A function has no mode."""
    modes = [(part, part.training) for part in model.modules()] if isinstance(model, nn.Module) else []
    if modes:
        model.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode
