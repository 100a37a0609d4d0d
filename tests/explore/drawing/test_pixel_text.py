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
