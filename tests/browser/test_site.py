"""The course as a site: built, served from this machine, and run in a browser, with nothing installed in between.

Pyodide comes from a second address, as it does for readers. No request may leave the machine.
"""

from __future__ import annotations

import base64
import json
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from nnlab.dev.commands.site import Handler, server
from nnlab.dev.environment import pyodide
from nnlab.dev.inside.site import PUBLIC, build
from nnlab.dev.say import Trouble
from tests.browser.jupyterlab import NotebookPage
from tests.browser.shown import Shown, explorers
from tests.browser.test_notebooks import answer, exercise_in, is_trouble

NOT_OURS = ("reading 'type'",)  # JupyterLab's own, when a cell comes into view


class Public(Handler):
    """Answers as Pyodide's public address does: pages from elsewhere may read it."""

    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()


@contextmanager
def serving(made: ThreadingHTTPServer) -> Iterator[str]:
    """A server at work; its address."""
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_port}/"
    finally:
        made.shutdown()
        made.server_close()


class Site:
    """The built site; like a `Lab`, it knows the page of a notebook."""

    def __init__(self, url: str):
        self.url = url

    def address(self, notebook: str, alone: bool = True) -> str:
        return f"{self.url}lab/index.html?path=notebooks/{notebook}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    try:
        source = pyodide.fetch(Path(sys.executable))
    except Trouble as trouble:
        pytest.skip(str(trouble))
    out = tmp_path_factory.mktemp("site") / "site"
    build(out, None)
    shutil.copy(out / "favicon.ico", out.parent)  # a browser asks the host for it, before a page names its own
    other = server(source, 0)
    other.RequestHandlerClass = lambda *words: Public(*words, directory=str(source))
    with serving(other) as elsewhere, serving(server(out.parent, 0)) as here:
        start = out / "static" / "nnlab" / "pyodide.js"
        assert PUBLIC in start.read_text()
        start.write_text(start.read_text().replace(PUBLIC, elsewhere))
        config = out / "jupyter-lite.json"
        read = json.loads(config.read_text())
        read["jupyter-config-data"]["exposeAppInBrowser"] = True  # window.jupyterapp, to ask about cells
        config.write_text(json.dumps(read))
        yield Site(f"{here}site/")  # below the root, as a repository's pages are


class SitePage(NotebookPage):
    """A notebook of the site, open in the browser. `left`: the addresses it asked for that are not this machine's."""

    def __init__(self, browser: Browser, site: Site, notebook: str):
        self.left: list[str] = []
        super().__init__(browser, site, notebook)  # type: ignore[arg-type]

    def _watch(self) -> None:
        self.context.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.left.append(url)

    def ready(self) -> None:
        self.until("nn.ready()", seconds=240)

    def file(self, name: str) -> Any:
        """What a file holds that the kernel wrote on the reader's drive, as JSON."""
        script = "async name => (await jupyterapp.serviceManager.contents.get(name, {content: true})).content"
        return json.loads(base64.b64decode(self.ask(script, name)))


@pytest.fixture(scope="module")
def page(site: Site, browser: Browser) -> Iterator[SitePage]:
    with SitePage(browser, site, "01_neuron.ipynb") as nb:
        nb.run_all(seconds=400)
        yield nb


def test_every_cell_runs_and_no_request_leaves_the_machine(page: SitePage) -> None:
    code = [cell for cell in page.ran if cell["type"] == "code"]
    assert [cell["count"] for cell in code] == list(range(1, len(code) + 1))
    assert not [(cell["source"], output) for cell in code for output in cell["outputs"] if is_trouble(output)]
    cut = [cell for cell in code if cell["source"].startswith("# PyTorch does not run in the browser")]
    assert len(cut) == 1 and "NumPy, from scratch" in str(cut[0]["outputs"])
    assert not page.left
    assert not [line for line in page.console if not any(known in line for known in NOT_OURS)]


def test_the_first_page_is_the_start_of_the_course(site: Site, browser: Browser) -> None:
    context = browser.new_context()
    try:
        opened = context.new_page()
        opened.goto(site.url)
        opened.wait_for_url(f"{site.url}lab/index.html?path=notebooks/00_start_here.ipynb")
    finally:
        context.close()


def test_a_slider_by_key(page: SitePage) -> None:
    shown: Shown = next(explorers(page, page.ran))
    assert shown.twin
    name = next(iter(shown.twin.controls))
    page.ask("index => nn.watch(index)", shown.index)
    shown.control(name).press("ArrowRight")
    page.until("nn.watched.changes.length > 0 && nn.watched.sharp.length > 0", seconds=30)
    assert not page.ask("nn.stop()")["bad"] and not shown.error()


def test_an_exercise_wrong_then_right_and_progress_saved_twice(page: SitePage) -> None:
    found = exercise_in(page)
    assert found
    cell, exercise = found
    calls = cell["source"].replace(exercise.stub.strip(), "")
    mistake, (source, message) = next(iter(exercise.wrong.items()))
    wrong = answer(page, cell["index"], f"{exercise.solution}\n\n{source}\n\n{calls}")
    assert " ".join(message.split()) in wrong and "could not be saved" not in wrong
    entry = page.file("progress.json")["exercises"][exercise.id]
    assert entry == {"tries": 1, "solved": False, "first_solved": None, "mistakes": {mistake: 1}}
    right = answer(page, cell["index"], f"{exercise.solution}\n\n{calls}")
    assert f"✓ {exercise.id}" in right and "✗" not in right and "could not be saved" not in right
    entry = page.file("progress.json")["exercises"][exercise.id]
    assert entry["tries"] == 2 and entry["solved"]


def test_an_endless_loop_is_stopped(page: SitePage) -> None:
    found = exercise_in(page)
    assert found
    cell, exercise = found
    call = cell["source"].replace(exercise.stub.strip(), "")
    stub = exercise.stub.replace("...  # your code", "while True:\n        pass")
    assert "It took too long and was stopped." in answer(page, cell["index"], f"{stub}\n\n{call}")
