"""A control that listens to clicks on an explorer's picture. For the keyboard there are sliders beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import anywidget
import numpy as np
import traitlets

# The picture stands in the same output area as the controls; it is replaced in place, so the area is what listens.
_ESM = """
function render({model, el}) {
  el.className = 'nnlab-spot';
  let area = null, tries = 0, gone = false;
  const click = event => {
    const picture = event.target.closest('.jp-RenderedImage img');
    if (!picture || event.button) return;
    const box = picture.getBoundingClientRect();
    const round = n => Math.round(1e4 * Math.min(1, Math.max(0, n))) / 1e4;
    model.set('value', [
      round((event.clientX - box.left) / box.width),
      round(1 - (event.clientY - box.top) / box.height),
    ]);
    model.save_changes();
  };
  const listen = () => {
    if (gone) return;
    area = el.closest('.jp-OutputArea');
    if (!area) { if (tries++ < 100) setTimeout(listen, 50); return; }
    el.textContent = model.get('description');
    area.addEventListener('click', click);
  };
  listen();
  return () => { gone = true; if (area) area.removeEventListener('click', click); };
}
export default {render};
"""

_CSS = """
.nnlab-spot { margin: 2px 0 2px 198px; color: var(--jp-ui-font-color1, #1a1a1a); }
.jp-OutputArea:has(.nnlab-spot) .jp-RenderedImage img { cursor: crosshair; }
"""


class SpotWidget(anywidget.AnyWidget):
    """The control in the page: one line of text."""

    _esm = _ESM
    _css = _CSS
    value = traitlets.Any(()).tag(sync=True)
    description = traitlets.Unicode("").tag(sync=True)


@dataclass(frozen=True)
class Spot:
    """A control whose value is where the picture was last clicked, (u, v) from 0 to 1 from its lower left corner, or ()
    before that. `label` is the sentence that says so in the page."""

    value: tuple[float, ...] = ()
    label: str = ""
    help: str = ""

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
