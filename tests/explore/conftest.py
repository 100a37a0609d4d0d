"""Panels without a page."""

from __future__ import annotations

import pytest

from nnlab.explore import panel as panel_module
from nnlab.explore.panel import Panel
from tests.explore.toys import Handle


@pytest.fixture
def shown(monkeypatch):
    """Makes panels that display into lists."""
    controls: list[dict] = []
    monkeypatch.setattr(panel_module, "DisplayHandle", Handle)
    monkeypatch.setattr(panel_module, "display", lambda bundle, raw: controls.append(bundle))

    def show(explorer):
        panel = Panel(explorer)
        panel.show()
        panel.controls = controls[-1]
        return panel

    return show
