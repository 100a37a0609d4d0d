"""Explorers that run: begin, advance, restart, and which controls act on the run as it goes."""

from __future__ import annotations

import pytest

from tests.explore.toys import make, runner


def test_run_advances_and_ends():
    explorer = runner()
    explorer.advance(3)
    assert explorer.steps == 3 and explorer.data[1][0] == 1
    explorer.advance(1000)
    assert explorer.steps == 50 and explorer.finished
    explorer.advance()
    assert explorer.steps == 50
    explorer.restart()
    assert explorer.steps == 0 and not explorer.finished


def test_live_controls_act_on_the_run_and_others_start_it_again():
    explorer = runner()
    explorer.set(start=0)
    explorer.advance(2)
    assert explorer.data[1][0] == pytest.approx(0.2)
    explorer.set(gain=0.5)
    assert explorer.steps == 2
    explorer.advance(1)
    assert explorer.data[1][0] == pytest.approx(0.7)
    explorer.set(start=0)  # where it stands already: no new beginning
    assert explorer.steps == 3
    explorer.set(start=2)
    assert explorer.steps == 0


def test_steps_shown_before_play():
    explorer = runner(shown=4)
    explorer.png()
    assert explorer.steps == 4
    explorer.restart()
    assert explorer.steps == 0
    explorer.reset()
    assert explorer.steps == 4


def test_advance_stops_when_its_time_is_over():
    explorer = runner(length=10**9)
    explorer.advance(10**9, seconds=0.02)
    assert 1 <= explorer.steps < 10**9


def test_what_does_not_run_cannot_advance():
    with pytest.raises(TypeError, match="does not run"):
        make().advance()
