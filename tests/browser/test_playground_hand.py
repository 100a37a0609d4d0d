"""The Playground by hand in a real JupyterLab: the mouse on its picture, with one and with two dots a pixel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from nnlab.playground import playground
from nnlab.playground.data import FEATURES
from nnlab.playground.layout import HEIGHT, MAP, TILE_SIDE, WIDTH, Layout
from nnlab.playground.links import curves, links_of
from nnlab.playground.settings import hidden, inputs
from nnlab.playground.target import Target
from tests.bench.sliders import notebook
from tests.browser.jupyterlab import Lab, NotebookPage
from tests.browser.shown import Shown

GIVEN: dict[str, Any] = dict(hidden=[4, 2], steps=40)
SHOW = f"from nnlab.explore import playground\n\nexplorer = playground(**{GIVEN})\nexplorer"
ASK = "import json\nd = explorer.data\nprint(json.dumps([d.steps, d.by_hand, len(d.history)]))"
WAIT = "import time\n\nwith explorer._lock:\n    time.sleep(3)"  # a kernel may answer the page while a cell runs


@pytest.fixture(scope="module", params=[(1280, 2), (800, 1)], ids=["two-dots", "narrow"])
def shown(request: pytest.FixtureRequest, lab: Lab, browser: Browser) -> Iterator[Shown]:
    """The Playground and its twin, which gets the same events."""
    width, dots = request.param
    name = f"hand_{width}_{dots}.ipynb"
    (lab.folder / name).write_text(json.dumps(notebook(SHOW, ASK, WAIT)), "utf-8")
    with NotebookPage(browser, lab, name, width=width, dots=dots) as page:
        page.ready()
        page.run(0)
        shown = Shown(page, 0, playground(**GIVEN))
        shown.wait(lambda: layer(shown).locator("button").count() == 6, "the buttons over the layers")
        shown.cell.locator(".jp-RenderedImage img").evaluate("img => img.scrollIntoView({block: 'center'})")
        yield shown


def layer(shown: Shown) -> Locator:
    """What lies over the picture."""
    return shown.cell.locator(".nnlab-pointer-layer")


def state(shown: Shown) -> tuple[int, int, int]:
    """The kernel's steps, how many parameters were set by hand, and how many losses it recorded."""
    steps, by_hand, losses = json.loads("".join(shown.nb.run(1)["outputs"][0]["text"]))
    return steps, by_hand, losses


def layout(shown: Shown) -> Layout:
    assert shown.twin
    return Layout(len(FEATURES), tuple(hidden(shown.twin.values)))


def neuron(shown: Shown, at: int, unit: int) -> tuple[float, float]:
    """The middle of a tile, in pixels of the picture."""
    x, y = layout(shown).places[at][unit]
    return x + TILE_SIDE / 2, y + TILE_SIDE / 2


def link(shown: Shown, at: int, unit: int, source: int) -> tuple[float, float]:
    """A place on a link that no other comes near."""
    assert shown.twin
    names = tuple(inputs(shown.twin.values))
    x, y = curves(layout(shown), names)[links_of(layout(shown), names).index(Target("link", at, unit, source)), 8]
    return float(x), float(y)


def mouse(shown: Shown, kind: str, place: tuple[float, float]) -> None:
    """The mouse in the page, and the same for the twin."""
    assert shown.twin
    layer(shown).evaluate("layer => layer.scrollIntoView({block: 'center'})")  # a key on a button may have scrolled
    box = layer(shown).bounding_box()  # it lies over the picture, and stays when that is replaced
    assert box
    x, y = box["x"] + place[0] / WIDTH * box["width"], box["y"] + (1 - place[1] / HEIGHT) * box["height"]
    shown.nb.page.mouse.move(x, y)
    if kind == "click":
        shown.nb.page.mouse.click(x, y)
    shown.twin.set(pointer=(kind, place[0] / WIDTH, place[1] / HEIGHT))


def both(shown: Shown, *event: str) -> None:
    """What the page has just sent, for the twin."""
    assert shown.twin
    shown.twin.set(pointer=event)


AWAY = (MAP[0] + 200.0, MAP[1] + 200.0)  # on the large map, where there is nothing to hit


def test_hover_click_type_and_press(shown: Shown) -> None:
    """The picture is the twin's after each move, and the focus is always somewhere sensible."""
    keys, page = shown.nb.page.keyboard, shown.nb.page
    tip, editor = layer(shown).locator(".nnlab-pointer-tip"), layer(shown).locator(".nnlab-pointer-editor")
    mouse(shown, "move", neuron(shown, 0, 1))
    shown.shows_twin("a neuron large")
    expect(tip).to_contain_text("bias")
    mouse(shown, "move", AWAY)
    shown.shows_twin("the answer again")
    expect(tip).to_be_hidden()

    mouse(shown, "click", link(shown, 2, 0, 1))
    shown.shows_twin("the link stands out")
    expect(editor.locator("input").first).to_be_focused()
    keys.type("much")
    keys.press("Enter")
    expect(editor.get_by_role("alert")).to_contain_text("got 'much'")
    keys.press("ControlOrMeta+a")
    keys.type("-2,5")
    keys.press("Tab")
    both(shown, "enter", "1", "-2.5")
    expect(editor.get_by_label("weight from neuron 2")).to_have_value("-2.5")
    expect(editor.get_by_label("bias")).to_be_focused()
    keys.press("ControlOrMeta+a")
    keys.type("0.5")
    keys.press("ArrowUp")
    both(shown, "enter", "-1", "0.6")
    shown.shows_twin("a key moves it while the fields are open")
    keys.press("Enter")
    both(shown, "close")
    expect(editor).to_have_count(0)
    mouse(shown, "move", AWAY)
    shown.shows_twin("the weights that were typed")
    assert state(shown)[:2] == (40, 2)
    assert not shown.error()

    mouse(shown, "click", link(shown, 0, 3, 1))
    expect(editor).to_be_visible()
    keys.type("7")
    keys.press("Escape")
    both(shown, "escape")
    expect(editor).to_have_count(0)
    assert page.evaluate("() => document.activeElement.classList.contains('nnlab-pointer-layer')")
    mouse(shown, "move", AWAY)
    shown.shows_twin("Escape changes nothing")

    more = layer(shown).get_by_role("button", name="Add a neuron to layer 1")
    more.click()
    both(shown, "press", "layer_1 +")
    expect(more).to_be_focused()
    shown.shows_twin("a neuron more")
    keys.press("Enter")
    both(shown, "press", "layer_1 +")
    shown.shows_twin("another, by keyboard")
    expect(more).to_be_focused()
    less = layer(shown).get_by_role("button", name="Remove the last layer")
    less.focus()
    for _ in range(3):
        keys.press("Enter")
    both(shown, "press", "layers −")
    both(shown, "press", "layers −")
    shown.shows_twin("no layers: the third press does nothing")
    expect(less).to_be_focused()
    for _ in range(2):
        layer(shown).get_by_role("button", name="Add a hidden layer").click()
        both(shown, "press", "layers +")
    expect(layer(shown).locator("button")).to_have_count(6)
    mouse(shown, "move", AWAY)
    shown.shows_twin("two layers")


def test_buttons_and_fields_stay_within_the_picture(shown: Shown) -> None:
    """At both ends of the picture, and as small as the picture is."""
    shown.press("Reset")
    shown.twin = playground(**GIVEN)
    shown.quiet()
    box = shown.cell.locator(".jp-RenderedImage img").bounding_box()
    assert box
    for place in (link(shown, 0, 3, 1), link(shown, 2, 0, 1)):
        mouse(shown, "click", place)
        inner = layer(shown).locator(".nnlab-pointer-editor").bounding_box()
        assert inner
        assert box["x"] <= inner["x"] and inner["x"] + inner["width"] <= box["x"] + box["width"]
        assert box["y"] <= inner["y"] and inner["y"] + inner["height"] <= box["y"] + box["height"]
        shown.nb.page.keyboard.press("Escape")
        expect(layer(shown).locator(".nnlab-pointer-editor")).to_have_count(0)
        shown.twin.set(pointer=("escape",))
    scale = box["width"] / WIDTH
    first = layer(shown).get_by_role("button", name="Remove a neuron from layer 1").bounding_box()
    assert first
    x, y = layout(shown).button_places(0)[0]
    assert first["x"] == pytest.approx(box["x"] + scale * x, abs=1.5)
    assert first["y"] == pytest.approx(box["y"] + scale * (HEIGHT - y), abs=1.5)
    assert first["height"] <= 18 * scale + 1


def test_hovering_queues_nothing_while_the_kernel_is_busy(shown: Shown) -> None:
    """Of a hundred moves, one is sent before the kernel answers, and the last one after it."""
    x, y = neuron(shown, 1, 0)
    mouse(shown, "move", AWAY)
    shown.quiet()
    shown.nb.ask("() => { nn.done = null; nn.run(2).then(ok => { nn.done = {ok}; }); }")
    shown.nb.until("nn.kernel().status === 'busy'")
    before = len(shown.nb.sent)
    box = layer(shown).bounding_box()
    assert box and shown.twin
    for k in range(-99, 1):
        shown.nb.page.mouse.move(box["x"] + (x + k) / WIDTH * box["width"], box["y"] + (1 - y / HEIGHT) * box["height"])
    shown.twin.set(pointer=("move", x / WIDTH, y / HEIGHT))
    assert not shown.nb.ask("nn.done"), "the kernel is still busy"
    custom = [m for m in shown.nb.sent[before:] if b'"custom"' in (m if isinstance(m, bytes) else m.encode())]
    assert len(custom) == 1
    shown.nb.until("nn.done")
    shown.shows_twin("the neuron where the mouse has come to")


def test_while_it_plays(shown: Shown) -> None:
    """A neuron is shown large, and a weight that is set is what training goes on from."""
    shown.press("Reset")
    shown.press("Play")
    mouse(shown, "move", neuron(shown, 1, 1))
    expect(layer(shown).locator(".nnlab-pointer-tip")).to_contain_text("bias")
    mouse(shown, "click", neuron(shown, 1, 1))
    editor = layer(shown).locator(".nnlab-pointer-editor")
    expect(editor.locator("input")).to_have_count(5)
    shown.nb.page.keyboard.type("3")
    shown.nb.page.keyboard.press("Enter")
    expect(editor).to_have_count(0)
    mouse(shown, "move", neuron(shown, 0, 0))
    expect(layer(shown).locator(".nnlab-pointer-tip")).to_contain_text("bias")
    shown.press("Pause")
    shown.quiet()
    steps, by_hand, losses = state(shown)
    assert steps > 40 and by_hand == 1 and losses > 2


def test_the_first_switch_to_pytorch_shows_that_it_loads(shown: Shown) -> None:
    shown.press("Training")
    engine = shown.cell.locator(".widget-toggle-buttons:visible").filter(has_text="numpy")
    engine.get_by_role("button", name="pytorch", exact=True).click()
    shown.nb.until("nn.cells()[0].node.innerText.includes('Loading PyTorch ...')")
    count = shown.cell.locator(".widget-label:visible")
    expect(count.filter(has_text="epoch 0, step 0")).to_be_visible(timeout=60_000)
    shown.press("Epoch")
    expect(count.filter(has_text="epoch 1, step 20")).to_be_visible()
    assert not shown.error()
