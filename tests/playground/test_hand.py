"""The Playground by hand: what the mouse hits, and what it does to the network, in both engines."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from nnlab.explore.drawing.canvas import Canvas
from nnlab.explore.panel import Panel
from nnlab.playground import engines, hand, links, model, playground
from nnlab.playground.data import FEATURES
from nnlab.playground.hand import PlaygroundExplorer
from nnlab.playground.layout import HEIGHT, MAP, TILE_SIDE, WIDTH, Layout
from nnlab.playground.settings import DEFAULTS, hidden
from nnlab.playground.target import Target

ENGINES = pytest.mark.parametrize("engine", ["numpy", "pytorch"])
LAYOUT, NAMES = Layout(len(FEATURES), (3, 2)), ["x1", "sin_x2"]


def share(x: float, y: float) -> tuple[float, float]:
    return x / WIDTH, y / HEIGHT


def tile(layout: Layout, layer: int, unit: int) -> tuple[float, float]:
    """Middle of a neuron's tile, as the mouse reports it."""
    x, y = layout.places[layer][unit]
    return share(x + TILE_SIDE / 2, y + TILE_SIDE / 2)


def on_link(layout: Layout, names: list[str], link: Target, at: int = 5) -> tuple[float, float]:
    """A point on a link, as the mouse reports it."""
    x, y = links.curves(layout, tuple(names))[links.links_of(layout, tuple(names)).index(link), at]
    return share(x, y)


# ---------------------------------------------------------------------------------------------- what the mouse hits


def test_a_tile_is_hit_up_to_its_edges() -> None:
    for layer, column in enumerate(LAYOUT.places):
        for unit, (left, bottom) in enumerate(column):
            for x, y in ((left, bottom), (left + TILE_SIDE - 1, bottom + TILE_SIDE - 1), (left + 20, bottom + 7)):
                assert links.hit(LAYOUT, NAMES, x, y) == Target("neuron", layer, unit)
    for unit, (left, bottom) in enumerate(LAYOUT.feature_places):
        assert links.hit(LAYOUT, NAMES, left + 1, bottom + 1) == Target("input", 0, unit)
    left, bottom = LAYOUT.places[0][0]
    assert links.hit(LAYOUT, [], left + 20, bottom + TILE_SIDE + 1) is None


def test_every_link_is_hit_on_its_curve_and_near_it() -> None:
    """Wherever no other link is nearer; the order is that of the weights."""
    names = tuple(NAMES)
    paths, every = links.curves(LAYOUT, names), links.links_of(LAYOUT, names)
    assert [link[1:] for link in every[:3]] == [(0, 0, 0), (0, 0, 1), (0, 1, 0)] and every[-1] == ("link", 2, 0, 1)
    for link, path in zip(every, paths, strict=True):
        found = 0
        for x, y in path[1:-1] + np.array([0, 1]):
            far = np.sort(links.distances(paths, x, y))
            if far[1] > far[0] + 1:
                assert links.hit(LAYOUT, NAMES, x, y) == link
                found += 1
        assert found >= 3, link
    x, y = paths[:, :, 0].mean(), paths[:, :, 1].max() + links.REACH + 1
    assert links.hit(LAYOUT, NAMES, x, y) is None and links.hit(LAYOUT, NAMES, MAP[0] + 50, MAP[1] + 50) is None


def test_distances_are_to_the_pieces_not_to_the_points() -> None:
    paths = np.array([[[0, 0], [10, 0], [10, 10]], [[0, 20], [0, 20], [5, 20]]], float)
    np.testing.assert_allclose(links.distances(paths, 5, 3), [3, 17])
    np.testing.assert_allclose(links.distances(paths, 13, 14), [5, 10])


def test_buttons_lie_between_the_names_and_the_tiles() -> None:
    """Nothing is covered: not the tiles, the large map, or another button."""
    for n in range(7):
        layout = Layout(len(FEATURES), (8,) * n)
        tops = [y + TILE_SIDE for column in layout.places for _, y in column[:1]]
        boxes = [place for layer in range(n + 1) for place in layout.button_places(layer)]
        assert all(y - 18 > max(tops, default=0) for _, y in boxes)
        lefts = sorted(x for x, _ in boxes)
        assert min(np.diff(lefts)) >= 20 and lefts[-1] + 19 < MAP[0] and lefts[0] > layout.feature_left + TILE_SIDE


# ---------------------------------------------------------------------------------------------- what it does


def parts(explorer: PlaygroundExplorer) -> Layout:
    return Layout(len(FEATURES), tuple(hidden(explorer.values)))


def counted(explorer: PlaygroundExplorer) -> list[int]:
    """Grows by one with each picture that a page would get."""
    seen: list[int] = []
    explorer.on_change.append(lambda: seen.append(1))
    return seen


@ENGINES
def test_hovering_shows_a_neuron_large_and_leaving_the_answer(engine: str) -> None:
    explorer = playground(engine=engine, hidden=[3, 2], steps=10)
    before, answer = counted(explorer), explorer.data.answer
    explorer.set(pointer=("move", *tile(parts(explorer), 1, 0)))
    d = explorer.data
    assert d.shown == Target("neuron", 1, 0) and d.steps == 10
    _, a = model.forward(d.weights, d.activations, model.features(model.GRID, d.names))[1]
    np.testing.assert_allclose(d.large.ravel(), a[model.TILE**2 :, 0])
    assert hand.tip(d).startswith("bias ") and len(before) == 1
    explorer.set(pointer=("leave",))
    assert explorer.data.shown is None and len(before) == 2 and hand.tip(explorer.data) == ""
    np.testing.assert_array_equal(explorer.data.large, answer)
    explorer.set(look_layer=1, look_neuron=3)
    explorer.set(pointer=("move", *tile(parts(explorer), 1, 1)))
    explorer.set(pointer=("leave",))
    assert explorer.data.shown == Target("neuron", 0, 2), "what was chosen by keyboard comes back"


def test_hovering_within_one_part_asks_for_no_picture_and_draws_nothing_again() -> None:
    explorer = playground(hidden=[3, 2], steps=10)
    explorer.frame(), explorer.frame()  # it places its axes once
    seen, layout = counted(explorer), parts(explorer)
    picture = explorer._canvas
    assert isinstance(picture, Canvas)
    x, y = layout.places[0][1]
    redraws = picture.redraws
    for k in range(20):
        explorer.set(pointer=("move", *share(x + 2 * k, y + k)))
    for k in range(20):
        explorer.set(pointer=("move", *share(MAP[0] + k, MAP[1] + k)))
    explorer.set(pointer=("leave",))
    assert len(seen) == 2, "into the neuron, and out of it"
    for where in (tile(layout, 0, 1), on_link(layout, ["x1", "x2"], Target("link", 1, 0, 2)), share(70, 300)):
        explorer.set(pointer=("move", *where))
        explorer.frame()
    assert picture.redraws == redraws


def test_an_input_is_shown_large_and_a_click_switches_it() -> None:
    explorer = playground(steps=5)
    x, y = parts(explorer).feature_places[2]
    explorer.set(pointer=("move", *share(x + 9, y + 9)))
    squared = model.features(model.GRID, ["x1_squared"])[model.TILE**2 :]
    np.testing.assert_allclose(explorer.data.large.ravel(), squared[:, 0] / 36)
    assert hand.tip(explorer.data) == "Input x₁²: click to switch it on"
    explorer.set(pointer=("click", *share(x + 9, y + 9)))
    assert explorer.values["x1_squared"] and explorer.data.names == ["x1", "x2", "x1_squared"]
    explorer.set(pointer=("click", *share(x + 9, y + 9)))
    assert not explorer.values["x1_squared"] and explorer.values["pointer"] == ()


def type_in(explorer: PlaygroundExplorer, link: Target, **texts: str) -> None:
    """Click a link, type, press Enter."""
    explorer.set(pointer=("click", *on_link(parts(explorer), explorer.data.names, link)))
    assert explorer.editor and explorer.editor.target == link
    for key, text in texts.items():
        explorer.set(pointer=("enter", key.removeprefix("k").replace("m", "-"), text))
    explorer.set(pointer=("close",))


@ENGINES
def test_a_weight_that_is_typed_is_what_the_engine_trains_from(engine: str) -> None:
    """The next step's gradient is that of the network with this weight, and both engines take the same step."""
    explorer = playground(engine=engine, hidden=[3, 2], steps=10)
    link = Target("link", 1, 1, 2)
    type_in(explorer, link, k2="-0,75", km1="1.5")
    assert explorer.editor is None and explorer.data.steps == 10
    assert explorer.data.weights[1][0][1, 2] == -0.75 and explorer.data.weights[1][1][1] == 1.5
    state: Any = explorer._state
    other = playground(engine="numpy", hidden=[3, 2], steps=10)
    other.set_weight(2, 2, 3, -0.75)
    other.set_weight(2, 2, 0, 1.5)
    explorer.advance(25)
    other.advance(25)
    np.testing.assert_allclose(state.batch_losses, other._state.batch_losses, rtol=0, atol=1e-9)
    untouched = playground(engine=engine, hidden=[3, 2], steps=35)
    assert abs(untouched.data.weights[1][0][1, 2] - explorer.data.weights[1][0][1, 2]) > 0.01
    assert (explorer.data.by_hand, untouched.data.by_hand) == (2, 0)


@pytest.mark.parametrize("text", ["", "abc", "1e9", "nan", "inf", "1,2,3", "0x10", "1 2"])
def test_bad_input_is_a_sentence_and_changes_nothing(text: str) -> None:
    explorer = playground(hidden=[3, 2], steps=3)
    link = Target("link", 0, 1, 0)
    explorer.set(pointer=("click", *on_link(parts(explorer), ["x1", "x2"], link)))
    before = [w.copy() for pair in explorer.data.weights for w in pair]
    explorer.set(pointer=("enter", "0", text))
    explorer.set(pointer=("close",))
    shown = hand.overlay(explorer)["editor"]
    assert "number from -1000 to 1000, such as 0.5; got" in shown["error"], "the fields stay open to be put right"
    for old, new in zip(before, (w for pair in explorer.data.weights for w in pair), strict=True):
        np.testing.assert_array_equal(old, new)
    explorer.set(pointer=("enter", "0", " 0.25 "))
    explorer.set(pointer=("close",))
    assert explorer.editor is None and explorer.data.weights[0][0][1, 0] == 0.25


def test_escape_or_a_click_elsewhere_leaves_the_fields() -> None:
    explorer = playground(hidden=[3, 2], steps=3)
    place = on_link(parts(explorer), ["x1", "x2"], Target("link", 0, 1, 0))
    for event in (("escape",), ("click", 0.99, 0.99), ("press", "layer_1 +")):
        explorer.set(pointer=("click", *place))
        explorer.set(pointer=("enter", "0", "bad"))
        explorer.set(pointer=event)
        assert explorer.editor is None and hand.overlay(explorer)["editor"] == {}, event
        explorer.set(layer_1=3)
    explorer.set(pointer=("click", *place))
    explorer.restart()
    assert explorer.editor is None, "it belongs to a run"
    explorer.set(pointer=("enter", "0", "5"))  # comes too late
    assert explorer.data.by_hand == 0


def test_a_neuron_has_its_bias_first_and_the_output_has_fields_too() -> None:
    explorer = playground(hidden=[3, 2], steps=3)
    explorer.set(pointer=("click", *tile(parts(explorer), 1, 0)))
    shown = hand.overlay(explorer)["editor"]
    assert shown["title"] == "Layer 2, neuron 1"
    assert [field["label"] for field in shown["fields"]] == [
        "bias",
        *(f"weight from neuron {k}" for k in (1, 2, 3)),
    ]
    explorer.set(pointer=("escape",))
    explorer.edit_weights()
    shown = hand.overlay(explorer)["editor"]
    assert shown["title"] == "The output" and len(shown["fields"]) == 3
    explorer.set(pointer=("enter", "-1", "2"))
    assert explorer.data.weights[2][1][0] == 2
    explorer.set(look_layer=1, look_neuron=2)
    explorer.edit_weights()
    shown = hand.overlay(explorer)["editor"]
    assert shown["title"] == "Layer 1, neuron 2" and shown["fields"][1]["label"] == "weight from x₁"


def test_no_fields_open_where_there_is_no_network() -> None:
    explorer = playground(data="drawn")
    explorer.set(pointer=("click", *tile(parts(explorer), 0, 0)))
    explorer.edit_weights()
    assert explorer.editor is None and "Draw points" in explorer.data.trouble


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((4, 1, 1, 0.5), "layer should be at most 3"),
        ((1, 5, 1, 0.5), "neuron should be at most 4"),
        ((1, 1, 3, 0.5), "source should be at most 2"),
        ((0, 1, 1, 0.5), "layer should be at least 1"),
        ((1, 1, 1, 2000), "from -1000 to 1000"),
    ],
)
def test_set_weight_refuses_what_there_is_not(given: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        playground(steps=0).set_weight(*given)


def press(explorer: PlaygroundExplorer, label: str) -> None:
    """Press the button over the picture that has this label."""
    mine = [button for button in hand.buttons(explorer.data) if button["label"] == label]
    assert len(mine) == 1, label
    explorer.set(pointer=("press", mine[0]["key"]))


def test_plus_and_minus_over_a_layer_and_for_the_layers() -> None:
    explorer = playground(hidden=[7, 2], steps=3)
    press(explorer, "Add a neuron to layer 1")
    press(explorer, "Add a neuron to layer 1")
    press(explorer, "Remove a neuron from layer 2")
    press(explorer, "Remove a neuron from layer 2")
    assert hidden(explorer.values) == [8, 1], "8 is the most, 1 the least"
    press(explorer, "Add a hidden layer")
    assert hidden(explorer.values) == [8, 1, 1]
    for _ in range(5):
        press(explorer, "Add a hidden layer")
    assert hidden(explorer.values) == [8, 1, 1, 1, 1, 1]
    for _ in range(8):
        press(explorer, "Remove the last layer")
    assert hidden(explorer.values) == []
    press(explorer, "Add a hidden layer")
    assert hidden(explorer.values) == [4] and explorer.data.steps == 0


def test_buttons_know_which_slider_a_layer_belongs_to() -> None:
    values = {**DEFAULTS, "layer_1": 3, "layer_2": 0, "layer_3": 5}
    explorer = playground(steps=0)
    explorer.set(**{f"layer_{k}": values[f"layer_{k}"] for k in (1, 2, 3)})
    press(explorer, "Add a neuron to layer 2")
    assert [explorer.values[f"layer_{k}"] for k in (1, 2, 3)] == [3, 0, 6]
    assert hand.pressed({**values, "layer_6": 1}, "layers +") == {"layer_2": 1}
    assert hand.pressed({**values, "layer_6": 1}, "layers −") == {"layer_6": 0}


def test_the_line_says_what_it_leaves_out_and_restart_forgets_it() -> None:
    panel = Panel(playground(hidden=[2], steps=5))
    explorer = panel.explorer
    assert isinstance(explorer, PlaygroundExplorer)
    buttons = {b.description: b for b in panel.groups.pages["Export"].children[1].children}
    area = panel.groups.texts["Export"]
    explorer.set_weight(1, 1, 1, 3.25)
    buttons["One line of code"].click()
    assert "One parameter was set by hand" in area.value
    exec(area.value.replace("from nnlab.explore import playground", ""), {"playground": playground})
    explorer.set_weight(1, 1, 1, 3.5)
    explorer.set_weight(1, 1, 0, 3.5)
    buttons["One line of code"].click()
    assert "2 parameters were set by hand" in area.value
    buttons["NumPy code"].click()
    assert "3.5" in area.value
    for again in (explorer.restart, explorer.reset, lambda: explorer.set(seed=3)):
        again()
        assert explorer.data.by_hand == 0 and explorer.data.weights[0][0][0, 0] != 3.5
        buttons["One line of code"].click()
        assert "by hand" not in area.value
        explorer.set_weight(1, 1, 1, 3.5)


def test_the_panel_lays_over_the_picture_what_there_is() -> None:
    panel = Panel(playground(hidden=[3, 2], steps=3))
    panel.show()
    widget: Any = panel.widgets["pointer"]
    explorer = panel.explorer
    assert isinstance(explorer, PlaygroundExplorer)
    assert [button["text"] for button in widget.buttons] == ["−", "+"] * 3 and widget.editor == {}
    widget._take(widget, {"id": "a", "event": ["move", *tile(parts(explorer), 0, 2)]}, [])
    assert widget.tip.startswith("bias") and widget.value == ()
    widget._take(widget, {"id": "a", "event": ["click", *tile(parts(explorer), 0, 2)]}, [])
    widget._take(widget, {"id": "a", "event": ["enter", "-1", "much"]}, [])
    assert "got 'much'" in widget.editor["error"] and panel.error.layout.display == "none"
    widget._take(widget, {"id": "a", "event": ["move", 7, 7]}, [])
    assert "An event of the mouse" in panel.error.value


# ---------------------------------------------------------------------------------------------- the first PyTorch


@pytest.fixture
def slow_import(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """PyTorch as if it had not been imported, and takes until the event is set."""
    ready = threading.Event()
    monkeypatch.setattr(engines, "_TORCH", "nnlab.playground.torch_engine_first")
    monkeypatch.setattr(engines.importlib, "import_module", lambda name: ready.wait(20))
    return ready


def loaded() -> None:
    for thread in threading.enumerate():
        if thread.name == "loading PyTorch":
            thread.join(20)


def test_the_first_switch_to_pytorch_shows_that_it_loads(slow_import: threading.Event) -> None:
    """The panel answers meanwhile, Play goes on, and training begins by itself when it is there."""
    panel = Panel(playground(hidden=[2], steps=3))
    panel.show()
    explorer = panel.explorer
    panel.widgets["engine"].value = "pytorch"
    assert explorer.data.trouble == "Loading PyTorch ..." == panel.count.value and not explorer.finished
    panel.widgets["seed"].value = 4
    explorer.advance(2)
    assert explorer.values["seed"] == 4 and explorer.data.steps == 0 and explorer.data.loading
    panel.widgets["engine"].value = "numpy"
    assert not explorer.data.trouble
    panel.widgets["engine"].value = "pytorch"
    assert explorer.data.loading
    slow_import.set()
    loaded()
    assert not explorer.data.trouble and panel.count.value == "epoch 0, step 0"
    explorer.advance(3)
    twin = playground(hidden=[2], engine="pytorch", seed=4, steps=3)
    assert explorer.data.steps == 3 and type(explorer._state.engine).__name__ == "TorchEngine"
    np.testing.assert_array_equal(explorer.data.weights[0][0], twin.data.weights[0][0])


def test_an_import_that_fails_is_told_in_the_panel(
    slow_import: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise ImportError("libtorch is damaged")

    monkeypatch.setattr(engines.importlib, "import_module", fails)
    panel = Panel(playground(hidden=[2], steps=3))
    panel.show()
    monkeypatch.setattr(model, "make_engine", fails)
    panel.widgets["engine"].value = "pytorch"
    loaded()
    assert "libtorch is damaged" in panel.error.value and panel.error.layout.display is None


def test_without_a_page_nothing_is_put_off() -> None:
    explorer = playground(hidden=[2], steps=3)
    explorer.set(engine="pytorch")
    assert not explorer.data.trouble and not explorer.data.loading
