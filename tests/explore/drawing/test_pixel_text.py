"""Text in pixels."""

from __future__ import annotations

import numpy as np

from nnlab import plots
from nnlab.explore.drawing.pixel_text import Writer


def test_texts_are_wiped_off() -> None:
    pixels = np.zeros((40, 200), np.uint32)
    writer = Writer(pixels)
    writer.write("train 0.123", 5, 10, plots.BLUE)
    writer.write("bias -0.5", 190, 10, align="right", paper=True)
    writer.write("beyond the edge", 195, 39)
    assert (pixels > 0).sum() > 100
    writer.wipe()
    assert not pixels.any()


def test_texts_are_written_again_at_another_scale() -> None:
    """Letters of twice the size, at the same place, with finer edges than enlarged ones have."""
    pixels, sharp = np.zeros((40, 200), np.uint32), np.zeros((80, 400), np.uint32)
    writer = Writer(pixels)
    writer.write("gone", 5, 10)
    writer.wipe()
    writer.write("train 0.123", 100, 10, plots.BLUE, align="centre", bold=True)
    writer.copy_to(sharp, 2)
    enlarged = pixels.repeat(2, axis=0).repeat(2, axis=1)
    for one, other in zip(np.nonzero(enlarged), np.nonzero(sharp), strict=True):
        assert abs(one.min() - other.min()) <= 3 and abs(one.max() - other.max()) <= 3
    assert (enlarged != sharp).any()
