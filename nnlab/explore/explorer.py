"""An explorer is compute, draw, controls: move a control, see what it does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from matplotlib.figure import Figure

from nnlab import plots
from nnlab.checks import pick
from nnlab.explore.drawing.canvas import Canvas, View
from nnlab.png import encode_png, encode_small

from .controls import Control
from .run import Run


@dataclass(frozen=True)
class Goal:
    """Something to reach by moving the controls: `text` states it, `reached(data)` decides.

    `solution` is one setting that reaches it (after `steps` steps of a run), for the tests. None means that no setting
    does, and that finding this out is the lesson.
    """

    text: str
    reached: Callable[[Any], bool]
    solution: Mapping[str, Any] | None = None
    steps: int = 0


@dataclass(frozen=True)
class Action:
    """A button: a press calls `act(explorer)`. If that returns text, it is shown, to be read or copied.

    It is placed among the controls of `group`, or, without one, next to Play and Reset. `help` is its tooltip."""

    act: Callable[[Explorer], str | None]
    help: str = ""
    group: str = ""


class Explorer:
    """Joins a pure `compute(**values) -> data`, a view that draws the data, and declared controls.

    In a notebook, an explorer as the last line of a cell shows its picture with the controls below. From code:
    `set(name=value)` moves controls, `values` and `data` are the present state, `png()` the picture, `reached` whether
    the goal is met, `advance(n)` and `reset()` drive an explorer that runs.

    presets: named settings, offered as buttons. alt: one sentence on what the picture shows. size: inches.
    For explorers with many controls: groups names them in groups of which one at a time is shown, idle(values) names
    those that do nothing at present and are hidden, actions are further buttons.
    Raises ValueError if a preset, the goal's solution or a group does not fit the controls.
    """

    show_in_page: ClassVar[Callable[[Explorer], Any]]  # an explorer knows nothing of widgets: explore/__init__ sets it

    def __init__(
        self,
        *,
        compute: Callable[..., Any],
        draw: Callable[[Figure], View],
        controls: Mapping[str, Control],
        alt: str,
        goal: Goal | None = None,
        presets: Mapping[str, Mapping[str, Any]] | None = None,
        run: Run | None = None,
        size: tuple[float, float] = (7.0, 3.5),
        groups: Mapping[str, Sequence[str]] | None = None,
        idle: Callable[[Mapping[str, Any]], Collection[str]] | None = None,
        actions: Mapping[str, Action] | None = None,
    ):
        self.controls = dict(controls)
        self.groups = {name: list(members) for name, members in (groups or {}).items()}
        if groups and sorted(name for members in self.groups.values() for name in members) != sorted(self.controls):
            raise ValueError("Each control belongs to one group, and each name in a group to a control.")
        self.idle, self.actions = idle or (lambda values: ()), dict(actions or {})
        self.goal, self.run, self.alt, self.size = goal, run, alt, size
        self.presets = {name: dict(values) for name, values in (presets or {}).items()}
        self.values = {name: control.value for name, control in self.controls.items()}
        for values in [*self.presets.values(), goal.solution if goal and goal.solution else {}]:
            self._checked(values)
        self.steps = 0
        self._first = run.shown if run else 0
        self.on_change: list[Callable[[], None]] = []  # called after each change; a panel adds itself
        self._compute, self._draw = compute, draw
        self._state: Any = None
        self._data: Any = None
        self._canvas: Canvas | None = None
        self._lock = threading.RLock()  # some kernels call widget callbacks on another thread

    def compute(self, **values: Any) -> Any:
        """The data at these values (the present ones where left out). Nothing that is shown changes.

        Raises ValueError for a name or value that there is not, and whatever the explorer's own compute raises."""
        values = {**self.values, **self._checked(values)}
        if self.run is None:
            return self._compute(**values)
        return self._compute(self.run.begin(**values), **values)

    @property
    def data(self) -> Any:
        """What compute returned for the present values."""
        with self._lock:
            if self._data is None:
                self._refresh()
            return self._data

    @property
    def reached(self) -> bool:
        """Whether the goal is met now."""
        return self.goal is not None and bool(self.goal.reached(self.data))

    def set(self, **values: Any) -> None:
        """Move controls. Raises ValueError for a name or value that there is not; then nothing has moved.

        If compute fails for these values, its error is raised, and the picture stays as it was."""
        with self._lock:
            before = self.values
            values = self._followed(values)
            self.values = {**before, **self._checked(values)}
            moved = {name for name in values if self.values[name] != before[name]}
            if self.run is not None and moved - set(self.run.live):
                self._state = None
            try:
                self._refresh()
            finally:
                for changed in self.on_change:
                    changed()

    def reset(self) -> None:
        """Put every control back to where it began, except what was made by hand (a drawing); a run starts again."""
        with self._lock:
            self._state = None
            self._first = self.run.shown if self.run else 0
            kept = {name for name, control in self.controls.items() if getattr(control, "keeps", False)}
            self.set(**{name: control.value for name, control in self.controls.items() if name not in kept})

    def restart(self) -> None:
        """Start the run again with the controls as they are."""
        with self._lock:
            self._state = None
            self.set()

    @property
    def finished(self) -> bool:
        """Whether a run has come to its end."""
        if self.run is None or (self.run.length is not None and self.steps >= self.run.length):
            return True
        return self.run.over is not None and self._data is not None and self.run.over(self._data)

    def advance(self, steps: int = 1, seconds: float = float("inf")) -> None:
        """Let a run take up to `steps` steps, or as many as fit in `seconds`. Raises TypeError if nothing runs here."""
        if self.run is None:
            raise TypeError("This explorer does not run: move its controls with set(...).")
        with self._lock:
            if self._state is None:
                self._refresh()
            end, left = time.perf_counter() + seconds, steps
            while left > 0 and not self.finished:
                self.run.advance(self._state, **self.values)
                self.steps += 1
                left -= 1
                if time.perf_counter() >= end:
                    break
            self.set()

    def frame(self, scale: int = 1) -> bytes:
        """The picture now as PNG bytes, encoded fast: for a page that moves, or rests at `scale` plots.SHARP."""
        return encode_png(self._pixels(scale))

    def png(self, scale: int = plots.SHARP) -> bytes:
        """The picture now as PNG bytes, sharp unless `scale` is 1, and encoded small: for what is stored."""
        return encode_small(self._pixels(scale))

    def _pixels(self, scale: int = 1) -> Any:
        with self._lock:
            data = self.data
            if self._canvas is None:
                self._canvas = Canvas(self._draw, self.size)
            return self._canvas.draw(data, scale)

    def _refresh(self) -> None:
        if self.run is None:
            self._data = self._compute(**self.values)
            return
        if self._state is None:
            self._state, self.steps, self._first = self.run.begin(**self.values), self._first, 0
            for _ in range(self.steps):
                self.run.advance(self._state, **self.values)
        self._data = self._compute(self._state, **self.values)

    def _checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: pick(self.controls, name, "control").check(value) for name, value in values.items()}

    def _followed(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values with the controls that a click moves."""
        for name, value in list(values.items()):
            leads_to = getattr(self.controls.get(name), "leads_to", None)
            if leads_to and value:
                place = self.controls[name].check(value)
                values = {**values, name: (), **leads_to(place, {**self.values, **values})}
        return values

    def _ipython_display_(self) -> None:
        self._shown = Explorer.show_in_page(self)  # kept, so that it lives as long as the explorer

    def __repr__(self) -> str:
        return f"Explorer({self.alt})"
