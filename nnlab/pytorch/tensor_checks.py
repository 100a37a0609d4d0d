"""Sentences for tensors of the wrong shape or type, raised before PyTorch's own frames pile up."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch


def need_tensor_shape(x: Any, model: torch.nn.Module, shape: str, **sizes: int) -> None:
    """Raise unless `x` has the axes that `shape` names: "N C H W" with C=3, say. Axes without a size may be any.

    Raises TypeError if `x` is no tensor, ValueError if its shape differs."""
    axes = shape.split()
    wanted = ", ".join(str(sizes.get(axis, axis)) for axis in axes)
    if not isinstance(x, torch.Tensor):
        raise TypeError(f"{type(model).__name__} takes a tensor of shape ({wanted}); got {type(x).__name__}.")
    fits = x.dim() == len(axes) and all(sizes.get(axis, n) == n for axis, n in zip(axes, x.shape, strict=True))
    if not fits:
        raise ValueError(f"{type(model).__name__} takes x of shape ({wanted}); got {tuple(x.shape)}.")


def need_floating(x: torch.Tensor, model: torch.nn.Module) -> None:
    """Raise TypeError unless `x` holds floating-point numbers."""
    if not x.is_floating_point():
        raise TypeError(
            f"{type(model).__name__} takes floating-point x; got {x.dtype}. Write x.float() / 255 for bytes."
        )


def whole_numbers(x: Any, name: str, below: int) -> torch.Tensor:
    """`x` as int64, numbers of rows of a table that has `below` of them. TypeError unless they are whole numbers.

    ValueError for a row that is not there, if x is on the CPU, and not while the model is compiled or exported: any
    other device would have to be waited for, and a graph cannot depend on what an example holds."""
    if not isinstance(x, torch.Tensor) or x.is_floating_point() or x.is_complex() or x.dtype == torch.bool:
        kind = x.dtype if isinstance(x, torch.Tensor) else type(x).__name__
        raise TypeError(f"{name} should be a tensor of whole numbers, torch.long; got {kind}.")
    seen = x.device.type == "cpu" and x.numel() and not torch.compiler.is_compiling()
    if seen and not (x.min() >= 0 and x.max() < below):
        raise ValueError(f"{name} should be from 0 to {below - 1}; got {int(x.min())} to {int(x.max())}.")
    return x.long()


def need_same_shape(a: torch.Tensor, b: torch.Tensor, names: str) -> None:
    """Raise ValueError unless both have one shape: nothing is broadcast."""
    if a.shape != b.shape:
        raise ValueError(f"{names} should have one shape; got {tuple(a.shape)} and {tuple(b.shape)}.")


def need_positive(value: Any, name: str) -> int:
    """`value` as an int of at least 1, or ValueError. NumPy's integers are taken, booleans are not."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} should be a whole number of at least 1; got {value!r}.")
    return int(value)
