"""Measures in a real JupyterLab in Chromium how fast a picture follows its slider: nnlab's Explorer and the usual way
(ipywidgets.interact with a pyplot figure), the same eight curves in both, in turns so that both meet the same
conditions. Other work on the machine makes both slower: read the ratio, not the milliseconds.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import nbformat.v4 as nb

from nnlab import __version__
from nnlab.dev.options import Parser, parse_or_leave
from nnlab.dev.say import Trouble, say
from tests.browser.jupyterlab import Lab, NotebookPage, chromium

COMMON = """
import json, time
import numpy as np
import ipywidgets

x = np.linspace(0, 10, 400)

def curves(phase):
    return [np.sin((k + 1) * x / 4 + phase) * np.exp(-x / (k + 3)) for k in range(8)]

times, name = {}, {}  # milliseconds in the kernel of each move, by slider
handle = ipywidgets.Widget._handle_msg

def timed(self, message):
    start = time.perf_counter()
    handle(self, message)
    times.setdefault(name.get(self.model_id), []).append(1000 * (time.perf_counter() - start))

ipywidgets.Widget._handle_msg = timed
"""

USUAL = """
import matplotlib.pyplot as plt

def picture(phase):
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.5), dpi=100)
    for k, y in enumerate(curves(phase)):
        axes[k // 4].plot(x, y)
    for ax in axes:
        ax.set(xlabel="time", ylabel="height", ylim=(-1.2, 1.2), title="Four damped waves")
        ax.grid(True)
    plt.show()

slider = ipywidgets.FloatSlider(min=0, max=30, step=0.05, value=5)
name[slider.model_id] = "usual"
ipywidgets.interact(picture, phase=slider);
"""

OURS = """
from nnlab.explore import Explorer, Slider

class View:
    def __init__(self, figure):
        self.axes = figure.subplots(1, 2)
        self.lines = [self.axes[k // 4].plot(x, x, animated=True)[0] for k in range(8)]
        for ax in self.axes:
            ax.set(xlabel="time", ylabel="height", ylim=(-1.2, 1.2), title="Four damped waves")

    def update(self, ys):
        for line, y in zip(self.lines, ys):
            line.set_ydata(y)

explorer = Explorer(
    compute=curves, draw=View, controls={"phase": Slider(0.0, 30.0, 0.05, 5.0)}, alt="Eight damped waves."
)
display(explorer)
name[explorer._shown.widgets["phase"].model_id] = "ours"
"""

READ = "print(json.dumps({str(way): each for way, each in times.items()}))"

CELLS = {"usual": 1, "ours": 2}  # where each stands in the notebook
TITLES = {"usual": "usual way", "ours": "explorer"}
PERIOD = 1 / 30  # seconds after which a held key repeats
HELD = 2.5  # seconds
QUIET = 700  # milliseconds without a new picture: it has settled
GOALS = {"ratio": 4.0, "settle": 250.0, "kernel": 25.0}


@dataclass
class Figures:
    """What was measured of one way; times in milliseconds."""

    pixels: list[float] = field(default_factory=list)  # from the key to the changed picture, per move
    painted: list[float] = field(default_factory=list)  # new pictures a second while a key is held, per round
    settle: list[float] = field(default_factory=list)  # from the key's release to the last picture, per round
    sharp: list[int] = field(default_factory=list)  # pictures with two dots a pixel after the last plain one, per round
    bad: int = 0  # screen frames on which the picture was missing, blank or collapsed
    frames: int = 0  # screen frames looked at
    kernel: list[float] = field(default_factory=list)
    bytes: list[float] = field(default_factory=list)  # received a move


class Bench:
    """Drives the two sliders of one notebook."""

    def __init__(self, page: NotebookPage):
        self.nb = page
        self.figures = {way: Figures() for way in CELLS}

    def focus(self, way: str) -> None:
        """Bring a way's picture into view and give its slider the keyboard."""
        cell = self.nb.page.locator(".jp-Cell").nth(CELLS[way])
        cell.locator(".jp-OutputArea-output img").scroll_into_view_if_needed()
        cell.locator(".noUi-handle").focus()
        self.nb.ask("index => nn.watch(index)", CELLS[way])
        self.nb.until("nn.watched.frames > 2")

    def press(self, way: str, moves: int, key: str) -> None:
        """Single moves, each after the picture of the one before has come, and the sharp one if there is one.

        On a busy machine a page may skip the plain picture and show the sharp one at once: that one counts then."""
        figures = self.figures[way]
        self.focus(way)
        start, first = self.nb.received, self.nb.ask("nn_keys.keydown.length")
        for move in range(moves):
            self.nb.page.keyboard.press(key)
            self.nb.until("[...nn.watched.changes, ...nn.watched.sharp].some(at => at > nn_keys.keydown.at(-1))")
            if way == "ours":
                self.nb.until("nn.watched.sharp.at(-1) > nn_keys.keydown.at(-1)")
            self.nb.page.wait_for_timeout(60 + 37 * move % 80)  # never in step with the screen
        figures.bytes.append((self.nb.received - start) / moves)
        watch, keys = self.nb.ask("nn.stop()"), self.nb.ask("first => nn_keys.keydown.slice(first)", first)
        pictures = sorted(watch["changes"] + watch["sharp"])
        figures.pixels += [next(at for at in pictures if at > down) - down for down in keys]
        figures.bad += len(watch["bad"])
        figures.frames += watch["frames"]

    def hold(self, way: str, key: str) -> None:
        """A key held down, then released."""
        self.focus(way)
        begin = time.perf_counter()
        for repeat in range(int(HELD / PERIOD)):
            self.nb.page.keyboard.down(key)
            time.sleep(max(0.0, begin + (repeat + 1) * PERIOD - time.perf_counter()))
        self.nb.page.keyboard.up(key)
        last = "Math.max(nn_keys.keyup.at(-1), ...nn.watched.changes, ...nn.watched.sharp)"
        self.nb.until(f"performance.now() - {last} > {QUIET}")
        watch, up = self.nb.ask("nn.stop()"), self.nb.ask("nn_keys.keyup.at(-1)")
        figures = self.figures[way]
        figures.painted.append(sum(change < up for change in watch["changes"]) / HELD)
        figures.settle.append(max(0.0, max(watch["changes"] + watch["sharp"]) - up))
        figures.sharp.append(sum(at > watch["changes"][-1] for at in watch["sharp"]))
        figures.bad += len(watch["bad"])
        figures.frames += watch["frames"]

    def read_kernel(self) -> None:
        """The times that the kernel took down, from the notebook's last cell."""
        text = self.nb.run(3)["outputs"][0]["text"]
        for way, times in json.loads("".join(text)).items():
            if way in self.figures:
                self.figures[way].kernel = times


def measure(rounds: int, moves: int) -> tuple[dict[str, Figures], str]:
    """Both ways' figures, and the browser's version."""
    with tempfile.TemporaryDirectory(prefix="nnlab-bench-") as temporary:
        folder, home = Path(temporary, "notebooks"), Path(temporary, "home")
        folder.mkdir()
        home.mkdir()
        (folder / "bench.ipynb").write_text(json.dumps(notebook(COMMON, USUAL, OURS, READ)), "utf-8")
        with Lab(folder, home) as lab, chromium() as browser, NotebookPage(browser, lab, "bench.ipynb") as page:
            bench = Bench(page)
            for cell in page.run_all():
                for output in cell["outputs"]:
                    if output["output_type"] == "error":
                        raise Trouble(f"The bench's notebook failed: {output['ename']}: {output['evalue']}")
            page.until("document.querySelectorAll('.noUi-handle').length === 2")
            for number in range(rounds):
                for way in CELLS:
                    key = "ArrowRight" if number % 2 == 0 else "ArrowLeft"
                    bench.press(way, moves, key)
                    bench.hold(way, key)
            bench.read_kernel()
            return bench.figures, browser.version


def notebook(*sources: str) -> dict[str, object]:
    """A notebook file with these code cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nb.new_code_cell(source.strip()) for source in sources]
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def p95(values: list[float]) -> float:
    """The value that 95 in 100 stay below."""
    return sorted(values)[int(0.95 * (len(values) - 1))]


def versions(browser: str) -> str:
    """What is measured with."""
    names = ("jupyterlab", "ipykernel", "ipywidgets", "matplotlib", "numpy")
    rest = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    python = ".".join(map(str, sys.version_info[:3]))
    return f"nnlab {__version__}, Python {python}, {rest}, Chromium {browser}, {os.cpu_count()} cores"


def table(figures: dict[str, Figures]) -> list[str]:
    """One line a figure, one column a way."""
    median = statistics.median
    rows = {
        "key to changed pixels, median": lambda f: f"{median(f.pixels):.0f} ms",
        "key to changed pixels, 95 in 100": lambda f: f"{p95(f.pixels):.0f} ms",
        "in the kernel, median": lambda f: f"{median(f.kernel):.1f} ms",
        "received a move": lambda f: f"{median(f.bytes) / 1000:.0f} kB",
        "key held: new pictures a second": lambda f: f"{median(f.painted):.1f}",
        "settles after release, longest": lambda f: f"{max(f.settle):.0f} ms",
        "sharp pictures at rest": lambda f: f"{min(f.sharp)} to {max(f.sharp)}",
        "blank or collapsed screen frames": lambda f: f"{f.bad} of {f.frames}",
    }
    lines = [f"{'':36}" + "".join(f"{TITLES[way]:>14}" for way in figures)]
    for title, shown in rows.items():
        lines.append(f"{title:36}" + "".join(f"{shown(f):>14}" for f in figures.values()))
    return lines


def verdicts(figures: dict[str, Figures]) -> list[str]:
    """Each figure to reach, and whether it was."""
    usual, ours = figures["usual"], figures["ours"]
    ratio = statistics.median(usual.pixels) / statistics.median(ours.pixels)
    kernel = statistics.median(ours.kernel)
    found = [
        (ratio >= GOALS["ratio"], f"at least {GOALS['ratio']:.0f} times faster at the median: {ratio:.1f} times"),
        (ours.bad == 0, f"no blank or collapsed frame in {len(ours.pixels)} moves and {len(ours.settle)} held keys"),
        (min(ours.sharp) >= 1, "at rest the sharp picture follows"),
        (
            max(ours.settle) <= GOALS["settle"],
            f"sharp picture included, settles within {GOALS['settle']:.0f} ms: {max(ours.settle):.0f} ms",
        ),
        (kernel <= GOALS["kernel"], f"at most {GOALS['kernel']:.0f} ms in the kernel: {kernel:.1f} ms"),
    ]
    return reached(found)


def reached(goals: list[tuple[bool, str]]) -> list[str]:
    """A line for each goal: whether it was reached, and its text."""
    return [f"{'reached' if good else 'MISSED ':8} {text}" for good, text in goals]


def main(argv: list[str]) -> int:
    """Measure and print the table; returns the exit status."""
    parser = Parser("bench sliders", __doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often both ways take their turn")
    parser.add_argument("--moves", type=int, default=34, help="key presses a turn")
    args = parse_or_leave(parser, argv)
    try:
        figures, browser = measure(args.rounds, args.moves)
    except Trouble as error:
        print(error, file=sys.stderr)
        return 1
    say("\n".join([versions(browser), "", *table(figures), "", *verdicts(figures)]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
