"""The Playground's picture and its panel, without a kernel."""

from __future__ import annotations

import warnings
from itertools import chain
from typing import Any

import numpy as np
import pytest

from nnlab import plots
from nnlab.explore import Explorer, playground_explorer
from nnlab.explore.drawing.canvas import Canvas
from nnlab.explore.groups import Groups
from nnlab.explore.panel import Panel
from nnlab.explore.widgets.pad import Pad
from nnlab.playground import links, playground
from nnlab.playground.declare import GROUPS, PRESETS
from nnlab.playground.layout import HEIGHT, MAP, TILE_SIDE, WIDTH, Layout
from nnlab.scratch import ACTIVATIONS


def canvas(explorer: Explorer) -> Canvas:
    explorer.frame()
    assert explorer._canvas is not None
    return explorer._canvas


def test_nothing_that_stands_still_is_drawn_again_in_a_run() -> None:
    explorer = playground(data="spiral", hidden=[8, 8, 8], show_test=True, steps=0)
    picture = canvas(explorer)
    explorer.frame()
    before, segments = picture.redraws, len(picture.view.links.get_segments())  # type: ignore[attr-defined]
    for _ in range(25):
        explorer.advance(9)
        explorer.frame()
    assert picture.redraws == before <= 2
    assert len(picture.view.links.get_segments()) == segments == 2 * 8 + 64 + 64 + 8  # type: ignore[attr-defined]


def test_a_control_draws_everything_at_most_once() -> None:
    explorer = playground()
    picture = canvas(explorer)
    for values in (dict(layer_3=4), dict(activation="relu"), dict(look_layer=1), dict(data="plane"), dict(x1_x2=True)):
        before = picture.redraws
        explorer.set(**values)
        explorer.frame()
        explorer.frame()
        assert picture.redraws - before <= 2, values


CASES: list[dict[str, Any]] = [
    dict(),
    dict(hidden=[]),
    dict(hidden=[8] * 6, links="gradients", values=True, look_layer=3, look_neuron=8),
    dict(hidden=[1], discretise=True),
    dict(data="multi-gaussian", show_test=True),
    dict(data="drawn"),
    dict(data="drawn", drawn=[(0, [(0.2, 0.2)] * 3), (1, [(0.9, 0.9)] * 3)], problem="regression"),
    dict(data=(np.arange(8.0).reshape(4, 2), [0, 0, 1, 1])),
    dict(hidden=[8, 8], activation="relu", init="zeros"),
    dict(optimizer="sgd", lr=3.0, data="multi-gaussian", activation="identity", hidden=[8, 8, 8], steps=3000),
    *(dict(activation=name, hidden=[4, 4]) for name in ACTIVATIONS),
]


@pytest.mark.parametrize("given", CASES, ids=str)
def test_everything_can_be_drawn_without_a_warning(given: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explorer = playground(**{"steps": 30, **given})
        first = canvas(explorer).draw(explorer.data).copy()
        explorer.advance(20)
        second = canvas(explorer).draw(explorer.data)
    assert first.shape == second.shape == (HEIGHT, WIDTH, 4)
    assert first.std() > 5
    if not explorer.data.trouble and given.get("init") != "zeros":
        assert (first != second).any()


def test_no_inputs_and_no_layers_can_be_drawn() -> None:
    explorer = playground(hidden=[], links="gradients", values=True)
    explorer.set(x1=False, x2=False)
    explorer.advance(3)
    assert explorer.data.steps == 0 and len(explorer.frame()) > 1000


def test_every_control_at_its_ends() -> None:
    """Least, greatest and every option of each control, the others as they begin."""
    explorer = playground(steps=3)
    for name, control in explorer.controls.items():
        for value in control.extremes():
            if name == "engine":
                continue  # PyTorch has tests of its own
            explorer.set(**{name: value})
            explorer.advance(1)
            assert explorer.frame()[:4] == b"\x89PNG"
        explorer.set(**{name: control.value})


@pytest.mark.parametrize("name", PRESETS)
def test_presets_learn(name: str) -> None:
    explorer = playground(steps=0)
    explorer.set(**PRESETS[name])
    explorer.advance(2500)
    first, last = explorer.data.history[0][2], explorer.data.history[-1][2]
    assert last < 0.35 * first


def test_layers_never_overlap() -> None:
    for sizes in ([8] * n for n in range(7)):
        layout = Layout(7, tuple(sizes))
        boxes = [*layout.feature_boxes, *chain(*layout.boxes), layout.map_box]
        taken = np.zeros((HEIGHT, WIDTH), int)
        for left, top, side in boxes:
            assert left >= 0 and top >= 0 and left + side <= WIDTH and top + side <= HEIGHT
            taken[top : top + side, left : left + side] += 1
        assert taken.max() == 1


def test_links_go_from_tile_to_tile_as_thick_as_their_weights() -> None:
    layout = Layout(7, (3, 2))
    curves = links.curves(layout, ("x1", "sin_x2"))
    assert curves.shape == (2 * 3 + 3 * 2 + 2, links.POINTS, 2)
    left, bottom = layout.feature_places[6]
    np.testing.assert_allclose(curves[1, 0], (left + TILE_SIDE, bottom + TILE_SIDE / 2))  # sin_x2 to neuron 1
    assert (curves[-2:, -1, 0] == MAP[0]).all()
    widths, rgba = links.widths_and_colours([np.array([[-2.0, 0.1], [2.0, 0.0]])], "weights", None)
    assert widths[0] == widths[2] > widths[1] > widths[3]
    np.testing.assert_allclose(rgba[0], plots.DIVERGING(0.5 - 0.5 * np.sqrt(2 / 3)))
    np.testing.assert_allclose(rgba[2], plots.DIVERGING(0.5 + 0.5 * np.sqrt(2 / 3)))
    _, rgba = links.widths_and_colours([np.ones((2, 2))], "weights", (0, 1))
    assert (rgba[:2, 3] < 0.3).all() and (rgba[2:, 3] == 1).all()


# ---------------------------------------------------------------------------------------------- the panel


@pytest.fixture
def panel() -> Panel:
    made = Panel(playground_explorer())
    made.show()
    return made


def test_one_group_at_a_time_and_idle_controls_hidden(panel: Panel) -> None:
    groups: Groups = panel.groups
    for name in GROUPS:
        groups.tabs[name].click()
        assert [other for other, page in groups.pages.items() if page.layout.display != "none"] == [name]
    hidden = {name for name, widget in panel.widgets.items() if widget.layout.display == "none"}
    assert "drawn" in hidden and "noise" not in hidden
    panel.explorer.set(data="drawn")
    hidden = {name for name, widget in panel.widgets.items() if widget.layout.display == "none"}
    assert "drawn" not in hidden and "noise" in hidden


def test_every_widget_has_a_label_and_a_tooltip(panel: Panel) -> None:
    for name, widget in panel.widgets.items():
        tip = widget.help if isinstance(panel.explorer.controls[name], Pad) else widget.tooltip
        assert widget.description and tip == panel.explorer.controls[name].help, name


def test_buttons(panel: Panel) -> None:
    """Each action has its button; Epoch goes on to the end of the epoch, an export shows its code."""
    made = {b.description: b for b in panel.buttons.children if hasattr(b, "click")}
    assert {"Play", "Step", "Restart", "Reset", "Epoch", *PRESETS} <= made.keys()
    epoch = panel.explorer.data.epoch
    made["Step"].click()
    made["Epoch"].click()
    assert panel.explorer.data.epoch == epoch + 1 and panel.explorer.data.to_epoch == 20
    assert panel.count.value == f"epoch {epoch + 1}, step {panel.explorer.data.steps}"
    buttons = {b.description: b for b in panel.groups.pages["Export"].children[1].children}
    for name, word in (
        ("NumPy code", "import numpy"),
        ("PyTorch code", "import torch"),
        ("One line of code", "steps="),
    ):
        buttons[name].click()
        assert word in panel.groups.texts["Export"].value
        assert panel.groups.texts["Export"].layout.display is None


def test_no_input_is_told_and_a_good_setting_goes_on(panel: Panel) -> None:
    panel.widgets["x1"].value = False
    panel.widgets["x2"].value = False
    assert "switch on at least one" in panel.explorer.data.trouble and panel.error.layout.display == "none"
    panel.step.click()
    panel.widgets["sin_x1"].value = True
    panel.step.click()
    assert panel.explorer.data.names == ["sin_x1"] and panel.explorer.data.steps == 1
    assert panel.error.layout.display == "none"
