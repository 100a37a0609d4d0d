"""Every kind of control by keyboard, settings that fail, hands faster than the kernel, a run never in the way."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from nnlab.explore import Choice, Explorer
from tests.browser import toy
from tests.browser.jupyterlab import NotebookPage
from tests.browser.shown import Shown

SPACE: dict[str, object] = {}
for _name in ("setup", "explorer", "running"):
    exec(compile(toy.SOURCES[_name], "toy", "exec"), SPACE)


@pytest.fixture
def wave(toy_notebook: NotebookPage) -> Shown:
    """The toy's explorer, back at its beginning."""
    twin = SPACE["explorer"]
    assert isinstance(twin, Explorer)
    shown = Shown(toy_notebook, toy.CELL["explorer"], twin)
    shown.press("Reset")
    twin.reset()
    shown.shows_twin("the first picture")
    return shown


def values(shown: Shown) -> dict[str, object]:
    """What the kernel holds."""
    text = "".join(shown.nb.run(toy.CELL["values"])["outputs"][0]["text"])
    found = eval(text, {})
    assert isinstance(found, dict)
    return found


def test_toy_runs(toy_notebook: NotebookPage) -> None:
    assert not [output for cell in toy_notebook.ran for output in cell["outputs"] if output["output_type"] == "error"]


def test_nothing_is_asked_over_the_page(toy_notebook: NotebookPage) -> None:
    """A new learner's JupyterLab would ask about news: its plugin is off, and no message lies over the page."""
    plugin = "@jupyterlab/apputils-extension:announcements"
    asks = "name => jupyterapp.listPlugins().includes(name) && jupyterapp.isPluginActivated(name)"
    assert not toy_notebook.page.evaluate(asks, plugin)
    assert toy_notebook.page.evaluate(asks, "@jupyterlab/apputils-extension:notification")
    expect(toy_notebook.page.locator(".Toastify__toast")).to_have_count(0)


def test_every_kind_of_control_by_keyboard(wave: Shown) -> None:
    twin = wave.twin
    assert twin
    wave.nb.ask("index => nn.watch(index)", wave.index)
    wave.move_everything(skip="shift")  # its greatest value fails on purpose, see below
    watch = wave.nb.ask("nn.stop()")
    assert not watch["bad"], f"{watch['bad'][:5]} of {watch['frames']} screen frames"


def test_controls_can_be_tabbed_to(wave: Shown) -> None:
    """Tab leads from the first button through all controls, in the order seen."""
    assert wave.twin
    controls = wave.twin.controls
    buttons = sum(len(control.options) for control in controls.values() if isinstance(control, Choice))
    wave.button("Reset").focus()
    reached = set()
    for _ in range(3 * len(controls) + 3 + buttons):  # a slider's readout and each option take the focus too
        wave.nb.page.keyboard.press("Tab")
        script = """index => {
            const at = document.activeElement, cell = nn.cells()[index].node;
            const row = cell.contains(at) && at.closest('.widget-inline-hbox, .nnlab-pad');
            const label = '.widget-label, .widget-label-basic, .nnlab-pad-label';
            const blank = text => text.replace('\u200b', '') === '';  // a checkbox has its words elsewhere
            const words = row && row.querySelector(label).textContent;
            return row ? (blank(words) ? row.textContent : words) : null;
        }"""
        reached.add(wave.nb.ask(script, wave.index))
    assert len(reached - {None}) == len(controls)


def test_failing_setting_is_told(wave: Shown) -> None:
    """A sentence, escaped; the last good picture; gone with the next good setting."""
    wave.quiet()
    before = wave.src()
    wave.control("shift").press("End")
    wave.wait(wave.error, "the error is told")
    assert "This setting cannot be shown" in wave.error() and "no wave <here>" in wave.error()
    wave.quiet()  # on a busy machine the plain picture of Reset may come just now, and its sharp one after it
    assert wave.src() == before
    wave.control("shift").press("Home")
    assert wave.twin
    wave.twin.set(shift=0.0)
    wave.shows_twin("the picture of a good setting")
    wave.wait(lambda: not wave.error(), "the sentence goes")


def test_toggle_and_preset(wave: Shown) -> None:
    assert wave.twin
    wave.move("mirrored", True)
    wave.twin.set(mirrored=True)
    wave.shows_twin("the toggle acts")
    wave.press("fast")
    wave.twin.set(speed=8.0)
    wave.shows_twin("the preset acts")
    wave.wait(lambda: wave.note().startswith("✓ Reached"), "and reaches the goal")
    assert values(wave) == wave.twin.values


def test_code_moves_the_page(wave: Shown) -> None:
    """explorer.set(...) in a cell moves slider and picture."""
    script = """async code => {
        const done = nn.kernel().requestExecute({code, store_history: false});
        return (await done.done).content.status;
    }"""
    assert wave.nb.ask(script, "explorer.set(speed=4.0, kind='cos')") == "ok"
    assert wave.twin
    wave.twin.set(speed=4.0, kind="cos")
    wave.shows_twin("the picture follows the code")
    assert wave.cell.locator(".widget-readout").first.inner_text() == "4.0"


def test_two_sliders_dragged_fast(wave: Shown) -> None:
    """The mouse drags one, a held key moves another: the last values win, and nothing is painted after that."""
    page = wave.nb.page
    wave.nb.ask("index => nn.watch(index)", wave.index)
    box = wave.control("speed").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    wave.control("shift").focus()
    begin = time.perf_counter()
    for move in range(60):
        page.mouse.move(x + 180 * abs(move % 20 - 10) / 10, y)
        page.keyboard.down("ArrowLeft")
        time.sleep(max(0.0, begin + move / 60 - time.perf_counter()))
    page.keyboard.up("ArrowLeft")
    page.mouse.up()
    wave.quiet()
    now = values(wave)
    assert now["shift"] < 0.3  # type: ignore[operator]  # both have moved
    assert now["speed"] != 2.0
    assert wave.twin
    wave.twin.set(**now)
    wave.shows_twin("the picture of the last values")
    watch = wave.nb.ask("nn.stop()")
    assert not watch["bad"]
    assert len(watch["changes"]) > 5
    assert watch["sharp"][-1] > watch["changes"][-1], "what rests is sharp"


def test_run_leaves_room(toy_notebook: NotebookPage) -> None:
    """While it plays, a cell runs, a live slider acts; Play pressed again and again starts no second loop."""
    shown = Shown(toy_notebook, toy.CELL["running"])

    def steps() -> int:
        return int("".join(toy_notebook.run(toy.CELL["next"])["outputs"][0]["text"]))

    shown.press("Play")
    first = steps()
    shown.wait(lambda: steps() > first, "cells run beside it, and it goes on")
    for text in ("Pause", "Play", "Pause", "Play", "Pause"):
        shown.press(text)
    shown.quiet()
    assert steps() == steps()
    shown.press("Reset")
    shown.wait(lambda: steps() == 0, "Reset")


def test_a_run_is_played_by_keyboard(toy_notebook: NotebookPage) -> None:
    """Play advances, Pause stops at once, Step takes one, other cells run meanwhile, Restart begins again."""
    twin = SPACE["runner"]
    assert isinstance(twin, Explorer)
    shown = Shown(toy_notebook, toy.CELL["running"], twin)

    def steps() -> int:
        return int(shown.cell.locator(".widget-label").filter(has_text=" of ").first.inner_text().split()[-3])

    shown.press("Reset")
    twin.reset()
    shown.shows_twin("the first picture")
    begin = steps()
    shown.nb.ask("index => nn.watch(index)", shown.index)
    shown.press("Play")
    shown.wait(lambda: steps() > begin + 1 and shown.nb.ask("nn.watched.changes.length"), "the run goes on")
    before = steps()
    shown.nb.run(toy.CELL["setup"])
    shown.wait(lambda: steps() > before, "it still runs while another cell does")
    shown.press("Pause")
    frames = shown.nb.ask("nn.watched.changes.length")
    expect(shown.button("Play")).to_be_visible()
    shown.quiet()
    late = shown.nb.ask("nn.watched.changes.length") - frames
    assert late <= 10, "Pause stops within ten frames"  # on a busy machine some are under way
    at = steps()
    shown.press("Step")
    shown.wait(lambda: steps() == at + 1, "Step takes one step")
    shown.press("Restart")
    twin.restart()
    shown.wait(lambda: steps() == 0, "Restart begins again")
    shown.shows_twin("the picture of step 0")
    assert not shown.nb.ask("nn.stop()")["bad"]
    assert not shown.error()
