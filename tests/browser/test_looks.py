"""How the pages look: nothing sticks out, overlaps, is cut off or is too faint, wide and narrow, light and dark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.jupyterlab import NotebookPage

# Each function gives a list of sentences about what is wrong.
SIZES = """() => {
  const wrong = [];
  nn.cells().forEach((cell, index) => {
    const say = (text) => wrong.push(`cell ${index}: ${text}`), inside = cell.node.getBoundingClientRect();
    for (const out of cell.node.querySelectorAll('.jp-OutputArea-output, .jp-MarkdownOutput')) {
      const wide = out.scrollWidth, room = out.clientWidth;
      if (wide > room + 1) say(`${wide} wide in ${room}: ${out.innerText.slice(0, 60)}`);
    }
    for (const img of cell.node.querySelectorAll('.jp-OutputArea img')) {
      const box = img.getBoundingClientRect();
      if (box.left < inside.left || box.right > inside.right + 1) say('a picture sticks out of its cell');
      if (Math.abs(box.width / box.height - img.naturalWidth / img.naturalHeight) > 0.02) say('a picture is squeezed');
    }
    const widgets = '.jupyter-button, .noUi-target, .widget-label, .widget-readout, .widget-checkbox input';
    const parts = [...cell.node.querySelectorAll(widgets)].filter((part) => part.offsetParent);
    parts.forEach((one, i) => {
      const a = one.getBoundingClientRect();
      if (a.right > inside.right + 1) say(`${one.className} sticks out`);
      if (one.scrollWidth > one.clientWidth + 1 && one.matches('.widget-label, button')) {
        say(`cut off: ${one.textContent}`);
      }
      for (const other of parts.slice(i + 1)) {
        const b = other.getBoundingClientRect();
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 1 && !one.contains(other) && !other.contains(one)) {
          say(`${one.textContent || one.className} overlaps ${other.textContent || other.className}`);
        }
      }
    });
  });
  return wrong;
}"""

CONTRAST = """() => {
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const over = (top, below) => {  // a half-transparent colour on another
    const a = top.length > 3 ? top[3] : 1;
    return [0, 1, 2].map((i) => top[i] * a + below[i] * (1 - a));
  };
  const paper = (node) => {
    if (!node) return [255, 255, 255];
    const own = numbers(getComputedStyle(node).backgroundColor);
    return own[3] === undefined || own[3] === 1 ? own.slice(0, 3) : over(own, paper(node.parentElement));
  };
  const wrong = new Set();
  for (const area of document.querySelectorAll('.jp-OutputArea .jp-RenderedHTMLCommon, .jp-OutputArea .widget-html')) {
    const walk = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode.parentElement;
      if (!walk.currentNode.textContent.trim() || !node.offsetParent) continue;
      const style = getComputedStyle(node), back = paper(node), front = over(numbers(style.color), back);
      const [low, high] = [light(front), light(back)].sort((a, b) => a - b), ratio = (high + 0.05) / (low + 0.05);
      const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
      if (ratio < (large ? 3 : 4.5)) {
        wrong.add(`"${walk.currentNode.textContent.trim().slice(0, 40)}": ${ratio.toFixed(2)} ${front} on ${back}`);
      }
    }
  }
  return [...wrong];
}"""


@pytest.fixture(params=[(1280, "Light"), (800, "Dark")], ids=["wide-light", "narrow-dark"])
def page(request: pytest.FixtureRequest, notebook: NotebookPage) -> Iterator[NotebookPage]:
    """The notebook at one width and in one theme; put back afterwards. For a screenshot it is so high that all of it
    shows; to measure, it need not be, and painting it costs seconds."""
    before = notebook.page.viewport_size
    assert before
    (width, theme), height = request.param, before["height"]
    if os.environ.get("NNLAB_SCREENSHOTS"):
        script = "() => Math.max(...[...document.querySelectorAll('.jp-Notebook *')].map(e => e.scrollHeight))"
        height = min(notebook.ask(script) + 300, 16000)
    notebook.page.set_viewport_size({"width": width, "height": height})
    notebook.theme(f"JupyterLab {theme}")
    yield notebook
    notebook.theme("JupyterLab Light")
    notebook.page.set_viewport_size(before)


def test_page(page: NotebookPage, request: pytest.FixtureRequest, screenshots: Path) -> None:
    page.until("() => { const now = document.body.scrollHeight; const same = nn.h === now; nn.h = now; return same; }")
    wrong = page.ask(SIZES) + page.ask(CONTRAST)
    if os.environ.get("NNLAB_SCREENSHOTS"):  # to look at; of a failed test one is kept anyway
        page.page.screenshot(path=screenshots / f"{request.node.name}.png".replace("/", "-"))
    assert not wrong, "\n".join(wrong)
