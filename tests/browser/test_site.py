"""The course as a site: built, served from this machine, and run in a browser, with nothing installed in between.

Pyodide comes from a second address, as it does for readers. No request may leave the machine.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from nnlab import exercises
from nnlab.course import CHAPTERS
from nnlab.dev.environment import pyodide
from nnlab.dev.inside.site import PUBLIC
from nnlab.dev.say import Trouble
from nnlab.explore import Slider
from tests.browser.shown import Shown, explorers
from tests.browser.site import Site, SitePage, built
from tests.browser.test_notebooks import answer, exercise_in, is_trouble

# JupyterLab's own: when a cell comes into view, and its contents beside a page whose cells were exchanged (`switch`)
NOT_OURS = ("reading 'type'", "'isRunning'", "getCellHeadings")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    try:
        source = pyodide.fetch(Path(sys.executable))
    except Trouble as trouble:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(trouble))
    with built(tmp_path_factory.mktemp("site"), source) as made:
        yield made


@pytest.fixture(scope="module")
def page(site: Site, browser: Browser) -> Iterator[SitePage]:
    with SitePage(browser, site, "01_neuron.ipynb") as nb:
        nb.run_all(seconds=400)
        yield nb


@pytest.fixture(scope="module")
def later(page: SitePage) -> SitePage:
    """The same browser later, after an exercise was solved: another notebook, loaded anew, with a kernel of its own."""
    if page.name.startswith("01"):
        solve(page)
        page.load("00_start_here.ipynb")
        page.run_all(seconds=400)
    return page


def solve(page: SitePage) -> tuple[str, exercises.Exercise]:
    """Solve the notebook's first exercise; what its check says, and the exercise."""
    found = exercise_in(page)
    assert found
    cell, exercise = found
    call = cell["source"].replace(exercise.stub.strip(), "")
    return answer(page, cell["index"], f"{exercise.solution}\n\n{call}"), exercise


def slider(shown: Shown) -> Locator:
    """The handle of an explorer's first slider."""
    assert shown.twin
    return shown.control(next(name for name, control in shown.twin.controls.items() if isinstance(control, Slider)))


def moves(page: SitePage, shown: Shown, act: Callable[[], None], pictures: int = 1) -> None:
    """What `act` does changes the picture, which is never missing meanwhile, and no error is shown."""
    page.ask("index => nn.watch(index)", shown.index)
    act()
    page.until(f"nn.watched.changes.length >= {pictures}", seconds=30)


def rests(page: SitePage, shown: Shown) -> None:
    """The last picture is the sharp one."""
    page.until("nn.watched.sharp.length > 0", seconds=30)
    assert not page.ask("nn.stop()")["bad"] and not shown.error()


def drag(page: SitePage, shown: Shown) -> None:
    """Pictures come while the mouse drags, and the last is sharp."""
    handle, mouse = slider(shown), page.page.mouse
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def pull() -> None:
        mouse.move(x, y)
        mouse.down()
        for step in range(1, 6):
            mouse.move(x + 8 * step, y)
            page.page.wait_for_timeout(60)

    moves(page, shown, pull)
    mouse.up()
    rests(page, shown)


def play(page: SitePage, shown: Shown) -> None:
    """Play advances by itself, and Pause stops it."""
    moves(page, shown, lambda: shown.press("Play"), pictures=3)
    shown.press("Pause")
    expect(shown.button("Play")).to_be_visible()
    shown.quiet(700)
    rests(page, shown)


def wrong_then_right(page: SitePage) -> None:
    """The notebook's first exercise; progress is saved each time."""
    found = exercise_in(page)
    assert found
    cell, exercise = found
    calls = cell["source"].replace(exercise.stub.strip(), "")
    mistake, (source, message) = next(iter(exercise.wrong.items()))
    wrong = answer(page, cell["index"], f"{exercise.solution}\n\n{source}\n\n{calls}")
    assert " ".join(message.split()) in wrong and "could not be saved" not in wrong
    entry = page.file("progress.json")["exercises"][exercise.id]
    assert entry == {"tries": 1, "solved": False, "first_solved": None, "mistakes": {mistake: 1}}
    right, _ = solve(page)
    assert f"✓ {exercise.id}" in right and "✗" not in right and "could not be saved" not in right
    entry = page.file("progress.json")["exercises"][exercise.id]
    assert entry["tries"] == 2 and entry["solved"]


def answers(page: SitePage, has_run: bool) -> None:
    """A chapter that has run answers a key, the mouse, Play if one of its explorers has it, and an exercise."""
    shown = list(explorers(page, page.ran))
    first = next(one for one in shown if one.twin and any(isinstance(c, Slider) for c in one.twin.controls.values()))
    moves(page, first, lambda: slider(first).press("ArrowRight"))
    rests(page, first)
    drag(page, first)
    running = [one for one in shown if one.twin and one.twin.run]
    assert bool(running) is has_run
    for one in running[:1]:
        play(page, one)
    wrong_then_right(page)


def runs_clean(page: SitePage) -> list[dict[str, Any]]:
    """All code cells ran in their order, without an error or a message; the cells."""
    code = [cell for cell in page.ran if cell["type"] == "code"]
    counts = [cell["count"] for cell in code]
    assert counts == list(range(counts[0], counts[0] + len(code)))
    assert not [(cell["source"], output) for cell in code for output in cell["outputs"] if is_trouble(output)]
    assert not page.left
    assert not [line for line in page.console if not any(known in line for known in NOT_OURS)]
    return code


def test_every_cell_runs_and_no_request_leaves_the_machine(page: SitePage) -> None:
    code = runs_clean(page)
    cut = [cell for cell in code if cell["source"].startswith("# PyTorch does not run in the browser")]
    assert len(cut) == 1 and "NumPy, from scratch" in str(cut[0]["outputs"])


def test_a_first_visit_is_small(page: SitePage, site: Site) -> None:
    assert 20e6 < sum(site.sent) < 40e6


def test_the_public_address_is_the_one_that_pyodide_names(site: Site) -> None:
    """For the very release that runs here, whose files are served in place of it."""
    release = json.loads((pyodide.FOLDER / "pyodide-lock.json").read_text())["info"]["version"]
    named = re.search(r"setCdnUrl\(`(.+?)`\)", (pyodide.FOLDER / "pyodide.js").read_text())
    assert named and re.sub(r"\$\{\w+\.version}", release, named[1]) == PUBLIC


def test_every_slider_by_mouse(page: SitePage) -> None:
    for shown in explorers(page, page.ran):
        drag(page, shown)


def test_a_slider_by_key_a_run_and_an_exercise(page: SitePage) -> None:
    answers(page, has_run=True)


def test_an_endless_loop_is_stopped(page: SitePage) -> None:
    found = exercise_in(page)
    assert found
    cell, exercise = found
    call = cell["source"].replace(exercise.stub.strip(), "")
    stub = exercise.stub.replace("...  # your code", "while True:\n        pass")
    assert "It took too long and was stopped." in answer(page, cell["index"], f"{stub}\n\n{call}")


def test_progress_survives_a_reload(later: SitePage) -> None:
    code = runs_clean(later)
    solved = [id for id, entry in later.file("progress.json")["exercises"].items() if entry["solved"]]
    assert [id[:2] for id in solved] == ["01"]
    (course,) = [cell for cell in code if "course_map()" in cell["source"]]
    assert "The artificial neuron](01_neuron.ipynb): 1 of" in str(course["outputs"])
    answers(later, has_run=True)


@pytest.mark.parametrize("notebook, runs", [("02_activations", False), ("08_optimizers", True)])
def test_a_further_chapter_runs_whole_and_answers(later: SitePage, notebook: str, runs: bool) -> None:
    """08 is the one that computes longest of those in which nearly every cell runs."""
    later.switch(f"{notebook}.ipynb")
    later.run_all(seconds=600)
    runs_clean(later)
    answers(later, has_run=runs)


def test_the_first_page_leads_to_the_course_and_to_the_playground(site: Site, browser: Browser) -> None:
    """The Playground's page shows it, runs it on Play, and nothing else."""
    context = browser.new_context()
    try:
        opened = context.new_page()
        opened.goto(site.url)
        linked = opened.locator("li a").evaluate_all("links => links.map(link => link.href)")
        assert linked == [site.address(chapter.notebook.name) for chapter in CHAPTERS]
        assert site.url + str(opened.get_by_role("link", name="Start the course").get_attribute("href")) == linked[0]
        opened.get_by_role("link", name="only the Playground").click()
        cell = opened.locator(".jp-OutputArea")
        expect(cell.get_by_role("button", name="Export", exact=True)).to_be_visible(timeout=240_000)
        cell.get_by_role("button", name="Play", exact=True).click()
        expect(cell.get_by_text("step 100")).to_have_count(0, timeout=30_000)  # those it begins with
    finally:
        context.close()
