"""What is seen of the committed notebooks when nothing is run: in JupyterLab, and exported, without network."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from conftest import NOTEBOOKS, ROOT
from nbconvert import HTMLExporter
from playwright.sync_api import Browser

from nnlab._cli.browser import Lab, NotebookPage

SEEN = """images => images.map((img) => {
    const box = img.getBoundingClientRect();
    return {alt: img.alt, seen: img.complete && img.naturalWidth > 100 && box.width > 100 && box.height > 50};
})"""


def pictures(path: Path) -> int:
    """How many pictures the outputs of a notebook hold."""
    cells = nbformat.read(path, as_version=4).cells
    return sum("image/png" in out.get("data", {}) for cell in cells for out in cell.get("outputs", []))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_in_jupyterlab(name: str, lab: Lab, browser: Browser) -> None:
    """Opened and not run, every picture is there, and no widget complains that its model is gone."""
    with NotebookPage(browser, lab, name) as nb:
        nb.ready()
        nb.until("document.querySelectorAll('.jp-OutputArea').length")
        seen = nb.page.locator(".jp-OutputArea img").evaluate_all(SEEN)
        assert len(seen) == pictures(ROOT / "notebooks" / name)
        assert all(picture["seen"] for picture in seen)
        text = nb.page.locator(".jp-Notebook").inner_text()
        assert "model not found" not in text and "Loading widget" not in text


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_exported(name: str, browser: Browser, tmp_path: Path) -> None:
    """As a page of its own, with the network cut, every picture is there with its words."""
    html, _ = HTMLExporter().from_filename(str(ROOT / "notebooks" / name))
    file = tmp_path / "page.html"
    file.write_text(html, "utf-8")
    context = browser.new_context(offline=True)
    try:
        page = context.new_page()
        page.goto(file.as_uri(), wait_until="domcontentloaded")
        seen = page.locator(".jp-OutputArea img").evaluate_all(SEEN)
        assert len(seen) == pictures(ROOT / "notebooks" / name)
        assert all(picture["seen"] and picture["alt"] for picture in seen)
    finally:
        context.close()
