"""Properties of a digit's picture that nobody has trained the chapter's networks on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def ink(x: Array) -> Array:
    """The mean of all pixels. x: (N, 1, 28, 28) -> (N,)."""
    return x.mean(axis=(1, 2, 3))


def slant(x: Array) -> Array:
    """Columns by which the ink moves with each row downwards: its covariance divided by the rows' variance; (N,).

    Raises ValueError for a picture without ink, which has no slant."""
    total = x[:, 0].sum(axis=(1, 2))
    if not (total > 0).all():
        raise ValueError("Each picture should have some ink: a blank one has no slant.")
    share = x[:, 0] / total[:, None, None]
    line = np.arange(share.shape[1])
    row = line - (share.sum(axis=2) @ line)[:, None]
    column = line - (share.sum(axis=1) @ line)[:, None]
    return np.einsum("nij,ni,nj->n", share, row, column) / np.einsum("nij,ni->n", share, row**2)
