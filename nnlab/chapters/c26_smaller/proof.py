"""The proof that rounding to a grid of a few bits is PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nnlab.scratch.compression.quantize import Grid, dequantize, quantize
from nnlab.twins import Parity

Array = NDArray[Any]


def quantization_parity(x: Array, grid: Grid) -> Parity:
    """x rounded to a grid and back, in NumPy and by PyTorch's fake_quantize, and the gradient of x, which passes where
    x lies on the grid's range. In float32, relative to the largest of x. What lies half way between two values of
    the grid is not compared: the last digit of x / s decides there, and PyTorch multiplies by 1 / s.

    grid: as `quantization_grid` makes one, for all of x or with a scale for each entry of an axis."""
    tensor = torch.tensor(np.asarray(x, np.float32), requires_grad=True)
    scale, zero = torch.tensor(np.ravel(grid.scale)), torch.tensor(np.ravel(grid.zero_point))
    if np.ndim(grid.scale):
        axis = int(np.argmax(np.shape(grid.scale)))
        ends = (scale.float(), zero.int(), axis, grid.low, grid.high)
        theirs = torch.fake_quantize_per_channel_affine(tensor, *ends)
    else:
        theirs = torch.fake_quantize_per_tensor_affine(tensor, float(scale), int(zero), grid.low, grid.high)
    theirs.sum().backward()
    q, steps = quantize(x, grid), x / grid.scale
    between = np.abs(steps - np.floor(steps) - 0.5) > 1e-4
    on_it = (q == np.round(steps) + grid.zero_point).astype(float)
    values = ((dequantize(q, grid), theirs.detach().numpy()), (on_it, tensor.grad.numpy()))  # type: ignore[union-attr]
    largest = float(np.max(np.abs(x), initial=0)) or 1.0
    pairs = {
        name: (a[between] / by, b[between] / by)
        for name, (a, b), by in zip(("rounded and back", "gradient"), values, (largest, 1.0), strict=True)
    }
    return Parity({name: float(np.max(np.abs(a - b), initial=0)) for name, (a, b) in pairs.items()}, 1e-6)
