"""Every explorer as its panel moves it, without a page: each control acts, each button does what it says.

The browser tests drive each kind of control in a real page once; here each control of each explorer is moved through
the same widgets, and the picture that goes to the page is the one that the values mean.
"""

from __future__ import annotations

from typing import Any

import pytest

from nnlab import plots
from nnlab.explore import ALL, Choice, Explorer, Slider, Toggle
from nnlab.explore.controls import Levels
from nnlab.explore.panel import Panel
from nnlab.explore.widgets.text import Text
from tests.contracts.test_explorers import faults_of, is_finite

EVERY = pytest.mark.parametrize("name", ALL)


class Page:
    """What the panel sends to the page in place of the page."""

    def __init__(self, explorer: Explorer):
        self.panel = Panel(explorer)
        self.panel.picture = self  # type: ignore[assignment]
        self.png = explorer.frame()  # as `show` draws one: a run takes its first steps
        self.panel._bundle, self.panel._metadata = {}, {}

    def update(self, bundle: dict[str, Any], **_: Any) -> None:
        self.png = bundle["image/png"]

    def press(self, text: str) -> None:
        next(one for one in self.panel.buttons.children if getattr(one, "description", "") == text).click()

    def shows(self, twin: Explorer) -> bool:
        """Whether the last picture is the twin's. Where seconds are measured, no two runs have the same picture."""
        assert self.panel.error.layout.display == "none", self.panel.error.value
        wanted = plots.picture(twin.frame(), "", 0, 0)[0]["image/png"]
        return self.png == wanted or "seconds" in twin.values.values()


def values_of(control: Any) -> list[Any]:
    """One step, both ends, every option."""
    if isinstance(control, Slider):
        one = control.value * 10**control.step if control.log else control.value + control.step
        return [*([control.check(one)] if one <= control.max else []), control.max, control.min]
    return list(control.extremes()) if isinstance(control, (Levels, Choice, Toggle, Text)) else []


@EVERY
def test_every_control_moves_the_picture(name: str) -> None:
    explorer, twin = ALL[name](), ALL[name]()
    page = Page(explorer)
    twin.frame()
    for control_name, control in twin.controls.items():
        for value in values_of(control):
            page.panel.widgets[control_name].value = value
            twin.set(**{control_name: value})
            assert explorer.values == twin.values
            assert page.shows(twin) or value == control.value, f"{control_name} = {value}"
            if not twin.run:  # test_explorers.py looks at the steps of a run
                assert is_finite(twin.data), f"{control_name} = {value}"
                assert not faults_of(twin), f"{control_name} = {value}"
        if not explorer.run:  # Reset takes a run's first steps again, which can be a minute of training in all
            page.press("Reset")
            twin.reset()
            assert page.shows(twin), f"Reset from {control_name}"
    for preset, values in twin.presets.items():
        page.press(preset)
        twin.set(**values)
        assert page.shows(twin), f"the preset {preset}"
    page.press("Reset")
    twin.reset()
    assert page.shows(twin), "Reset"


@EVERY
def test_its_goal_turns_green(name: str) -> None:
    explorer = ALL[name]()
    if explorer.goal is None or explorer.goal.solution is None:
        return
    page = Page(explorer)
    page.press("Reset")
    assert "Goal:" in page.panel.goal.value
    for control_name, value in explorer.goal.solution.items():
        page.panel.widgets[control_name].value = value
    if explorer.run:
        page.press("Restart")
        for steps in (0, explorer.goal.steps // 2, explorer.goal.steps - explorer.goal.steps // 2):
            explorer.advance(steps)
            assert not faults_of(explorer), f"step {explorer.steps}"
    assert not faults_of(explorer)
    assert explorer.reached, "its solution does not meet it"
    assert "✓ Reached" in page.panel.goal.value
    page.press("Reset")
    assert "Goal:" in page.panel.goal.value


@EVERY
def test_a_run_steps_and_restarts(name: str) -> None:
    explorer, twin = ALL[name](), ALL[name]()
    if explorer.run is None:
        return
    page = Page(explorer)
    twin.frame()
    page.press("Restart")
    twin.restart()
    assert explorer.steps == 0 and page.shows(twin)
    page.press("Step")
    twin.advance(1)
    assert explorer.steps == 1 and page.shows(twin)
