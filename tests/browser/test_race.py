"""The race in a real JupyterLab: a click on its map is where everybody starts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from nnlab.chapters.c08_optimizers.race_view import HEIGHT, MAP, WIDTH
from tests.bench.sliders import notebook
from tests.browser.jupyterlab import Lab, NotebookPage
from tests.browser.shown import Shown

SHOW = "from nnlab.explore import race_explorer\n\nexplorer = race_explorer('bowl')\nexplorer"
ASK = "import json\nprint(json.dumps([explorer.data.start, explorer.steps]))"


@pytest.fixture(scope="module", params=[1280, 800])
def shown(request: pytest.FixtureRequest, lab: Lab, browser: Browser) -> Iterator[Shown]:
    name = f"race_{request.param}.ipynb"
    (lab.folder / name).write_text(json.dumps(notebook(SHOW, ASK)), "utf-8")
    with NotebookPage(browser, lab, name, width=request.param) as page:
        page.run_all()
        yield Shown(page, 0)


def now(shown: Shown) -> tuple[list[float], int]:
    """Where the kernel's race begins, and at what step it stands."""
    start, steps = json.loads("".join(shown.nb.run(1)["outputs"][0]["text"]))
    return start, steps


def click(shown: Shown, x: float, y: float) -> None:
    """Click the map, which goes from -3 to 3 both ways."""
    picture = shown.cell.locator(".jp-RenderedImage img")
    box = picture.bounding_box()
    assert box
    left, bottom, side = MAP
    u, v = (left + side * (x + 3) / 6) / WIDTH, (bottom + side * (y + 3) / 6) / HEIGHT
    picture.click(position={"x": u * box["width"], "y": (1 - v) * box["height"]})


def test_a_click_on_the_map_is_the_start(shown: Shown) -> None:
    expect(shown.cell.get_by_text("Click the map to start there.")).to_be_visible()
    shown.press("Step")
    shown.quiet()
    assert now(shown)[1] == 1
    for x, y in ((1.5, -1.5), (-2.0, 2.5), (-2.0, 2.5)):  # the same place twice: it begins anew
        shown.press("Step")
        shown.quiet()
        click(shown, x, y)
        shown.quiet()
        start, steps = now(shown)
        assert start == pytest.approx((x, y), abs=0.03) and steps == 0
        readouts = shown.cell.locator(".widget-hslider .widget-readout").all_inner_texts()
        assert float(readouts[0]) == pytest.approx(100 * (x + 3) / 6, abs=0.6), "the sliders follow"


def test_a_click_beside_the_map_does_nothing(shown: Shown) -> None:
    before = now(shown)[0]
    shown.cell.locator(".jp-RenderedImage img").click(position={"x": 500, "y": 40})
    shown.quiet()
    assert now(shown)[0] == before and not shown.error()
