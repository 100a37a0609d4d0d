"""The kernel lab takes a picture from the reader's own disk, in a real JupyterLab."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.bench.sliders import notebook
from tests.browser.jupyterlab import Lab, NotebookPage
from tests.browser.shown import Shown

SHOW = "from nnlab.explore import kernel_explorer\n\nexplorer = kernel_explorer()\nexplorer"
ASK = "d = explorer.data\nprint(d.picture.shape, f'{float(d.picture[0, 0]):.1f}', f'{float(d.picture[-1, -1]):.1f}')"


@pytest.fixture(scope="module")
def nb(lab: Lab, browser: Browser) -> Iterator[NotebookPage]:
    (lab.folder / "upload.ipynb").write_text(json.dumps(notebook(SHOW, ASK)), "utf-8")
    with NotebookPage(browser, lab, "upload.ipynb") as page:
        page.run_all()
        yield page


def test_a_picture_of_ones_own(nb: NotebookPage, tmp_path: Path) -> None:
    """It comes in grey and small, whatever its size; no picture is told in words; Remove brings the choice back."""
    shown = Shown(nb, 0)
    field = shown.cell.locator("input[type=file]")
    expect(field).to_have_attribute("aria-label", "or one of yours")

    def asked() -> str:
        return "".join(nb.run(1)["outputs"][0]["text"]).strip()

    assert asked().startswith("(107, 160)")
    large = np.zeros((3000, 4000, 3), np.uint8)
    large[1500:] = 255
    Image.fromarray(large).save(tmp_path / "large.png")
    field.set_input_files(tmp_path / "large.png")
    shown.wait(lambda: asked() == "(120, 160) 0.0 1.0", "a large photograph arrives small")

    (tmp_path / "notes.png").write_text("no picture")
    field.set_input_files(tmp_path / "notes.png")
    expect(shown.cell.locator("small")).to_contain_text("cannot read this file as a picture")
    assert asked() == "(120, 160) 0.0 1.0" and not shown.error()

    shown.press("Reset")
    shown.quiet()
    assert asked() == "(120, 160) 0.0 1.0", "what was made by hand, Reset leaves alone"
    shown.press("Remove")
    shown.wait(lambda: asked().startswith("(107, 160)"), "the choice acts again")
    expect(shown.button("Remove")).to_be_disabled()


def test_it_is_reached_by_keyboard(nb: NotebookPage) -> None:
    """Tab leads from the choice to the file field, and Space opens the system's own window."""
    shown = Shown(nb, 0)
    opened: list[object] = []
    # listening well before it opens: a chooser that nobody listens for yet is lost
    nb.page.on("filechooser", lambda chooser: opened.append(chooser))
    shown.cell.get_by_role("button", name="digit", exact=True).focus()
    nb.page.keyboard.press("Tab")
    expect(shown.cell.locator("input[type=file]")).to_be_focused()
    shown.quiet(300)
    nb.page.keyboard.press("Space")
    shown.wait(lambda: opened, "the system's window for files")
