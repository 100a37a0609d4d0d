"""A control that listens to clicks on an explorer's picture. For the keyboard, the explorer has sliders as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anywidget
import numpy as np
import traitlets

from nnlab.explore.widgets.page import static


class SpotWidget(anywidget.AnyWidget):
    """The control in the page: one line of text."""

    _esm = static("spot.js")
    _css = static("spot.css")
    value = traitlets.Any(()).tag(sync=True)
    description = traitlets.Unicode("").tag(sync=True)


@dataclass(frozen=True)
class Spot:
    """A control whose value is where the picture was last clicked, (u, v) from 0 to 1 from its lower left corner, or ()
    before that. `label` is the sentence in the page that invites to click.

    leads_to: called with the place and the explorer's values, it says which other controls move, and how. The place is
    forgotten then, so that a second click on it counts as well."""

    value: tuple[float, ...] = ()
    label: str = ""
    help: str = ""
    leads_to: Callable[[tuple[float, ...], Mapping[str, Any]], Mapping[str, Any]] | None = None

    def check(self, value: Any) -> tuple[float, ...]:
        """`value` as a pair of floats, or (), or a ValueError."""
        try:
            spot = tuple(float(part) for part in value)
        except (TypeError, ValueError):
            spot = (np.nan,)
        if len(spot) not in (0, 2) or not all(0 <= part <= 1 for part in spot):
            raise ValueError(f"A place in the picture is (u, v), both from 0 to 1, or (); got {value!r}.")
        return spot

    def extremes(self) -> list[tuple[float, ...]]:
        """Nowhere, and near the upper right corner."""
        return [(), (0.95, 0.95)]

    def widget(self, name: str) -> SpotWidget:
        """The line of text that listens."""
        return SpotWidget(value=self.value, description=self.label or name)
