"""A guess in the page: answered by keyboard only, kept, and shown next to what came."""

from __future__ import annotations

import json
from collections.abc import Iterator

import nbformat.v4 as nb
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.jupyterlab import Lab, NotebookPage

SOURCES = (
    "from nnlab.exercises import guess, reveal",
    'guess("99.a", "How many?", options=["9", "25", "784"])',
    'guess("99.b", "How far?", unit="steps")',
    'reveal("99.a", 25)\nreveal("99.b", 1020.0)',
)


@pytest.fixture(scope="module")
def page(lab: Lab, browser: Browser) -> Iterator[NotebookPage]:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = {"cells": [nb.new_code_cell(source) for source in SOURCES], "metadata": {"kernelspec": kernel}}
    (lab.folder / "guesses.ipynb").write_text(json.dumps({**made, "nbformat": 4, "nbformat_minor": 5}), "utf-8")
    with NotebookPage(browser, lab, "guesses.ipynb") as opened:
        opened.ready()
        for cell in range(3):
            opened.run(cell)
        yield opened


def cell(page: NotebookPage, index: int) -> Locator:
    return page.page.locator(".jp-Cell").nth(index)


def test_by_keyboard(page: NotebookPage) -> None:
    """Tab moves on, Space chooses; a number is typed and kept by Enter; what is no number is told."""
    keys, options = page.page.keyboard, cell(page, 1)
    options.locator("input[type=radio]").first.focus()
    keys.press("Space")
    expect(options.get_by_role("status")).to_have_text("Kept: 9. You can still change it.")
    keys.press("Tab")
    keys.press("Space")
    expect(options.get_by_role("status")).to_have_text("Kept: 25. You can still change it.")

    number = cell(page, 2)
    number.locator(".widget-text input").focus()
    keys.insert_text("lots")
    keys.press("Enter")
    expect(number.get_by_role("status")).to_contain_text('"lots" is no number')
    keys.press("ControlOrMeta+a")
    keys.insert_text("1,000")
    keys.press("Enter")
    expect(number.get_by_role("status")).to_have_text("Kept: 1,000 steps. You can still change it.")

    said = "".join(page.run(3)["outputs"][0]["text"])
    assert "99.a  What came: 25. Your guess: 25. It held." in said
    assert "99.b  What came: 1,020 steps. Your guess: 1,000 steps. It held." in said


def test_a_cell_that_runs_again_shows_what_was_kept(page: NotebookPage) -> None:
    page.run(1)
    expect(cell(page, 1).locator("input[type=radio]").nth(1)).to_be_checked()
    cell(page, 1).locator("input[type=radio]").nth(2).focus()
    page.page.keyboard.press("Space")
    expect(cell(page, 1).get_by_role("status")).to_have_text("Kept: 784. The answer had come, so it is not counted.")
