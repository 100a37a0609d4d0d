"""A real JupyterLab in a real Chromium, driven by keyboard and mouse: for the browser tests and the benches.

Runs in the finished environment, so it may import Playwright. Nothing outside the temporary folder is written: no
setting, workspace or kernel of the user is touched.
"""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from nnlab.dev.commands.lab import lab_env
from nnlab.dev.computer.chromium import CURE, find_browser
from nnlab.dev.say import Trouble

FLAGS = (
    "--no-sandbox",  # containers run as root, where the sandbox refuses to start; only our own pages are opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# what `nnlab site` builds with is an extension of JupyterLab, too, which finds that it does not run in JupyterLite
LITE = "Shared module @jupyterlite/server doesn't exist"
# what JupyterLab says of requests that a closed notebook's kernel no longer answers, also when the next is open already
CLOSED = "Canceled future for"
DEADLINE = 60.0  # seconds until JupyterLab must answer


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium without a window, for as long as the block runs."""
    program = find_browser()
    if program is None:
        raise Trouble(f"There is no browser to test with: {CURE}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Lab:
    """A JupyterLab on a free port of this machine, serving `folder`; `home` takes its settings and its log."""

    def __init__(self, folder: Path, home: Path, **env: str):
        self.folder, self.home = folder, home
        self.token = secrets.token_hex(16)
        self.log = home / "jupyterlab.log"
        settings = home / "settings"
        write_setting(settings, "notebook-extension/tracker", windowingMode="none")  # all cells are in the page
        write_setting(settings, "docmanager-extension/plugin", autosave=False)
        names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        places = {name: home / name.lower() for name in names}
        places |= {"JUPYTERLAB_SETTINGS_DIR": settings, "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces"}
        self._env = lab_env(Path(sys.executable), **{name: str(place) for name, place in places.items()}, **env)
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Lab:
        for _ in range(3):  # between finding a free port and taking it, another program may take it
            port = free_port()
            self.url = f"http://127.0.0.1:{port}"
            argv = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *self._options(port)]
            with self.log.open("wb") as log:
                self._server = subprocess.Popen(argv, env=self._env, cwd=self.folder, stdout=log, stderr=log)
            if self._answers():
                return self
            self.__exit__()
        raise Trouble(f"JupyterLab did not start. The end of its log:\n{self.log.read_text(errors='replace')[-2000:]}")

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._server.terminate()  # it ends its kernels, then itself
            try:
                self._server.wait(20)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None

    def _options(self, port: int) -> list[str]:
        return [
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self.folder}",
            f"--IdentityProvider.token={self.token}",
            "--LabApp.expose_app_in_browser=True",  # window.jupyterapp, to ask about cells and kernels
        ]

    def _answers(self) -> bool:
        assert self._server is not None
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end and self._server.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/api/status?token={self.token}", timeout=5).close()
                return True
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        return False

    def address(self, notebook: str, alone: bool = True) -> str:
        """The page of a notebook: with nothing next to it, or in the whole of JupyterLab."""
        mode = "doc" if alone else f"lab/workspaces/{secrets.token_hex(4)}"
        return f"{self.url}/{mode}/tree/{notebook}?token={self.token}"


def write_setting(settings: Path, plugin: str, **values: Any) -> None:
    """A setting of JupyterLab, as its own settings editor would store it."""
    file = settings / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(values))


def free_port() -> int:
    """A port of this machine that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# In the page: small functions that ask JupyterLab, and a watch that looks at a cell's picture on every screen frame. It
# counts the plain pictures of what moves (changes) apart from those with two dots a pixel of what rests (sharp).
SCRIPT = """
window.nn = {
  notebook() { return window.jupyterapp?.shell.currentWidget; },
  kernel() { return this.notebook()?.context?.sessionContext?.session?.kernel; },
  cells() { return this.notebook().content.widgets; },
  ready() {
    const session = this.notebook()?.context?.sessionContext;
    return !!(session && session.isReady && this.notebook().context.isReady && this.kernel()?.status === 'idle');
  },
  async run_all() {
    const ran = await window.jupyterapp.commands.execute('notebook:run-all-cells');
    return ran !== false;
  },
  async run(index) {
    this.notebook().content.activeCellIndex = index;
    return await window.jupyterapp.commands.execute('notebook:run-cell');
  },
  rests() {  // asked many times a second, so without the outputs
    const waits = (cell) => cell.promptNode?.textContent.includes('*');
    return this.kernel()?.status === 'idle' && !this.cells().some(waits);
  },
  state() {
    return this.cells().map((cell, index) => ({
      index, type: cell.model.type, source: cell.model.sharedModel.getSource(),
      count: cell.model.executionCount ?? null,
      outputs: cell.model.type === 'code' ? cell.model.outputs.toJSON() : [],
    }));
  },
  async close() {
    const notebook = this.notebook();
    await notebook?.context.sessionContext.shutdown();
    notebook?.dispose();
  },
  picture(index) { return this.cells()[index].node.querySelector('.jp-OutputArea-output img'); },
  watch(index) {
    this.stop();
    const src = this.picture(index)?.src;
    const watch = this.watched = {index, on: true, frames: 0, changes: [], sharp: [], bad: [], src};
    const box = this.picture(index).getBoundingClientRect();
    const look = (now) => {
      if (!watch.on) return;
      const img = this.picture(index), seen = img?.getBoundingClientRect();
      watch.frames += 1;
      if (!img) watch.bad.push(['no picture', now]);
      else if (!img.complete || !img.naturalWidth) watch.bad.push(['blank', now]);
      else if (seen.height < 0.9 * box.height || seen.width < 0.9 * box.width) watch.bad.push(['collapsed', now]);
      else if (img.src !== watch.src) {
        const asked = Number(img.getAttribute('width')) || seen.width;
        watch.src = img.src;
        (img.naturalWidth > 1.5 * asked ? watch.sharp : watch.changes).push(now);
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  },
  stop() { if (this.watched) this.watched.on = false; return this.watched; },
};
window.nn_keys = {keydown: [], keyup: []};
for (const kind of ['keydown', 'keyup']) {
  addEventListener(kind, (event) => window.nn_keys[kind].push(event.timeStamp), true);
}
"""


class NotebookPage:
    """One notebook open in the browser."""

    def __init__(
        self,
        browser: Browser,
        lab: Lab,
        notebook: str,
        width: int = 1280,
        alone: bool = True,
        dots: int = 1,
        frames: bool = True,
    ):
        """dots: of the screen, for each pixel of the page. frames: count what goes to and fro, which costs time."""
        self.context = browser.new_context(viewport={"width": width, "height": 900}, device_scale_factor=dots)
        self.page: Page = self.context.new_page()
        self.page.add_init_script(SCRIPT)
        self.name = notebook
        self.ran: list[dict[str, Any]] = []  # the cells after run_all
        self.console: list[str] = []
        self.page.on("console", lambda message: self._said(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self._said(str(error)))
        self.received = 0  # bytes from the kernel
        self.sent: list[str | bytes] = []  # messages to the kernel
        if frames:
            self.page.on("websocket", lambda socket: socket.on("framereceived", self._count))
            self.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: self.sent.append(frame)))
        self._watch()
        self.page.goto(lab.address(notebook, alone))

    def __enter__(self) -> NotebookPage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, notebook: str) -> None:
        """Another notebook in place of this one, whose kernel ends: JupyterLab need not start anew."""
        self.ask("nn.close()")
        self.name, self.ran = notebook, []
        self.console.clear()
        self.ask("async path => { await jupyterapp.commands.execute('docmanager:open', {path}); }", notebook)

    def close(self) -> None:
        """End the kernel, then the page."""
        try:
            self.page.evaluate("nn.close()")
        finally:
            self.context.close()

    def _watch(self) -> None:
        """What else to listen to, before the page is opened."""

    def _said(self, text: str) -> None:
        if LITE not in text and CLOSED not in text:
            self.console.append(text)

    def _count(self, payload: str | bytes) -> None:
        self.received += len(payload)

    def ask(self, script: str, argument: Any = None) -> Any:
        """The value of JavaScript in the page."""
        return self.page.evaluate(script, argument)

    def until(self, script: str, argument: Any = None, seconds: float = 30) -> Any:
        """Wait until JavaScript gives something true, and return it."""
        return self.page.wait_for_function(script, arg=argument, timeout=seconds * 1000, polling=20).json_value()

    def ready(self) -> None:
        """Wait until the kernel answers."""
        self.until("nn.ready()", seconds=90)

    def run_all(self, seconds: float = 400) -> list[dict[str, Any]]:
        """Run all cells, and wait until the last has its number and the kernel rests; the cells' states."""
        self.ready()
        self.ask("() => { nn.done = null; nn.run_all().then(ok => { nn.done = {ok}; }); }")
        self.until("nn.done", seconds=seconds)
        self.idle()
        self.ran = self.cells()
        return self.ran

    def run(self, index: int, seconds: float = 60) -> dict[str, Any]:
        """Run one cell, and wait for its end; its state."""
        self.ask("index => { nn.done = null; nn.run(index).then(ok => { nn.done = {ok}; }); }", index)
        self.until("nn.done", seconds=seconds)
        self.idle()
        return self.cells()[index]

    def idle(self, seconds: float = 60) -> None:
        """Wait until the kernel rests and no cell waits for it."""
        self.until("nn.rests()", seconds=seconds)

    def cells(self) -> list[dict[str, Any]]:
        """Each cell's type, source, number and outputs."""
        return list(self.ask("nn.state()"))

    def theme(self, name: str) -> None:
        """Change to 'JupyterLab Light' or 'JupyterLab Dark'."""
        self.ask("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
        dark = str("Dark" in name).lower()
        self.until("dark => document.body.dataset.jpThemeLight !== dark", dark)
        self.until("!document.querySelector('#jupyterlab-splash')")  # the curtain while the colours change
