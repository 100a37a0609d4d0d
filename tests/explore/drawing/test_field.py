"""A field that moves shows what `plots.surface` shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.drawing.canvas import Canvas
from nnlab.explore.drawing.field import Field

EXTENT = (-2.0, 3.0, -1.0, 1.0)
X, Y = np.meshgrid(np.linspace(0, 1, 60), np.linspace(0, 1, 41))
VALUES = {"slope": 3 * X - Y - 1, "waves": np.sin(9 * X) * np.cos(7 * Y**2), "sign": np.sign(X - Y)}


def drawn(make: Callable[[Axes], Any], values: np.ndarray, scale: int) -> np.ndarray:
    class View:
        def __init__(self, figure: Figure):
            ax = figure.subplots()
            ax.set(xlim=EXTENT[:2], ylim=EXTENT[2:], xlabel="input")
            self.field = make(ax)

        def update(self, data: np.ndarray) -> None:
            self.field.set_data(data)

    canvas = Canvas(View, (4.0, 3.0))
    canvas.draw(np.zeros_like(values), scale)
    return canvas.draw(values, scale)[..., :3].astype(int)


@pytest.mark.parametrize("scale", [1, plots.SHARP])
@pytest.mark.parametrize("name", VALUES)
def test_it_is_matplotlibs_picture(name: str, scale: int) -> None:
    values = VALUES[name]
    theirs = drawn(lambda ax: plots.surface(ax, np.zeros((2, 2)), EXTENT, animated=True), values, scale)
    apart = np.abs(drawn(Field, values, scale) - theirs).max(axis=-1)
    assert np.ptp(theirs) > 100 and apart.max() <= 3 and (apart > 0).mean() < 0.03


def test_values_may_also_be_kept_apart() -> None:
    """Each value a block of one colour, low y below, and as strong as is asked."""
    whole = drawn(lambda ax: Field(ax, strength=1, smooth=False), np.array([[-1.0, 1.0], [1.0, 1.0]]), 1)
    orange, blue = (tuple(plots.DIVERGING(share, bytes=True)[:3]) for share in (0.0, 1.0))
    assert tuple(whole[200, 100]) == orange and tuple(whole[100, 100]) == tuple(whole[200, 300]) == blue
