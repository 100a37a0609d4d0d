"""Measures how long a chapter's kernel takes to run all cells: alone, beside a busy process, and three of them at once;
with the threads that learners get (one for each library, see nnlab/threads.py) and with one for every core. Run it on a
quiet machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from nnlab.dev import paths
from nnlab.dev.computer import processor
from nnlab.dev.options import Parser, parse_or_leave
from nnlab.dev.say import say
from nnlab.threads import COMMON, OWN

MOST = 3.0  # times as long as alone: three at once, and one beside a busy process
RUN = """
import sys
from pathlib import Path
from nnlab.dev.inside.execute import execute, read
path = Path(sys.argv[1])
execute(read(path), path.parent)
"""


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Other work on the machine for as long as the block runs."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def fastest(rounds: int, chapter: str, at_once: int, threads: str) -> float:
    """The least `seconds` of several rounds."""
    return min(seconds(chapter, at_once, threads) for _ in range(rounds))


def seconds(chapter: str, at_once: int, threads: str) -> float:
    """How long `at_once` kernels take that run this chapter's notebook, started together."""
    (notebook,) = paths.NOTEBOOKS.glob(f"{chapter}_*.ipynb")
    env = {name: value for name, value in os.environ.items() if name not in (OWN, *COMMON)}
    if threads:
        env[OWN] = threads
    start = time.perf_counter()
    runs = [subprocess.Popen([sys.executable, "-c", RUN, str(notebook)], env=env) for _ in range(at_once)]
    try:
        if any([run.wait() for run in runs]):
            raise RuntimeError(f"{notebook.name} failed")
    finally:
        for run in runs:
            run.kill()  # Ctrl-C leaves no kernel behind
    return time.perf_counter() - start


def main(argv: list[str]) -> int:
    """Measure and print the table; returns the exit status."""
    parser = Parser("bench kernels", __doc__)
    parser.add_argument("--rounds", type=int, default=1, help="how often each is measured; the fastest counts")
    parser.add_argument("--chapters", nargs="+", default=["05", "06", "12"], help="numbers such as 05")
    args = parse_or_leave(parser, argv)
    say(f"{'':24}alone  beside a busy process  three at once")
    for chapter in args.chapters:
        for threads, name in (("", "one thread"), (str(processor.cores()), f"{processor.cores()} threads")):
            alone = fastest(args.rounds, chapter, 1, threads)
            with busy(1):
                beside = fastest(args.rounds, chapter, 1, threads)
            three = fastest(args.rounds, chapter, 3, threads)
            row = f"{chapter}, {name:18} {alone:6.1f} s {beside:11.1f} s ({beside / alone:.1f}) "
            say(f"{row}{three:10.1f} s ({three / alone:.1f})" + ("" if threads else f"   at most {MOST:.0f} wanted"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
