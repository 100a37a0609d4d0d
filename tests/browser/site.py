"""The built site, served from this machine as readers get it, and its pages: Pyodide comes from a second address."""

from __future__ import annotations

import base64
import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

from playwright.sync_api import Browser

from nnlab.dev.commands.site import Handler, server
from nnlab.dev.inside.site import PUBLIC, build
from tests.browser.jupyterlab import NotebookPage


class Site:
    """The served site; like a `Lab`, it knows the page of a notebook. sent: the bytes of each file it sent."""

    def __init__(self) -> None:
        self.url = ""
        self.sent: list[int] = []

    def address(self, notebook: str, alone: bool = True) -> str:
        return f"{self.url}lab/index.html?path=notebooks/{notebook}"

    def serve(self, folder: Path) -> ThreadingHTTPServer:
        """A server of a folder that counts what it sends."""
        sent = self.sent

        class Files(Handler):
            def end_headers(self) -> None:
                self.send_header("Access-Control-Allow-Origin", "*")  # as Pyodide's public address says
                super().end_headers()

            def copyfile(self, source: BinaryIO, outputfile: BinaryIO) -> None:  # type: ignore[override]
                sent.append(os.fstat(source.fileno()).st_size)
                super().copyfile(source, outputfile)

        made = server(folder, 0)
        made.RequestHandlerClass = lambda *words: Files(*words, directory=str(folder))  # type: ignore[assignment]
        return made


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


@contextmanager
def built(folder: Path, pyodide: Path) -> Iterator[Site]:
    """The site, built into `folder`/site and served; pyodide: the folder of the Pyodide to serve from elsewhere."""
    out, site = folder / "site", Site()
    build(out, None)
    shutil.copy(out / "favicon.ico", folder)  # a browser asks the host for it, before a page names its own
    with serving(site.serve(pyodide)) as elsewhere, serving(site.serve(folder)) as here:
        start = out / "static" / "nnlab" / "pyodide.js"
        assert PUBLIC in start.read_text()
        start.write_text(start.read_text().replace(PUBLIC, elsewhere))
        config = out / "jupyter-lite.json"
        read = json.loads(config.read_text())
        read["jupyter-config-data"]["exposeAppInBrowser"] = True  # window.jupyterapp, to ask about cells
        config.write_text(json.dumps(read))
        site.url = f"{here}site/"  # below the root, as a repository's pages are
        yield site


class SitePage(NotebookPage):
    """A notebook of the site, open in the browser. `left`: the addresses it asked for that are not this machine's."""

    def __init__(self, browser: Browser, site: Site, notebook: str, **named: Any):
        self.site = site
        self.left: list[str] = []
        super().__init__(browser, site, notebook, **named)  # type: ignore[arg-type]

    def _watch(self) -> None:
        self.context.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.left.append(url)

    def ready(self) -> None:
        self.until("nn.ready()", seconds=240)

    def load(self, notebook: str) -> None:
        """Another notebook's page in the same window: all is loaded anew, and its kernel is a new one."""
        self.name, self.ran = notebook, []
        self.page.goto(self.site.address(notebook))

    def switch(self, notebook: str) -> None:
        """The cells of another notebook in the same page, for the same kernel: it saves its start."""
        script = """async path => {
            const model = await jupyterapp.serviceManager.contents.get(path, {content: true});
            nn.notebook().context.model.fromJSON(model.content);
        }"""
        self.name, self.ran = notebook, []
        self.ask(script, f"notebooks/{notebook}")

    def file(self, name: str) -> Any:
        """What a file holds that the kernel wrote on the reader's drive, as JSON."""
        script = "async name => (await jupyterapp.serviceManager.contents.get(name, {content: true})).content"
        return json.loads(base64.b64decode(self.ask(script, name)))
