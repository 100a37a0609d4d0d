"""Which weights to keep. PyTorch's twin is `torch.nn.utils.prune`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import as_float, need_number

Array = NDArray[Any]


def magnitude_masks(weights: Sequence[Any], amount: float, together: bool = True) -> list[NDArray[np.bool_]]:
    """Masks of the weights that stay when the share `amount` of them goes, those with the smallest |w| first.

    together: one ranking over all arrays, as `prune.global_unstructured`; else `amount` of each, as
    `prune.l1_unstructured`. -> a bool array for each, shaped like it. round(amount * count) are False; of two equal
    ones the first goes. Raises ValueError for an amount outside 0 to 1 and for no arrays."""
    arrays = [as_float(w, "each of weights") for w in weights]
    amount = need_number(amount, "amount", 0.0, 1.0)
    if not arrays:
        raise ValueError("weights should be a list of at least one array, got none.")
    if not together:
        return [magnitude_masks([w], amount)[0] for w in arrays]
    size = np.abs(np.concatenate([w.ravel() for w in arrays]))
    kept = np.ones(len(size), bool)
    kept[np.argsort(size, kind="stable")[: round(amount * len(size))]] = False
    parts = np.split(kept, np.cumsum([w.size for w in arrays])[:-1])
    return [part.reshape(w.shape) for part, w in zip(parts, arrays, strict=True)]
