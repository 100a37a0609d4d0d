"""Controls: which values they take, and what they start with."""

from __future__ import annotations

import numpy as np
import pytest

from nnlab.explore import Choice, Levels, Slider, Toggle


def test_a_slider_keeps_the_number_that_its_readout_shows():
    slider = Slider(-6.0, 6.0, 0.05)
    assert slider.check(1.0499999999999998) == 1.05
    assert slider.check(-6.000000000000001) == -6.0
    whole = Slider(0, 10, 1)
    assert whole.check(3) == 3 and isinstance(whole.check(3.0), int)


def test_a_slider_starts_in_the_middle_unless_told():
    assert Slider(0, 10, 1).value == 5 and Slider(0.0, 1.0, 0.1).value == 0.5
    assert Slider(1e-4, 1.0, log=True).value == pytest.approx(0.01)


def test_levels_take_their_own_numbers_only():
    levels = Levels([0.1, 0.001, 0.01], 0.003, label="rate")
    assert list(levels.levels) == [0.001, 0.003, 0.01, 0.1] and levels.extremes() == [0.001, 0.1]
    assert levels.check(np.float64(0.01)) == 0.01
    for value in (0.02, True, "0.01", None):
        with pytest.raises(ValueError, match=r"rate goes from 0\.001 to 0\.1 in the steps"):
            levels.check(value)
    with pytest.raises(ValueError, match="goes from"):
        Levels([0.1, 1.0], 2.0)


@pytest.mark.parametrize("control", [Slider(0.0, 1.0), Levels([1.0, 2.0], 1.0), Choice(["a", "b"]), Toggle()])
def test_a_control_takes_its_own_ends_and_its_widget_says_what_it_is(control):
    assert all(control.check(value) == value for value in control.extremes())
    widget = control.widget("name")
    assert widget.value == control.value and "name" in widget.description
    widget.close()
