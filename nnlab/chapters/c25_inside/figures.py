"""The chapter's figures of many small pictures: digits in grey, maps in the diverging colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab import plots

Array = NDArray[Any]


def show_rows(rows: Mapping[str, Array], alt: str, *, titles: Sequence[str] = (), width: float = 7.0) -> None:
    """Rows of small pictures, a name in front of each. alt: what they show, in words.

    Rows are (n, 28, 28). Pictures with an entry below 0 are maps, each with its own scale: orange is negative, white
    zero, blue positive. Others are digits, 0 paper to 1 ink. titles: above the n columns."""
    n = len(next(iter(rows.values())))
    side = (width - 1.3) / n
    fig, axes = plots.figure(width, side * len(rows) + (0.35 if titles else 0.1), columns=n, rows=len(rows))
    for line, (name, pictures) in zip(np.reshape(axes, (len(rows), n)), rows.items(), strict=True):
        for ax, picture in zip(line, pictures, strict=True):
            most = max(float(np.abs(picture).max()), 1e-12)
            look: dict[str, Any] = dict(cmap="gray_r", vmin=0)
            if picture.min() < 0:
                look = dict(cmap=plots.DIVERGING, vmin=-most, vmax=most)
            ax.imshow(picture, **look)
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
            ax.spines[:].set_visible(False)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
    for ax, title in zip(np.reshape(axes, (len(rows), n))[0], titles, strict=bool(titles)):
        ax.set_title(title, loc="center", fontsize=9, weight="normal")
    plots.show(fig, alt)


def show_photos(photos: Sequence[Array], maps: Sequence[Array | None], titles: Sequence[str], alt: str) -> None:
    """Photographs (H, W, 3) from 0 to 1 next to each other; over them a map (h, w), if any: dark where it is 0.

    Small, every second pixel of each: a stored photograph is larger than all else in a notebook."""
    fig, axes = plots.figure(1.3 * len(photos), 1.6, columns=len(photos))
    for ax, photo, seen, title in zip(axes, photos, maps, titles, strict=True):
        height, width = photo.shape[:2]
        if seen is not None:
            share = seen / max(float(seen.max()), 1e-12)
            rows, columns = (np.arange(side) * n // side for side, n in zip((height, width), seen.shape, strict=True))
            photo = photo * (0.25 + 0.75 * share[rows[:, None], columns])[..., None]
        ax.imshow(photo[::2, ::2], interpolation="nearest")
        ax.axis("off")
        ax.set_title(title, loc="center", fontsize=9)
    plots.show(fig, alt)
