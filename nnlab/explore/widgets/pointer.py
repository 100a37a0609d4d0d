"""A control that follows the mouse over an explorer's picture: hovering, clicks, small buttons and number fields on it.

What the mouse does arrives as the control's value, one event at a time; what is to be laid over the picture goes back
in the traits of `PointerWidget`. Places are (u, v) from 0 to 1, of the picture as it is displayed, from its lower left
corner, so that they do not depend on its resolution. For the keyboard, the buttons and fields take Tab.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from nnlab.checks import describe
from nnlab.explore.widgets.page import static

Event = tuple[Any, ...]

# What the page reports. The mouse is at (u, v), or was clicked there:
PLACES = ("move", "click")
# and with how many texts: it left the picture; a button (key); a field (key, text); the fields lost the focus, or Enter
# was pressed in one; Escape was pressed.
TEXTS = {"leave": 0, "press": 1, "enter": 2, "close": 0, "escape": 0}


class PointerWidget(anywidget.AnyWidget):
    """The control in the page: a line of text, and a layer over the picture.

    tip: a text next to the mouse. buttons: a list of {key, text, label, left, top, off}, places in shares of the
    picture; `label` is read aloud, `head`, if any, stands over two buttons. editor: {} or a box of fields, {id, title,
    left, top, error, fields: [{key, label, value}]}.
    The page keeps at most one message on its way, and joins moves that wait: hovering never queues work."""

    _esm = static("pointer.js")
    _css = static("pointer.css")
    value = traitlets.Any(())  # not synchronised: the page sends each event as a message of its own
    description = traitlets.Unicode("").tag(sync=True)
    tip = traitlets.Unicode("").tag(sync=True)
    buttons: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    editor: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)

    def __init__(self, **traits: Any):
        super().__init__(**traits)
        self.on_msg(self._take)

    def _take(self, _: Any, content: Mapping[str, Any], buffers: Any) -> None:
        try:
            self.value = tuple(content.get("event", ()))
        finally:
            self.send({"done": content.get("id")})


@dataclass(frozen=True)
class Pointer:
    """A control whose value is the last event of the mouse, as PLACES and TEXTS list them, or () at rest.

    `shows(explorer)` returns what is laid over the picture: values for the traits tip, buttons and editor. `help` is
    the text in the page that says what can be pointed at and clicked."""

    shows: Callable[[Any], Mapping[str, Any]]
    value: Event = ()
    label: str = ""
    help: str = ""

    def check(self, value: Any) -> Event:
        """`value` as an event, or a ValueError."""
        event = tuple(value) if isinstance(value, (tuple, list)) else (value,)
        if not event:
            return ()
        kind, *rest = event
        if kind in PLACES and len(rest) == 2 and all(_is_share(part) for part in rest):
            return kind, float(rest[0]), float(rest[1])
        if kind in list(TEXTS) and len(rest) == TEXTS[kind] and all(isinstance(part, str) for part in rest):
            return event
        raise ValueError(
            f"An event of the mouse is (), ({' or '.join(map(repr, PLACES))}, u, v) with u and v from 0 to 1, or one "
            f"of {', '.join(TEXTS)} with its texts; got {describe(value)}."
        )

    def extremes(self) -> list[Event]:
        """At rest, and the mouse in the middle."""
        return [(), ("move", 0.5, 0.5)]

    def widget(self, name: str) -> PointerWidget:
        """The line of text that listens."""
        return PointerWidget(description=self.help or self.label or name, tooltip=self.help or self.label or name)

    def follow(self, widget: PointerWidget, explorer: Any) -> None:
        """Lay over the picture what it has to show now. Only what differs is sent."""
        for trait, value in self.shows(explorer).items():
            setattr(widget, trait, value)


def _is_share(part: Any) -> bool:
    return isinstance(part, (int, float)) and not isinstance(part, bool) and 0 <= part <= 1
