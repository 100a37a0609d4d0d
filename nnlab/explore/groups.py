"""The controls of an explorer below its picture: all in a column, or in groups of which one at a time is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import groupby
from typing import Any

import ipywidgets

from .controls import Levels, Slider, Toggle
from .explorer import Action, Explorer

# Two columns where there is room for them; what is wide by nature takes a row.
_HALF, _WHOLE = {"width": "49%", "min_width": "min(400px, 100%)"}, {"width": "100%"}


class Groups:
    """`box` holds the controls, and each group's own buttons with the text that they return.

    A group is chosen with plain buttons: of the ways to fold controls away, a keyboard reaches them best. `button`
    makes one from its text, what it does, and its tooltip. `pages` and `tabs` are by group, `texts` by group or ""."""

    def __init__(
        self,
        explorer: Explorer,
        widgets: Mapping[str, ipywidgets.Widget],
        button: Callable[[str, Callable[[], Any], str], ipywidgets.Button],
    ):
        self.explorer, self.widgets, self._button = explorer, widgets, button
        self._hidden: set[str] = set()
        self.texts: dict[str, ipywidgets.Textarea] = {}
        if explorer.groups:
            self.pages = {name: self._page(name) for name in explorer.groups}
            self.tabs = {name: button(name, partial(self.open, name), f"Show: {name}") for name in explorer.groups}
            row = ipywidgets.Box(list(self.tabs.values()), layout={"flex_flow": "row wrap", "margin": "6px 0 2px"})
            self.box = ipywidgets.VBox([self._text(""), row, *self.pages.values()])
            self.open(next(iter(explorer.groups)))
        else:
            self.box = ipywidgets.VBox([*self._rows(), *([self._text("")] if explorer.actions else [])])
        self.show_what_acts()

    def _rows(self) -> list[ipywidgets.Widget]:
        """The controls one below the other, narrow ones three in a row."""
        rows: list[ipywidgets.Widget] = []
        for narrow, names in groupby(self.widgets, lambda name: getattr(self.explorer.controls[name], "narrow", False)):
            found = [self.widgets[name] for name in names]
            rows += [ipywidgets.Box(found, layout={"flex_flow": "row wrap"})] if narrow else found
        return rows

    def open(self, name: str) -> None:
        """Show one group and fold the others away."""
        for other, page in self.pages.items():
            page.layout.display = None if other == name else "none"
            self.tabs[other].button_style = "primary" if other == name else ""

    def show_what_acts(self) -> None:
        """Hide the controls that do nothing at the present values."""
        idle = set(self.explorer.idle(self.explorer.values))
        for name in idle ^ self._hidden:
            self.widgets[name].layout.display = "none" if name in idle else None
        self._hidden = idle

    def action_buttons(self, group: str) -> list[ipywidgets.Button]:
        """The buttons of the actions of a group; "" for those next to Play and Reset."""
        mine = [(name, action) for name, action in self.explorer.actions.items() if action.group == group]
        return [self._button(name, partial(self._act, action), action.help or name) for name, action in mine]

    def _act(self, action: Action) -> None:
        if text := action.act(self.explorer):
            area = self.texts[action.group]
            area.value, area.rows, area.layout.display = text, min(24, text.count("\n") + 2), None

    def _page(self, group: str) -> ipywidgets.Box:
        members = [self.widgets[name] for name in self.explorer.groups[group]]
        for name, widget in zip(self.explorer.groups[group], members, strict=True):
            half = isinstance(self.explorer.controls[name], (Slider, Levels, Toggle))
            for trait, value in (_HALF if half else _WHOLE).items():
                setattr(widget.layout, trait, value)
        controls = ipywidgets.Box(members, layout={"flex_flow": "row wrap"})
        buttons = ipywidgets.Box(self.action_buttons(group), layout={"flex_flow": "row wrap"})
        return ipywidgets.VBox([controls, buttons, self._text(group)])

    def _text(self, group: str) -> ipywidgets.Textarea:
        area = ipywidgets.Textarea(layout={"display": "none", "width": "98%"})
        area.tooltip = "Click into it, select all, copy"
        self.texts[group] = area
        return area
