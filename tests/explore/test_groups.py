"""Controls in groups, idle controls and actions, on toy explorers without a page."""

from __future__ import annotations

from typing import Any

import pytest

from nnlab.explore import Action
from tests.explore.toys import make

GROUPS = {"wave": ["speed", "shift"], "shape": ["kind", "mirrored"]}


def visible(widgets: dict[str, Any]) -> list[str]:
    return [name for name, widget in widgets.items() if widget.layout.display != "none"]


def test_one_group_at_a_time(shown):
    groups = shown(make(groups=GROUPS)).groups
    assert visible(groups.pages) == ["wave"] and groups.tabs["wave"].button_style == "primary"
    groups.tabs["shape"].click()
    assert visible(groups.pages) == ["shape"] and groups.tabs["wave"].button_style == ""


def test_groups_must_hold_every_control():
    for groups in ({"one": ["speed"]}, GROUPS | {"more": ["speed"]}, GROUPS | {"more": ["pitch"]}):
        with pytest.raises(ValueError, match="belongs to one group"):
            make(groups=groups)


def test_idle_controls_are_hidden_until_they_act(shown):
    panel = shown(make(idle=lambda values: ["shift"] if values["kind"] == "cos" else []))
    assert "shift" in visible(panel.widgets)
    panel.explorer.set(kind="cos")
    assert "shift" not in visible(panel.widgets)
    panel.explorer.set(kind="sin")
    assert "shift" in visible(panel.widgets)


def test_an_action_shows_the_text_that_it_returns(shown):
    actions = {"code": Action(lambda explorer: "one\ntwo", group="shape"), "fast": Action(lambda e: e.set(speed=9.0))}
    panel = shown(make(groups=GROUPS, actions=actions))
    (code,), (fast,) = panel.groups.pages["shape"].children[1].children, panel.groups.action_buttons("")
    area = panel.groups.texts["shape"]
    assert area.layout.display == "none"
    code.click()
    assert area.value == "one\ntwo" and area.layout.display is None
    fast.click()
    assert panel.explorer.values["speed"] == 9.0
