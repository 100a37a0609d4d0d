"""What a learner can move: `Slider`, `Levels`, `Choice`, `Toggle`. Declared as data; `widget()` makes the widget.

Each has a `value` where it starts, `check(value)`, which returns a value as the explorer keeps it or raises ValueError
with what was expected and what came, and `extremes()`, the values at which every explorer is tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import ipywidgets
import numpy as np

_LABEL = {"description_width": "190px"}
_WIDE = {"width": "100%"}
_THIRD = {"width": "33%", "margin": "2px 0"}


@dataclass(frozen=True)
class Slider:
    """A number from `min` to `max` in steps of `step`. Whole numbers make a whole-number slider; `log` one that moves
    by factors of 10**step. `value` is where it starts (the middle if left out). `narrow` ones share a row, three each.
    Raises ValueError unless min < max, step > 0 and `value` lies between."""

    min: float
    max: float
    step: float = 0.1
    value: Any = None
    label: str = ""
    unit: str = ""
    help: str = ""
    log: bool = False
    narrow: bool = False

    def __post_init__(self) -> None:
        if not self.min < self.max or self.step <= 0:
            raise ValueError(f"A slider needs min < max and step > 0, got {self.min}, {self.max}, {self.step}.")
        if self.value is None:
            if self.log:
                middle: float = float(np.sqrt(self.min * self.max))
            else:
                middle = self.min + self.step * round((self.max - self.min) / 2 / self.step)
            object.__setattr__(self, "value", round(middle, 10) if not self.whole else int(middle))
        self.check(self.value)

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers only."""
        return not self.log and all(isinstance(n, int) for n in (self.min, self.max, self.step))

    def check(self, value: Any) -> Any:
        """`value` if it is from `min` to `max`, else a ValueError. The page adds up steps, and its sums miss the
        decimal number that its readout shows (1.0499999999999998): ten digits are kept, so that both are the same."""
        number = not isinstance(value, (bool, str)) and np.isscalar(value)
        rounded = float(f"{value:.10g}") if number else np.nan
        if not self.min <= rounded <= self.max:
            raise ValueError(f"{self.label or 'The slider'} goes from {self.min} to {self.max}, got {value!r}.")
        return int(rounded) if self.whole else rounded

    def extremes(self) -> list[Any]:
        """Least and greatest value: where explorers are tested."""
        return [self.check(self.min), self.check(self.max)]

    def widget(self, name: str) -> ipywidgets.Widget:
        """The ipywidgets slider."""
        text = (self.label or name) + (f" ({self.unit})" if self.unit else "")
        own = {"description_width": f"{8 * len(text) + 6}px"}
        style, layout = (own, _THIRD) if self.narrow else (_LABEL, _WIDE)
        common = dict(value=self.value, description=text, style=style, layout=layout, tooltip=self.help or text)
        if self.log:
            low, high = np.log10(self.min), np.log10(self.max)
            return ipywidgets.FloatLogSlider(min=low, max=high, step=self.step, readout_format=".3g", **common)
        if self.whole:
            return ipywidgets.IntSlider(min=self.min, max=self.max, step=self.step, **common)
        decimals = max(0, -int(np.floor(np.log10(self.step) + 1e-9)))
        return ipywidgets.FloatSlider(
            min=self.min, max=self.max, step=self.step, readout_format=f".{decimals}f", **common
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


@dataclass(frozen=True)
class Levels:
    """A slider over the numbers in `levels`, for what spans powers of ten and yet should be round: 0.001, 0.003, 0.01.
    `value`, where it starts, joins them if it is not among them. Raises ValueError if it lies outside."""

    levels: Sequence[float]
    value: float
    label: str = ""
    help: str = ""

    def __post_init__(self) -> None:
        if not self.levels or not _is_number(self.value):
            raise ValueError(f"{self.label or 'The slider'} needs numbers, got {self.value!r} of {self.levels!r}.")
        if not min(self.levels) <= self.value <= max(self.levels):
            raise ValueError(f"{self._from_to()}, got {self.value!r}.")
        object.__setattr__(self, "levels", sorted({float(n) for n in (*self.levels, self.value)}))
        object.__setattr__(self, "value", float(self.value))

    def _from_to(self) -> str:
        return f"{self.label or 'The slider'} goes from {min(self.levels):g} to {max(self.levels):g}"

    def check(self, value: Any) -> float:
        """`value` if it is one of the levels, else a ValueError."""
        if not _is_number(value) or value not in self.levels:
            raise ValueError(
                f"{self._from_to()} in the steps {', '.join(f'{n:g}' for n in self.levels)}; got {value!r}."
            )
        return float(value)

    def extremes(self) -> list[float]:
        """Least and greatest level."""
        return [self.levels[0], self.levels[-1]]

    def widget(self, name: str) -> ipywidgets.Widget:
        """The ipywidgets slider over the levels."""
        return ipywidgets.SelectionSlider(
            options=[(f"{n:g}", n) for n in self.levels],
            value=self.value,
            description=self.label or name,
            style=_LABEL,
            layout=_WIDE,
            tooltip=self.help or self.label or name,
        )


@dataclass(frozen=True)
class Choice:
    """One of a few named options; starts at `value` (the first if left out). Raises ValueError if it is no option."""

    options: Sequence[str]
    value: Any = None
    label: str = ""
    help: str = ""

    def __post_init__(self) -> None:
        if self.value is None:
            object.__setattr__(self, "value", self.options[0])
        self.check(self.value)

    def check(self, value: Any) -> Any:
        """`value` if it is an option, else a ValueError."""
        if value not in self.options:
            raise ValueError(f"{self.label or 'The choice'} is one of {', '.join(self.options)}; got {value!r}.")
        return value

    def extremes(self) -> list[Any]:
        """All options."""
        return list(self.options)

    def widget(self, name: str) -> ipywidgets.Widget:
        """The options as buttons. (From a drop-down list, JupyterLab takes the arrow keys and leaves the cell.)"""
        text = self.label or name
        made = ipywidgets.ToggleButtons(
            options=list(self.options),
            value=self.value,
            description=text,
            style=_LABEL | {"button_width": "auto"},
            layout=_WIDE,
            tooltip=self.help or text,
        )
        made.add_class("jupyter-widgets").add_class("widget-inline-hbox")  # its label next to it, as a slider's
        return made


@dataclass(frozen=True)
class Toggle:
    """On or off."""

    value: bool = False
    label: str = ""
    help: str = ""

    def check(self, value: Any) -> bool:
        """`value` if it is True or False, else a ValueError."""
        if not isinstance(value, (bool, np.bool_)):
            raise ValueError(f"{self.label or 'The toggle'} is True or False, got {value!r}.")
        return bool(value)

    def extremes(self) -> list[Any]:
        """Off and on."""
        return [False, True]

    def widget(self, name: str) -> ipywidgets.Widget:
        """The ipywidgets checkbox."""
        text = self.label or name
        return ipywidgets.Checkbox(
            value=self.value, description=text, indent=True, style=_LABEL, layout=_WIDE, tooltip=self.help or text
        )


class Control(Protocol):
    """What an explorer asks of a control: `Slider`, `Choice`, `Toggle`, or one made for the purpose.

    One whose attribute `keeps` is true holds something made by hand, which Reset does not touch. Of one with a
    method `follow(widget, explorer)`, it is called after every change, to bring more to its widget than a value."""

    @property
    def value(self) -> Any:
        """Where it starts."""

    @property
    def label(self) -> str:
        """The text next to it."""

    @property
    def help(self) -> str:
        """Its tooltip."""

    def check(self, value: Any) -> Any:
        """`value` as the explorer keeps it, or a ValueError."""

    def extremes(self) -> list[Any]:
        """Values at the ends of what it allows."""

    def widget(self, name: str) -> ipywidgets.Widget:
        """A widget with a `value`."""
