"""The pad: which drawings it takes, and the images made of them."""

from __future__ import annotations

import numpy as np
import pytest

from nnlab.explore.widgets.pad import Pad, raster


def test_pad_checks_drawings() -> None:
    pad = Pad(pens=("a", "b"), label="points")
    assert pad.check([[1, [[0.12345678, 1]]]]) == ((1, ((0.1235, 1.0),)),)
    for bad, word in (
        ("line", "list of strokes"),
        ([(2, [])], "pens from 0 to 1"),
        ([(0, [(0.5, 1.5)])], "from 0 to 1"),
        ([(0, [(0.5, np.nan)])], "from 0 to 1"),
        ([(0, [(0.5, 0.5)] * 6000)], "5000 is the most"),
    ):
        with pytest.raises(ValueError, match=word):
            pad.check(bad)
    assert all(pad.check(value) == value for value in pad.extremes())
    widget = pad.widget("drawn")
    assert widget.description == "points" and [p["name"] for p in widget.pens] == ["a", "b"]
    widget.close()


def test_raster() -> None:
    """A line from left to right in the upper half is dark there and nowhere else."""
    image = raster(((0, ((0.1, 0.75), (0.9, 0.75))),), 28, width=0.1)
    assert image.shape == (28, 28) and image.min() == 0 and image.max() == 1
    rows = np.flatnonzero(image.max(axis=1) > 0.5)
    assert rows.min() >= 5 and rows.max() <= 8
    np.testing.assert_allclose(image.sum() / 28**2, 0.8 * 0.1 + np.pi * 0.05**2, rtol=0.05)  # its area, round ends
    assert raster((), 28).sum() == 0
    dot = raster(((0, ((0.5, 0.5),)),), 28, width=0.2)
    np.testing.assert_allclose(dot, dot.T, atol=1e-9)
    assert dot.max() == 1
