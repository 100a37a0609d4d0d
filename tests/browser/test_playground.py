"""The Playground in a real JupyterLab: by keyboard alone, by mouse on its pad, wide and narrow, light and dark."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, expect

from nnlab.playground.declare import GROUPS, PRESETS
from tests.bench.sliders import notebook
from tests.browser.jupyterlab import Lab, NotebookPage
from tests.browser.shown import Shown, decode
from tests.browser.test_looks import CONTRAST, SIZES

SHOW = "from nnlab.explore import playground\n\nexplorer = playground(hidden=[4, 2], steps=40)\nexplorer"
ASK = "import json\nd = explorer.data\nprint(json.dumps([explorer.values, d.epoch, d.steps, len(d.y), d.trouble]))"


@pytest.fixture(scope="module")
def nb(lab: Lab, browser: Browser) -> Iterator[NotebookPage]:
    (lab.folder / "playground.ipynb").write_text(json.dumps(notebook(SHOW, ASK)), "utf-8")
    with NotebookPage(browser, lab, "playground.ipynb") as page:
        page.run_all()
        yield page


@pytest.fixture
def shown(nb: NotebookPage) -> Shown:
    """The Playground with its settings as they began."""
    shown = Shown(nb, 0)
    shown.wait(lambda: shown.button("Export").count() == 1, "the controls are there")
    shown.press("Reset")
    shown.quiet()
    return shown


def state(shown: Shown) -> tuple[dict[str, Any], int, int, int, str]:
    """What the kernel holds: values, epoch, steps, number of points, trouble."""
    values, epoch, steps, points, trouble = json.loads("".join(shown.nb.run(1)["outputs"][0]["text"]))
    return values, epoch, steps, points, trouble


def open_group(shown: Shown, name: str) -> None:
    """Show a group of controls, by keyboard."""
    shown.press(name)
    expect(shown.button(name)).to_have_class(re.compile("mod-primary"))
    shown.nb.page.wait_for_timeout(200)


def row(shown: Shown, label: str) -> Locator:
    """The visible control with this label."""
    return shown.cell.locator(".widget-inline-hbox:visible").filter(has_text=label).first


def test_runs_clean(nb: NotebookPage) -> None:
    assert not [
        o for cell in nb.ran for o in cell["outputs"] if o["output_type"] == "error" or o.get("name") == "stderr"
    ]
    assert not nb.console


def test_every_control_by_keyboard(shown: Shown) -> None:
    """Tab leads from Play to each group's button, and in the open group to each control that acts; all have a title."""
    page = shown.nb.page
    where = """() => {
        const at = document.activeElement;
        const row = at.closest('.nnlab-pad') || at.closest('.widget-inline-hbox') || at;
        const labels = [...row.querySelectorAll('.widget-label, .widget-label-basic, .nnlab-pad-label')];
        const label = labels.map(each => each.textContent.replaceAll('\\u200b', '').trim()).join('');
        return [at.textContent.slice(0, 40), label, !!(at.closest('[title]') || row.querySelector('[title]'))];
    }"""
    for group in GROUPS:
        open_group(shown, group)
        seen = "els => els.filter(e => e.offsetParent).map(e => e.textContent.replaceAll('\\u200b', '').trim())"
        wanted = shown.cell.locator(
            ".widget-inline-hbox > .widget-label, .widget-checkbox .widget-label-basic, .nnlab-pad-label"
        ).evaluate_all(seen)
        shown.button("Play").focus()
        wanted = set(wanted) - {""}
        reached, buttons = set(), set()
        for _ in range(60):
            page.keyboard.press("Tab")
            text, label, titled = shown.nb.ask(where)
            buttons.add(text)
            if label in wanted:
                reached.add(label)
                assert titled, f"{label} has no tooltip"
            if not shown.nb.ask("() => nn.cells()[0].node.contains(document.activeElement)"):
                break
        assert reached == wanted, f"group {group}"
        assert {"Step", "Restart", "Epoch", "Reset", *PRESETS, *GROUPS} <= buttons


def test_a_setting_by_keyboard(shown: Shown) -> None:
    open_group(shown, "Data")
    row(shown, "multi-gaussian").get_by_role("button", name="xor", exact=True).press("Enter")
    open_group(shown, "Inputs")
    row(shown, "sin x₁").locator("input").press("Space")
    open_group(shown, "Network")
    row(shown, "neurons in layer 3").locator(".noUi-handle").press("ArrowRight")
    open_group(shown, "Training")
    row(shown, "learning rate").locator(".noUi-handle").press("ArrowRight")
    shown.quiet()
    values, *_ = state(shown)
    assert (values["data"], values["sin_x1"], values["layer_3"], values["lr"]) == ("xor", True, 1, 0.05)
    open_group(shown, "Network")
    expect(row(shown, "neurons in layer 4")).to_be_visible()


def test_play_pause_step_epoch(shown: Shown) -> None:
    shown.nb.ask("nn.watch(0)")
    shown.press("Play")
    shown.wait(lambda: shown.nb.ask("nn.watched.changes.length") > 3, "frames come")
    shown.press("Pause")
    expect(shown.button("Play")).to_be_visible()
    frames = shown.nb.ask("nn.watched.changes.length")
    shown.quiet()
    assert shown.nb.ask("nn.watched.changes.length") - frames <= 4, "no frames queue up after Pause"
    _, epoch, steps, *_ = state(shown)
    assert steps > 40
    shown.press("Step")
    shown.quiet()
    assert state(shown)[2] == steps + 1
    shown.press("Epoch")
    shown.quiet()
    assert state(shown)[1] in (epoch + 1, epoch + 2)
    shown.press("Restart")
    shown.quiet()
    assert state(shown)[1:3] == (0, 0)
    assert not shown.nb.ask("nn.stop()")["bad"]


def test_a_preset_reaches_the_goal(shown: Shown) -> None:
    assert shown.note().startswith("Goal")
    shown.press("spiral")
    shown.press("Play")
    shown.wait(lambda: shown.note().startswith("✓ Reached"), "the spiral is separated", seconds=60)
    shown.press("Pause")
    expect(shown.button("Play")).to_be_visible()
    shown.quiet()


def test_points_drawn_by_mouse_and_by_key(shown: Shown) -> None:
    """Points appear in the picture, can be learned from, and survive a setting that cannot be, and Reset."""
    page = shown.nb.page
    open_group(shown, "Data")
    row(shown, "multi-gaussian").get_by_role("button", name="drawn", exact=True).press("Enter")
    pad = shown.cell.locator(".nnlab-pad canvas")
    expect(pad).to_be_visible()
    shown.quiet()
    assert "Draw points" in state(shown)[4]
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    x, y = box["x"], box["y"]
    page.mouse.move(x + 40, y + 40)
    page.mouse.down()
    page.mouse.move(x + 60, y + 200, steps=12)
    page.mouse.up()
    page.keyboard.press("2")
    for at in (150, 180, 210):
        page.mouse.click(x + at, y + 120)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    shown.quiet()
    values, _, _, points, trouble = state(shown)
    assert not trouble
    strokes = values["drawn"]
    assert [len(p) for pen, p in strokes if pen == 1] == [1, 1, 1, 1]
    assert [pen for pen, _ in strokes] == [0, 1, 1, 1, 1] and len(strokes[0][1]) >= 6
    u, v = strokes[-1][1][0]
    assert u == pytest.approx(210 / box["width"], abs=0.02) and v == pytest.approx(0.55, abs=0.02)
    shown.press("Epoch")
    shown.quiet()
    assert state(shown)[1] == 1
    open_group(shown, "Inputs")
    for name in ("x₁", "x₂"):
        row(shown, name).locator("input").press("Space")
    shown.quiet()
    now = state(shown)
    assert "switch on at least one" in now[4] and now[0]["drawn"] == strokes
    shown.press("Reset")
    shown.quiet()
    assert not shown.error() and not state(shown)[4]
    assert state(shown)[0]["drawn"] == strokes and points == sum(len(p) for _, p in strokes)
    pad_keys(shown, strokes)


def pad_keys(shown: Shown, strokes: list[Any]) -> None:
    """Backspace takes a stroke back, Clear all of them."""
    open_group(shown, "Data")
    row(shown, "multi-gaussian").get_by_role("button", name="drawn", exact=True).press("Enter")
    pad = shown.cell.locator(".nnlab-pad canvas")
    expect(pad).to_be_visible()
    pad.press("Backspace")
    shown.quiet()
    assert state(shown)[0]["drawn"] == strokes[:-1]
    shown.press("Clear")
    shown.quiet()
    assert state(shown)[0]["drawn"] == []


def test_export_can_be_read_and_copied(shown: Shown) -> None:
    """The code that stands in the page runs; it is selected and copied by keyboard."""
    open_group(shown, "Export")
    shown.press("NumPy code")
    area = shown.cell.locator("textarea:visible")
    expect(area).to_have_value(re.compile(r"def network\(x\)"))
    space: dict[str, Any] = {}
    exec(area.input_value(), space)
    assert space["network"](np.zeros((3, 2))).shape == (3,)
    area.focus()
    shown.nb.page.keyboard.press("ControlOrMeta+a")
    assert "def network" in str(shown.nb.ask("document.getSelection().toString()"))
    shown.press("One line of code")
    shown.wait(lambda: "playground(steps=40)" in area.input_value(), "the line that shows it again")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [1280, 800])
def test_looks(shown: Shown, width: int, theme: str, screenshots: Path) -> None:
    """Every group: nothing sticks out, overlaps or is cut off."""
    nb = shown.nb
    before = nb.page.viewport_size
    assert before
    nb.page.set_viewport_size({"width": width, "height": 1500})
    nb.theme(f"JupyterLab {theme}")
    try:
        for group in GROUPS:
            open_group(shown, group)
            nb.page.wait_for_timeout(150)
            file = screenshots / f"playground-{width}-{theme.lower()}-{group.lower()}.png"
            nb.page.screenshot(path=file)
            wrong = nb.ask(SIZES) + nb.ask(CONTRAST)
            assert not wrong, "\n".join([f"see {file}", *wrong])
    finally:
        nb.theme("JupyterLab Light")
        nb.page.set_viewport_size(before)


def test_picture_is_there_without_a_kernel(shown: Shown) -> None:
    """What a code host shows: the picture in the stored output, not blank."""
    outputs = shown.nb.cells()[0]["outputs"]
    stored = [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]
    assert len(stored) == 1 and decode(base64.b64decode("".join(stored[0]))).std() > 10
