"""An explorer in a notebook: its picture, and below it the controls, the goal and the buttons.

The picture is an output of its own, replaced in place. Of all ways tried it is the only one that still shows on a code
host, in exported pages and after the kernel has gone; and nothing is cleared, so nothing flickers.

A sharp picture has four times the pixels of the plain one. While a control moves or a run plays, the plain one is sent;
when nothing has moved for `REST` seconds, the sharp one, in the same width.
"""

from __future__ import annotations

import asyncio
import html
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import DisplayHandle, display

from nnlab import host, plots

from .explorer import Explorer
from .groups import Groups
from .missing import Missing, is_foreign

_NOTE = (
    "padding:4px 10px;border-radius:4px;border-left:5px solid {edge};background:{back};color:#1a1a1a;line-height:1.4"
)
_OPEN, _DONE, _ERROR = (
    _NOTE.format(edge="#0072B2", back="#eaf2f8"),
    _NOTE.format(edge="#009E73", back="#dff3ea"),
    _NOTE.format(edge="#D55E00", back="#fbe9df"),
)


REST = 0.07  # seconds; the page sends the moves of a key that is held every 66 ms, with half of that between two

_SHOWN_IN: WeakValueDictionary[str, Panel] = WeakValueDictionary()  # by the notebook's cell


def _parent() -> dict[str, Any]:
    """The message that the kernel is answering: a cell's, a control's, or none."""
    parent: dict[str, Any] = getattr(get_ipython(), "get_parent", dict)()
    return parent


def _cell() -> str:
    """The id of the cell that runs, "" where there is none."""
    return str(_parent().get("metadata", {}).get("cellId", ""))


class Panel:
    """Shows one explorer and keeps page and explorer in step.

    `picture` is the output that is replaced, `widgets` are the controls by name, `box` holds all that is below it."""

    def __init__(self, explorer: Explorer):
        self.explorer = explorer
        self._writing = False  # true while the panel itself moves the widgets
        self._playing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._resting: asyncio.TimerHandle | None = None  # what will send the sharp picture
        self._turn = 0  # counts presses of Play: a new one ends a loop that is still in its pause
        self.picture = DisplayHandle(display_id=uuid.uuid4().hex)
        self.widgets = {name: control.widget(name) for name, control in explorer.controls.items()}
        for name, widget in self.widgets.items():
            widget.value = explorer.values[name]  # it may have been moved from code already
            widget.observe(lambda change, name=name: self._moved(name, change["new"]), "value")
        self.goal = ipywidgets.HTML(layout={"margin": "2px 0"})
        self.error = ipywidgets.HTML(layout={"display": "none"})
        self.groups = Groups(explorer, self.widgets, self._button)
        self.buttons = ipywidgets.Box(self._make_buttons(), layout={"flex_flow": "row wrap"})
        words = ipywidgets.HTML(plots.spoken(explorer.alt), layout={"height": "0", "min_height": "0", "margin": "0"})
        self.box = ipywidgets.VBox(
            [
                words,
                *([self.goal] if explorer.goal else []),
                self.error,
                self.buttons,
                self.groups.box,
            ],
            layout={"max_width": f"{round(explorer.size[0] * plots.DPI)}px"},  # no wider than the picture
        )
        explorer.on_change[:] = [self._changed]  # an explorer shown twice follows the latest panel only

    @classmethod
    def shown(cls, explorer: Explorer) -> Panel:
        """A panel for this explorer, displayed; where a library is missing, a sentence in its place."""
        panel = cls(explorer)
        try:
            panel.show()
        except ModuleNotFoundError as error:
            if not is_foreign(error):
                raise
            display(Missing(error))
        return panel

    def show(self) -> None:
        """Display the picture and the controls, as two outputs of the cell."""
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:  # no kernel: nothing can run by itself, all else works
            self._loop = None
        if cell := _cell():  # a kernel in the browser names none
            if earlier := _SHOWN_IN.get(cell):
                earlier._set_playing(False)  # the cell runs again: the panel that it showed has left the page
            _SHOWN_IN[cell] = self
        width, height = (round(side * plots.DPI) for side in self.explorer.size)
        self._bundle, self._metadata = plots.picture(self.explorer.png(), self.explorer.alt, width, height)
        self.picture.display(self._bundle, raw=True, metadata=self._metadata)
        self._show_state()
        controls = self.box._repr_mimebundle_()  # its own text lists the whole state, which no two runs share
        names = ", ".join(list(self.widgets)[:8]) + (" and more" if len(self.widgets) > 8 else "")
        controls["text/plain"] = f"[controls: {names}. Run this cell to move them.]"
        display(controls, raw=True)

    def _moved(self, name: str, value: Any) -> None:
        if not self._writing:
            with self._showing_errors():
                self.explorer.set(**{name: value})

    def _changed(self) -> None:
        """After every change of the explorer: the widgets, the picture and the goal follow."""
        self._writing = True
        try:
            for name, widget in self.widgets.items():
                if self.explorer.controls[name].check(widget.value) != self.explorer.values[name]:
                    widget.value = self.explorer.values[name]
        finally:
            self._writing = False
        self.groups.show_what_acts()
        with self._showing_errors():
            self._paint()

    def _paint(self) -> None:
        self._send(self.explorer.frame())
        self.error.layout.display = "none"
        self._show_state()
        self._sharpen_later()

    def _send(self, png: bytes) -> None:
        bundle, _ = plots.picture(png, "", 0, 0)
        bundle = {**self._bundle, "image/png": bundle["image/png"]}
        self.picture.update(host.for_the_page(bundle), raw=True, metadata=self._metadata)

    def _sharpen_later(self) -> None:
        """Send the sharp picture once nothing moves: each move puts it off, so that none ever waits behind another."""
        if self._playing:
            return
        shell = get_ipython()
        if shell and _parent().get("header", {}).get("msg_type") == "execute_request":  # a cell moves it
            events = shell.events
            if self._cell_ended not in events.callbacks["post_run_cell"]:
                events.register("post_run_cell", self._cell_ended)
        elif self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wait_for_rest)  # some kernels call back on another thread

    def _cell_ended(self, _: Any) -> None:
        """What a cell moves rests when the cell ends: later, its output is closed, and would be stored unsharp."""
        if shell := get_ipython():
            shell.events.unregister("post_run_cell", self._cell_ended)
        with suppress(Exception):
            self._send(self.explorer.png())

    def _wait_for_rest(self) -> None:
        assert self._loop is not None
        if self._resting:
            self._resting.cancel()
        self._resting = self._loop.call_later(REST, self._sharpen)

    def _sharpen(self) -> None:
        self._resting = None
        if self._playing:
            return
        with suppress(Exception):  # the plain picture is in the page already, and nobody asked for this one
            self._send(self.explorer.frame(plots.SHARP))

    def _show_state(self) -> None:
        """What lies over the picture, the goal, and for a run where it stands."""
        explorer = self.explorer
        for name, control in explorer.controls.items():
            if follow := getattr(control, "follow", None):
                follow(self.widgets[name], explorer)
        if explorer.goal:
            done = explorer.reached
            sign, look = ("✓ Reached", _DONE) if done else ("Goal", _OPEN)
            text = f'<div role="status" style="{look}"><b>{sign}:</b> {html.escape(explorer.goal.text)}</div>'
            if self.goal.value != text:
                self.goal.value = text
        if explorer.run:
            self.progress.value = explorer.steps
            if explorer.run.caption:
                self.count.value = explorer.run.caption(explorer.data)
            else:
                of = f" of {explorer.run.length}" if explorer.run.length else ""
                self.count.value = f"{explorer.run.unit} {explorer.steps}{of}"
            self.play.disabled = self.step.disabled = explorer.finished
            self._set_playing(self._playing and not explorer.finished)

    @contextmanager
    def _showing_errors(self) -> Iterator[None]:
        """An exception in a widget's callback is shown nowhere else in the page; the last good picture stays."""
        try:
            yield
        except Exception as error:
            self._playing = False
            text = html.escape(f"{type(error).__name__}: {error}")
            self.error.value = (
                f'<div role="alert" style="{_ERROR}"><b>This setting cannot be shown.</b> {text} '
                "The picture is the last good one: move a control, or press Reset.</div>"
            )
            self.error.layout.display = None

    def _button(self, text: str, act: Callable[[], Any], tip: str) -> ipywidgets.Button:
        made = ipywidgets.Button(description=text, tooltip=tip, layout={"width": "auto"})

        def clicked(_: Any) -> None:
            with self._showing_errors():
                act()

        made.on_click(clicked)
        return made

    def _make_buttons(self) -> list[ipywidgets.Widget]:
        button = self._button
        explorer = self.explorer
        made = []
        if explorer.run:
            length = explorer.run.length
            end = f"{explorer.run.unit} {length}" if length else "you press Pause"
            self.play = button("Play", self._toggle, f"Run until {end}")
            self.step = button("Step", lambda: explorer.advance(1), f"Take one {explorer.run.unit}")
            again = button("Restart", self._restart, "Begin again with the present settings")
            self.progress = ipywidgets.IntProgress(max=length or 1, layout={"width": "150px"})
            self.count = ipywidgets.Label(layout={"min_width": "150px"} if explorer.run.caption else {})
            made += [self.play, self.step, *self.groups.action_buttons(""), again]
            made += [*([self.progress] if length else []), self.count]
        else:
            made += self.groups.action_buttons("")
        for name, values in explorer.presets.items():
            made.append(button(name, partial(explorer.set, **values), f"Set the controls to: {name}"))
        made.append(button("Reset", self._reset, "Put every control back to where it began"))
        return made

    def _restart(self) -> None:
        self._set_playing(False)
        self.explorer.restart()

    def _reset(self) -> None:
        self._set_playing(False)
        self.explorer.reset()

    def _toggle(self) -> None:
        self._set_playing(not self._playing)
        if self._playing:
            if self._loop is None:
                raise RuntimeError("Play needs a running notebook; use Step here.")
            self._turn += 1
            asyncio.run_coroutine_threadsafe(self._run(self._turn), self._loop)

    def _set_playing(self, playing: bool) -> None:
        stops = self._playing and not playing
        self._playing = playing
        if stops:
            self._sharpen_later()
        if self.explorer.run:
            self.play.description = "Pause" if playing else "Play"

    async def _run(self, turn: int) -> None:
        """Work for one frame, paint, and let go: so Pause, sliders and other cells answer at once."""
        run = self.explorer.run
        assert run is not None
        while self._playing and turn == self._turn:
            with self._showing_errors():
                self.explorer.advance(run.per_frame, run.work)
            await asyncio.sleep(run.pause)  # never 0: the kernel must get to read its messages
