"""Response maps as colours."""

from __future__ import annotations

import numpy as np

from nnlab.explore.drawing import paint


def test_colours() -> None:
    ramp = np.tile(np.linspace(-1, 1, 20), (1, 20, 1))
    seen = paint.colours(ramp, 40, False, False)[..., None].view(np.uint8)
    assert seen.shape == (1, 40, 40, 4)
    assert tuple(seen[0, 0, 0, :3]) == tuple(paint.TABLE[:1].view(np.uint8)[:3])
    assert len(np.unique(paint.colours(ramp, 40, False, True))) == 2
    np.testing.assert_array_equal(paint.colours(7 * ramp, 40, True, False), paint.colours(ramp, 40, True, False))
    np.testing.assert_allclose(paint.stretch(ramp.astype(np.float32), 39)[0, 5], np.linspace(-1, 1, 39), atol=1e-6)
