"""One JupyterLab and one Chromium for all browser tests; each notebook is opened and run once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import toy
from tests.browser.jupyterlab import Lab, NotebookPage, chromium
from tests.browser.shown import NOTEBOOKS, ROOT, SEEN, STORED


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Serves copies of the notebooks, so that no test changes the clone, nor your progress."""
    folder, home = tmp_path_factory.mktemp("lab") / "notebooks", tmp_path_factory.mktemp("home")
    shutil.copytree(ROOT / "notebooks", folder)
    if (ROOT / "data").is_dir():
        os.symlink(ROOT / "data", folder.parent / "data")
    toy.write(folder / "toy.ipynb")
    with Lab(folder, home, NNLAB_PROGRESS=str(home / "progress.json")) as running:
        yield running


@pytest.fixture(scope="session")
def window(lab: Lab, browser: Browser) -> Iterator[NotebookPage]:
    """JupyterLab's window, in which one notebook after the other is opened: starting it anew takes 3 s of work."""
    with NotebookPage(browser, lab, "toy.ipynb", frames=False) as nb:
        nb.ready()
        yield nb


@pytest.fixture(scope="session", params=NOTEBOOKS)
def notebook(request: pytest.FixtureRequest, window: NotebookPage) -> NotebookPage:
    """A notebook, looked at as it is stored, then run to its end."""
    nb = window
    nb.open(request.param)
    nb.ready()
    nb.until("document.querySelectorAll('.jp-OutputArea').length")
    stored = nb.page.locator(".jp-OutputArea img").evaluate_all(SEEN)
    STORED[nb.name] = stored, nb.page.locator(".jp-Notebook").inner_text()
    for cell in nb.run_all():
        for output in cell["outputs"]:
            assert output["output_type"] != "error", "\n".join([cell["source"], *output["traceback"]])
    return nb


@pytest.fixture(scope="session")
def toy_notebook(lab: Lab, browser: Browser) -> Iterator[NotebookPage]:
    with NotebookPage(browser, lab, "toy.ipynb") as nb:
        nb.run_all()
        yield nb


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(os.environ.get("NNLAB_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Of a failed test, keep what the page looked like, and say where."""
    report = yield
    if report.failed:
        pages = {value for value in getattr(item, "funcargs", {}).values() if isinstance(value, NotebookPage)}
        for page in pages:  # `window` and `notebook` are one
            file = item.funcargs["screenshots"] / f"{item.name.replace('/', '_')}.png"
            page.page.screenshot(path=file)
            report.sections.append(("page", f"{file}\nconsole: {page.console[-5:]}"))
    return report


@pytest.fixture(autouse=True)
def _screenshots_at_hand(screenshots: Path) -> None:
    """So that a failed test finds the folder."""
