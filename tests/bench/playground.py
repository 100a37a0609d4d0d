"""Measures in a real JupyterLab in Chromium how the Playground trains on the screen, with 3 layers of 8 neurons: the
frames painted a second, how soon Pause, Step, Restart and Reset answer to a key, whether frames still come after
Pause, and what a frame costs the kernel. Other work on the machine makes all of it slower.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from nnlab.dev.options import Parser, parse_or_leave
from nnlab.dev.say import Trouble, say
from tests.bench.sliders import notebook, p95, reached, versions
from tests.browser.jupyterlab import Lab, NotebookPage, chromium

SHOW = """
import json, time
from nnlab.explore import playground

explorer = playground(data="spiral", hidden=[8, 8, 8], activation="tanh", lr=0.01)
explorer
"""

# Where the kernel's time of a frame goes: steps, computing what is seen, drawing, packing.
TIMED = """
from nnlab.explore import explorer as module

spent = {"frame": [], "processor": [], "compute": [], "draw": [], "pack": []}

def timed(name, act):
    def wrapped(*args, **options):
        start, busy = time.perf_counter(), time.process_time()
        result = act(*args, **options)
        spent[name].append(1000 * (time.perf_counter() - start))
        if name == "frame":
            spent["processor"].append(1000 * (time.process_time() - busy))
        return result
    return wrapped

explorer._compute = timed("compute", explorer._compute)
explorer._canvas.draw = timed("draw", explorer._canvas.draw)
module.encode_png = timed("pack", module.encode_png)
explorer.advance = timed("frame", explorer.advance)
started = explorer.data.steps
"""

READ = "print(json.dumps({**spent, 'redraws': explorer._canvas.redraws, 'steps': explorer.data.steps - started}))"

GOALS = {"frames": 15.0, "answer": 150.0}
AFTER_PAUSE = 4  # frames that may still be under way when Pause is pressed


@dataclass
class Figures:
    """What was measured; times in milliseconds."""

    frames: float = 0.0  # painted a second
    answers: dict[str, list[float]] = field(default_factory=dict)  # button: from the key to what it does, seen
    late: list[int] = field(default_factory=list)  # frames painted after Pause had answered
    kernel: dict[str, list[float]] = field(default_factory=dict)
    redraws: int = 0
    steps: float = 0.0  # of training, a second


class Bench:
    """Drives the Playground of one notebook by keyboard."""

    def __init__(self, page: NotebookPage, figures: Figures):
        self.nb, self.figures = page, figures
        self.cell = page.page.locator(".jp-Cell").first

    def press(self, text: str) -> float:
        """Press a button by keyboard; when the key went down, in the page's milliseconds."""
        button = self.cell.get_by_role("button", name=text, exact=True)
        button.focus()
        first = self.nb.ask("nn_keys.keydown.length")
        self.nb.page.keyboard.press("Enter")
        return float(self.nb.ask("first => nn_keys.keydown[first]", first))

    def watch(self) -> None:
        """Look at the picture, and at the first button's word, on every screen frame."""
        self.nb.ask(
            """() => {
            nn.watch(0);
            const button = nn.cells()[0].node.querySelector('.jupyter-button');
            nn.words = [];
            let last = button.textContent;
            const look = now => {
                if (button.textContent !== last) { last = button.textContent; nn.words.push([now, last]); }
                if (nn.watched.on) requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        }"""
        )

    def play(self, seconds: float) -> None:
        """Let it run, count the frames, and pause."""
        self.watch()
        self.press("Play")
        self.nb.until("nn.watched.changes.length > 5")
        start = self.nb.ask("performance.now()")
        self.nb.page.wait_for_timeout(1000 * seconds)
        end = self.nb.ask("performance.now()")
        changes = self.nb.ask("nn.watched.changes")
        self.figures.frames = sum(start < at <= end for at in changes) / (end - start) * 1000
        self.pause()

    def pause(self, text: str = "Pause") -> None:
        """Press Pause (or what else ends a run): how soon the first button says Play, and what is painted after it."""
        down = self.press(text)
        answered, _ = self.nb.until("nn.words.length && nn.words.at(-1)[1] === 'Play' && nn.words.at(-1)")
        self.nb.page.wait_for_timeout(600)
        late = [at for at in self.nb.ask("nn.watched.changes") if at > answered]
        name = text if text == "Pause" else f"{text} while it runs"
        self.figures.answers.setdefault(name, []).append(answered - down)
        self.figures.late.append(len(late))
        self.nb.ask("nn.stop()")

    def answer(self, text: str) -> None:
        """Press a button while it stands still: how soon the picture changes."""
        self.watch()
        down = self.press(text)
        changed = self.nb.until("nn.watched.changes[0]")
        self.figures.answers.setdefault(text, []).append(changed - down)
        self.nb.page.wait_for_timeout(150)
        self.nb.ask("nn.stop()")

    def rounds(self, rounds: int) -> None:
        """Each button, again and again, always out of a run that has just begun."""
        for number in range(rounds):
            for text in ("Pause", "Restart", "Reset"):
                self.watch()
                self.press("Play")
                self.nb.until("nn.watched.changes.length > 3")
                self.nb.page.wait_for_timeout(100 + 37 * number % 90)
                self.pause(text)
            for text in ("Step", "Restart", "Step", "Reset"):
                self.answer(text)

    def read_kernel(self) -> None:
        """What the kernel took down, from the notebook's last cell."""
        found = json.loads("".join(self.nb.run(2)["outputs"][0]["text"]))
        self.figures.redraws, steps = found.pop("redraws"), found.pop("steps")
        self.figures.kernel = found
        self.figures.steps = 1000 * steps / max(1.0, sum(found["frame"]))


def measure(seconds: float, rounds: int, screenshots: Path | None = None, show: str = SHOW) -> tuple[Figures, str]:
    """All figures of the explorer that the cell `show` makes, and the browser's version."""
    with tempfile.TemporaryDirectory(prefix="nnlab-bench-") as temporary:
        folder, home = Path(temporary, "notebooks"), Path(temporary, "home")
        folder.mkdir()
        home.mkdir()
        (folder / "bench.ipynb").write_text(json.dumps(notebook(show, TIMED, READ)), "utf-8")
        with Lab(folder, home) as lab, chromium() as browser, NotebookPage(browser, lab, "bench.ipynb") as page:
            figures = Figures()
            bench = Bench(page, figures)
            for cell in page.run_all():
                for output in cell["outputs"]:
                    if output["output_type"] == "error":
                        raise Trouble(f"The bench's notebook failed: {output['ename']}: {output['evalue']}")
            page.until("document.querySelectorAll('.jupyter-button').length > 5")
            bench.play(seconds)
            bench.read_kernel()
            if screenshots:
                page.page.screenshot(path=screenshots / "bench.png")
            bench.rounds(rounds)
            return figures, browser.version


def table(f: Figures) -> list[str]:
    """One line a figure."""
    median = statistics.median
    lines = [f"{'painted frames a second':38}{f.frames:8.1f}"]
    for text, times in f.answers.items():
        lines.append(f"{text + ' answers, median':38}{median(times):8.0f} ms   (95 in 100: {p95(times):.0f})")
    for name, times in f.kernel.items():
        what = "a frame in the kernel, with its steps" if name == "frame" else f"  of it {name}"
        lines.append(f"{what:38}{median(times):8.1f} ms")
    lines.append(f"{'everything drawn again':38}{f.redraws:8} times in {len(f.kernel['draw'])} frames")
    return lines


def verdicts(f: Figures) -> list[str]:
    """Each figure to reach, and whether it was."""
    found = [(f.frames >= GOALS["frames"], f"at least {GOALS['frames']:.0f} frames a second: {f.frames:.1f}")]
    for text, times in f.answers.items():
        slow = statistics.median(times)
        found.append((slow <= GOALS["answer"], f"{text} answers within {GOALS['answer']:.0f} ms: {slow:.0f} ms"))
    most = max(f.late)
    found.append((most <= AFTER_PAUSE, f"no frames queue up after Pause: {most} at most in {len(f.late)} times"))
    return reached(found)


def main(argv: list[str], name: str = "playground", show: str = SHOW, about: str | None = __doc__) -> int:
    """Measure and print the table; returns the exit status."""
    parser = Parser(f"bench {name}", about)
    parser.add_argument("--seconds", type=float, default=8.0, help="how long it plays while frames are counted")
    parser.add_argument("--rounds", type=int, default=12, help="how often each button is pressed")
    parser.add_argument("--screenshots", type=Path, help="a folder for a picture of the page")
    args = parse_or_leave(parser, argv)
    try:
        figures, browser = measure(args.seconds, args.rounds, args.screenshots, show)
    except Trouble as error:
        print(error, file=sys.stderr)
        return 1
    say("\n".join([versions(browser), "", *table(figures), "", *verdicts(figures)]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
