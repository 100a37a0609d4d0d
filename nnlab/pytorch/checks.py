"""Sentences for inputs of the wrong shape, given before PyTorch's own frames pile up."""

from __future__ import annotations

from typing import Any

import torch


def need_shape(x: Any, model: torch.nn.Module, shape: str, **sizes: int) -> None:
    """Raise unless x has the axes that `shape` names: "N C H W" with C=3, say. Sizes that aren't given may be any."""
    axes = shape.split()
    wanted = ", ".join(str(sizes.get(axis, axis)) for axis in axes)
    if not isinstance(x, torch.Tensor):
        raise TypeError(f"{type(model).__name__} takes a tensor of shape ({wanted}); got {type(x).__name__}.")
    fits = x.dim() == len(axes) and all(sizes.get(axis, n) == n for axis, n in zip(axes, x.shape, strict=True))
    if not fits:
        raise ValueError(f"{type(model).__name__} takes x of shape ({wanted}); got {tuple(x.shape)}.")


def need_float(x: torch.Tensor, model: torch.nn.Module) -> None:
    """Raise unless x holds floating-point numbers."""
    if not x.is_floating_point():
        raise TypeError(
            f"{type(model).__name__} takes floating-point x; got {x.dtype}. Write x.float() / 255 for bytes."
        )


def need_size(value: Any, name: str) -> int:
    """A whole number of at least 1, or ValueError."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} should be a whole number of at least 1; got {value!r}.")
    return value
