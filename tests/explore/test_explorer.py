"""An explorer from code: what moves, what is refused, what is kept. Panels and runs have files of their own."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from nnlab import plots
from nnlab.explore import Choice, Goal, Slider
from tests.explore.toys import make, wave


def test_set_data_reset():
    explorer = make()
    first = explorer.png()
    explorer.set(speed=8.0, kind="cos")
    assert explorer.values == {"speed": 8.0, "shift": 0.5, "kind": "cos", "mirrored": False}
    np.testing.assert_array_equal(explorer.data[1], wave(8.0, 0.5, "cos", False)[1])
    assert explorer.png() != first
    explorer.reset()
    assert explorer.values["speed"] == 2.0 and explorer.png() == first


def test_a_goal_is_met_by_its_solution_and_not_from_the_start():
    explorer = make()
    assert not explorer.reached
    explorer.set(**explorer.goal.solution)
    assert explorer.reached
    assert not make(goal=None).reached


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sped": 1.0}, "speed"),
        ({"speed": 99.0}, "goes from 0.5 to 10.0"),
        ({"speed": "2"}, "goes from"),
        ({"speed": True}, "goes from"),
        ({"speed": float("nan")}, "goes from"),
        ({"kind": "tan"}, "sin, cos"),
        ({"mirrored": 1}, "True or False"),
        ({"speed": 3.0, "kind": "tan"}, "sin, cos"),
    ],
)
def test_wrong_values_are_refused_and_nothing_moves(values, words):
    explorer = make()
    before, picture = dict(explorer.values), explorer.png()
    with pytest.raises(ValueError, match=words):
        explorer.set(**values)
    assert explorer.values == before and explorer.png() == picture


def test_wrong_settings_are_refused_when_an_explorer_is_made():
    with pytest.raises(ValueError):
        make(presets={"bad": dict(speed=99.0)})
    with pytest.raises(ValueError):
        make(goal=Goal("far", lambda d: True, solution=dict(sped=1.0)))
    with pytest.raises(ValueError, match="min < max"):
        Slider(1.0, 1.0)
    with pytest.raises(ValueError):
        Choice(["a", "b"], "c")


def test_an_error_in_compute_is_raised_and_the_picture_stays():
    explorer = make()
    explorer.set(speed=3.0)
    picture = explorer.png()
    with pytest.raises(ValueError, match="no wave"):
        explorer.set(shift=1.0)
    assert explorer.png() == picture
    explorer.set(shift=0.1)
    assert explorer.png() != picture


def test_compute_moves_nothing():
    explorer = make()
    before = dict(explorer.values)
    data = explorer.compute(speed=8.0)
    np.testing.assert_array_equal(data[1], wave(8.0, 0.5, "sin", False)[1])
    assert explorer.values == before


def test_frame_and_png_are_the_same_picture():
    explorer = make()
    fast, small = explorer.frame(plots.SHARP), explorer.png()
    assert len(small) < len(fast) / 2
    one, other = (np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int) for png in (fast, small))
    assert np.abs(one - other).max() <= 24 and (one == other).all(axis=2).mean() > 0.95
    assert Image.open(io.BytesIO(explorer.frame())).size == (700, 350)
    assert Image.open(io.BytesIO(small)).size == (1400, 700)
