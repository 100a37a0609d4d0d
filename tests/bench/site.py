"""Measures the course in a browser (`python3 -m nnlab site`) next to the same notebook in a JupyterLab of this
machine, in one run: the first picture after a first visit, from a key to the changed picture, the Playground's frames a
second, an epoch of MNIST, and the bytes of a first visit, uncompressed. Other work on the machine makes both slower.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from nnlab.dev.environment import pyodide
from nnlab.dev.options import Parser, parse_or_leave
from nnlab.dev.say import Trouble, say
from nnlab.dev.site.pages import KERNEL
from tests.bench.playground import SHOW
from tests.bench.sliders import notebook, p95, reached, versions
from tests.browser.jupyterlab import Lab, NotebookPage, chromium
from tests.browser.site import SitePage, built

FIRST = "from nnlab import explore\n\nexplore.neuron_explorer()"

EPOCH = """
from time import perf_counter

import numpy as np

from nnlab.datasets import mnist
from nnlab.scratch import MLP, Adam, CrossEntropyLoss, fit

images, labels = mnist("train")
x = (images.reshape(-1, 784) / 255).astype(np.float32)
rng = np.random.default_rng(0)
net = MLP([784, 128, 10], rng=rng, dtype=np.float32)
begun = perf_counter()
steps = list(fit(net, CrossEntropyLoss(), Adam(net.params, lr=1e-3), x, labels, epochs=1, batch_size=64, rng=rng))
print(perf_counter() - begun)
"""

NAME = "01_neuron.ipynb"  # in its place stands the notebook that is measured
GOALS = {"picture": 25.0, "key": 50.0, "frames": 15.0, "visit": 40e6}


@dataclass
class Figures:
    """What was measured. picture: seconds from the address to the first picture; keys: milliseconds to the changed
    picture, each; frames: painted a second while the Playground plays; epoch: seconds; visit: bytes until the picture,
    where they were counted."""

    picture: float = 0.0
    keys: list[float] = field(default_factory=list)
    frames: float = 0.0
    epoch: float = 0.0
    visit: int | None = None


def drive(page: NotebookPage, begun: float, moves: int, seconds: float, sent: list[int] | None = None) -> Figures:
    """Run the notebook's three cells one by one. begun: when its address was given to the browser."""
    figures = Figures()
    page.ready()
    shown(page, 0)
    figures.picture = time.perf_counter() - begun
    figures.visit = sum(sent) if sent else None
    page.page.locator(".noUi-handle").first.focus()
    page.ask("nn.watch(0)")
    for move in range(moves):
        page.page.keyboard.press("ArrowRight" if move % 20 < 10 else "ArrowLeft")
        page.until("nn.watched.sharp.at(-1) > nn_keys.keydown.at(-1)")
        page.page.wait_for_timeout(60 + 37 * move % 80)  # never in step with the screen
    watch, keys = page.ask("nn.stop()"), page.ask("nn_keys.keydown")
    pictures = sorted(watch["changes"] + watch["sharp"])
    figures.keys = [next(at for at in pictures if at > down) - down for down in keys]
    shown(page, 1)
    play = page.page.locator(".jp-Cell").nth(1).get_by_role("button", name="Play", exact=True)
    page.ask("nn.watch(1)")
    play.click()
    page.until("nn.watched.changes.length > 5", seconds=60)
    start = page.ask("performance.now()")
    page.page.wait_for_timeout(1000 * seconds)
    end = page.ask("performance.now()")
    figures.frames = sum(start < at <= end for at in page.ask("nn.stop()")["changes"]) / (end - start) * 1000
    page.page.locator(".jp-Cell").nth(1).get_by_role("button", name="Pause", exact=True).click()
    figures.epoch = float("".join(page.run(2, seconds=400)["outputs"][-1]["text"]))
    return figures


def shown(page: NotebookPage, cell: int) -> None:
    """Run a cell, and wait for its picture."""
    for output in page.run(cell, seconds=120)["outputs"]:
        if output["output_type"] == "error":
            raise Trouble(f"The bench's notebook failed: {output['ename']}: {output['evalue']}")
    page.until("index => nn.picture(index)?.naturalWidth > 100", cell, seconds=60)


def measure(moves: int, seconds: float) -> tuple[dict[str, Figures], str]:
    """The figures of both, and the browser's version. Raises Trouble where there is no Pyodide or no browser."""
    source = pyodide.fetch(Path(sys.executable))
    content = notebook(FIRST, SHOW, EPOCH)
    found = {}
    with tempfile.TemporaryDirectory(prefix="nnlab-bench-") as temporary, chromium() as browser:
        folder = Path(temporary)
        for name in ("notebooks", "home"):
            (folder / name).mkdir()
        (folder / "notebooks" / NAME).write_text(json.dumps(content), "utf-8")
        with Lab(folder / "notebooks", folder / "home") as lab:
            found["native"] = visit(browser, NotebookPage, lab, moves, seconds)
        with built(folder, source) as site:
            content["metadata"] = {"kernelspec": KERNEL}
            (folder / "site" / "files" / "notebooks" / NAME).write_text(json.dumps(content), "utf-8")
            found["browser"] = visit(browser, SitePage, site, moves, seconds)
        return found, browser.version


def visit(browser: Browser, kind: type[NotebookPage], place: Any, moves: int, seconds: float) -> Figures:
    """Open the notebook's page and measure. place: the Lab or the Site."""
    begun = time.perf_counter()
    with kind(browser, place, NAME, frames=False) as page:
        return drive(page, begun, moves, seconds, getattr(place, "sent", None))


def table(found: dict[str, Figures]) -> list[str]:
    """One line a figure, one column a page."""
    rows = {
        "first picture": (lambda f: f.picture, "s"),
        "key to changed pixels, median": (lambda f: statistics.median(f.keys), "ms"),
        "key to changed pixels, 95 in 100": (lambda f: p95(f.keys), "ms"),
        "Playground, frames a second": (lambda f: f.frames, ""),
        "MNIST epoch, 784-128-10, batch 64": (lambda f: f.epoch, "s"),
    }
    lines = [f"{'':36}" + "".join(f"{name:>12}" for name in found)]
    for title, (value, unit) in rows.items():
        lines.append(f"{title:36}" + "".join(f"{f'{value(f):.1f} {unit}':>12}" for f in found.values()))
    visited = f"{(found['browser'].visit or 0) / 1e6:.1f} MB"
    return [*lines, f"{'first visit':36}{'':12}{visited:>12}"]


def verdicts(figures: Figures) -> list[str]:
    """Each figure to reach, and whether it was."""
    picture, key, visited = figures.picture, statistics.median(figures.keys), figures.visit or 0
    found = [
        (picture <= GOALS["picture"], f"first picture within {GOALS['picture']:.0f} s: {picture:.1f} s"),
        (key <= GOALS["key"], f"key to pixels within {GOALS['key']:.0f} ms at the median: {key:.0f} ms"),
        (figures.frames >= GOALS["frames"], f"at least {GOALS['frames']:.0f} frames a second: {figures.frames:.1f}"),
        (visited <= GOALS["visit"], f"first visit of at most {GOALS['visit'] / 1e6:.0f} MB: {visited / 1e6:.1f} MB"),
    ]
    return reached(found)


def main(argv: list[str]) -> int:
    """Measure and print the table; returns the exit status."""
    parser = Parser("bench site", __doc__)
    parser.add_argument("--rounds", type=int, default=34, help="how many keys are pressed on each page")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long the Playground plays")
    args = parse_or_leave(parser, argv)
    try:
        found, browser = measure(args.rounds, args.seconds)
    except Trouble as error:
        print(error, file=sys.stderr)
        return 1
    say("\n".join([versions(browser), "", *table(found), "", *verdicts(found["browser"])]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
