"""All outputs of a model on a data set or loader, wherever the model is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import torch
from torch import nn
from torch.utils.data import Dataset

from ..device import device
from ..evaluating import evaluating
from ..training.batches import Batches, loader

Data = Dataset | Iterable[Any]


def outputs_and_targets(model: nn.Module, data: Data, batch_size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The model's outputs and the targets of all rows, (N, ...) each, on the CPU; 16-bit outputs as float32.

    data: a data set of pairs (x, target), read in batches of `batch_size`, or a loader, anything that gives batches
    (x, target) or (x, ..., target), whose inputs all go to the model. They are moved to where the model is. It runs in
    evaluation mode, without gradients, and is afterwards in the mode that it was in.

    Raises ValueError without rows and for outputs that are not finite, TypeError for batches of another kind.
    """
    where = next((t.device for t in chain(model.parameters(), model.buffers())), device())
    outputs, targets = [], []
    with evaluating(model), torch.inference_mode():
        for batch in _batches(data, batch_size):
            if not isinstance(batch, (tuple, list)) or len(batch) < 2:
                raise TypeError(f"A batch should be a pair (x, target), got {type(batch).__name__}.")
            *inputs, target = batch
            y = model(*(_moved(x, where) for x in inputs))
            outputs.append((y.float() if y.is_floating_point() else y).cpu())
            targets.append(torch.as_tensor(target).cpu())
    if not outputs or sum(map(len, targets)) == 0:
        raise ValueError("There is nothing to evaluate: the data have no rows.")
    found = torch.cat(outputs)
    if not bool(torch.isfinite(found).all()):
        bad = int((~torch.isfinite(found.reshape(len(found), -1)).all(dim=1)).sum())
        raise ValueError(f"The model's outputs for {bad:,} of {len(found):,} rows are NaN or infinite.")
    return found, torch.cat(targets)


def _batches(data: Data, batch_size: int) -> Iterator[Any]:
    if isinstance(data, Dataset):
        return iter(loader(data, Batches(len(data), batch_size, seed=0, shuffle=False)))  # type: ignore[arg-type]
    return iter(data)


def _moved(x: Any, where: torch.device) -> Any:
    """Tensors, also inside lists and dictionaries, on the device."""
    if isinstance(x, torch.Tensor):
        return x.to(where, non_blocking=True)
    if isinstance(x, dict):
        return {name: _moved(value, where) for name, value in x.items()}
    return type(x)(_moved(value, where) for value in x) if isinstance(x, (list, tuple)) else x


def aligned(*rows: tuple[Any, ...]) -> list[str]:
    """Rows of texts as lines: the first column flush left, the others right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in cells
    ]
