"""What is seen of the committed notebooks when nothing is run: in JupyterLab, and exported, without network."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser

from tests.browser.jupyterlab import NotebookPage
from tests.browser.shown import NOTEBOOKS, ROOT, SEEN, STORED


def pictures(name: str, kind: str) -> int:
    """How many pictures of a kind the outputs of a notebook hold."""
    cells = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells
    bundles = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return sum(any(mime.startswith(kind) for mime in bundle) for bundle in bundles)


def test_in_jupyterlab(notebook: NotebookPage) -> None:
    """Opened and not yet run, every picture was there, and no widget complained that its model is gone."""
    seen, text = STORED[notebook.name]
    assert len(seen) == pictures(notebook.name, "image/png")  # it shows no SVG of a notebook that it does not trust yet
    assert all(picture["seen"] for picture in seen)
    assert "model not found" not in text and "Loading widget" not in text


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_exported(name: str, browser: Browser, tmp_path: Path) -> None:
    """As a page of its own, with the network cut, every picture is there."""
    html, _ = HTMLExporter().from_filename(str(ROOT / "notebooks" / name))
    file = tmp_path / "page.html"
    file.write_text(html, "utf-8")
    context = browser.new_context(offline=True)
    try:
        page = context.new_page()
        page.goto(file.as_uri(), wait_until="domcontentloaded")
        seen = page.locator(".jp-OutputArea img").evaluate_all(SEEN)
        assert len(seen) == pictures(name, "image/")
        assert all(picture["seen"] for picture in seen)
    finally:
        context.close()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_exported_with_words(name: str) -> None:
    """nbconvert's classic page gives each picture its alt text. (JupyterLab and its page look at no alt text yet.)"""
    html, _ = HTMLExporter(template_name="classic").from_filename(str(ROOT / "notebooks" / name))
    words = re.findall(
        r'<img[^>]*alt="([^"]*)"[^>]*src="data:image/png|<img[^>]*src="data:image/png[^>]*alt="([^"]*)"', html
    )
    assert all(len("".join(found).split()) >= 3 and "No description" not in "".join(found) for found in words)
