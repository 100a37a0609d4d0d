"""Pictures of one's own: where their path may point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnlab.datasets.pictures import grey


def test_a_path_may_begin_at_home_or_hold_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(np.full((10, 12), 255, np.uint8)).save(tmp_path / "white.png")
    for name in ("HOME", "USERPROFILE", "PICTURES"):
        monkeypatch.setenv(name, str(tmp_path))
    for path in ("~/white.png", "$PICTURES/white.png", tmp_path / "white.png"):
        np.testing.assert_array_equal(grey(path), np.ones((10, 12)))
    with pytest.raises(FileNotFoundError, match="black"):
        grey("~/black.png")
