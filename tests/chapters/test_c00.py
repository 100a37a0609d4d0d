"""Chapter 00, Start here: what its explorers compute is true."""

import numpy as np
import pytest

from nnlab.chapters.c00_start_here.line_explorer import BEST_B, BEST_W, HOURS, POINTS, line_fit


def test_the_line_explorers_error_is_the_mean_squared_miss():
    d = line_fit(2.0, 10.0)
    assert d.error == pytest.approx(np.mean((2 * HOURS + 10 - POINTS) ** 2))
    assert d.error >= line_fit(BEST_W, BEST_B).error
