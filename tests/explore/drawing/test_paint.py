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


def test_tiles_are_framed_again_at_another_scale() -> None:
    painter = paint.Painter(30, 20)
    picture = np.full((10, 10), paint.TABLE[0])
    painter.tile(picture, (2, 5, 10))
    painter.tile(picture, (15, 5, 10), "deadmarked")
    sharp = painter.enlarged(2)
    assert sharp.shape == (40, 60)
    assert (sharp[10:12, 4:24] == paint.FRAME).all() and sharp[12, 6] == picture[0, 0]
    np.testing.assert_array_equal(sharp != 0, (painter.pixels != 0).repeat(2, axis=0).repeat(2, axis=1))
    assert (sharp == paint.ALARM).any() and (sharp == paint.DARK).any()
    painter.clear()
    assert not painter.enlarged(2).any()
