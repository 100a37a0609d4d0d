"""The control that follows the mouse, without a page."""

from __future__ import annotations

from typing import Any

import pytest

from nnlab.explore.widgets.pointer import Pointer, PointerWidget


@pytest.mark.parametrize(
    ("event", "kept"),
    [
        ((), ()),
        (["move", 0, 1], ("move", 0.0, 1.0)),
        (("click", 0.25, 0.5), ("click", 0.25, 0.5)),
        (["leave"], ("leave",)),
        (["press", "layer_1 +"], ("press", "layer_1 +")),
        (["enter", "0", "abc"], ("enter", "0", "abc")),
    ],
)
def test_events_are_kept_as_tuples(event: Any, kept: Any) -> None:
    assert Pointer(lambda explorer: {}).check(event) == kept


BAD = [5, None, "move", ("move",), ("move", 0.5, 2), ("move", "0", "1"), ("leave", "x"), ("press",), ("enter", "0", 1)]


@pytest.mark.parametrize("event", [*BAD, ([], 1), ("move", float("nan"), 0.5)], ids=str)
def test_what_is_no_event_is_a_sentence(event: Any) -> None:
    with pytest.raises(ValueError, match="An event of the mouse is"):
        Pointer(lambda explorer: {}).check(event)


def test_each_message_is_a_value_and_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where what follows from it fails: the page waits for the answer before it sends the next one."""
    sent, seen = [], []
    monkeypatch.setattr(PointerWidget, "send", lambda self, content, buffers=None: sent.append(content))
    widget = Pointer(lambda explorer: {}, label="Point.").widget("pointer")

    def observe(change: dict[str, Any]) -> None:
        seen.append(change["new"])
        if change["new"][0] == "press":
            raise RuntimeError

    widget.observe(observe, "value")
    widget._handle_custom_msg({"id": "a", "event": ["leave"]}, [])
    with pytest.raises(RuntimeError):
        widget._take(widget, {"id": "a", "event": ["press", "x"]}, [])
    assert seen == [("leave",), ("press", "x")] and sent == [{"done": "a"}] * 2
