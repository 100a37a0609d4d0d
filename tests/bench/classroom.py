"""Measures a class on one machine: students who each open a kernel at the same moment, run a chapter, move a slider and
check an exercise, wrong and right. All at once is the worst minute of a lesson. Memory is what each kernel holds alone
(its share of what several use counts in part): add JupyterLab's server and the pages, which live on the students' side.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from jupyter_client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from nnlab.course import CHAPTERS, Chapter
from nnlab.dev.options import Parser, parse_or_leave
from nnlab.dev.say import say

LONGEST = 3600.0  # seconds for one cell; thirty students on two processors are slow
MOVE = """
from nnlab import explore as _explore
from nnlab.explore.controls import Slider as _Slider
_made = (getattr(_explore, name + "_explorer")() for name in {names!r})
_one, _slider = next((one, k) for one in _made for k, c in one.controls.items() if isinstance(c, _Slider))
_least, _most = _one.controls[_slider].min, _one.controls[_slider].max
"""
STEP = "_one.set(**{{_slider: _least + (_most - _least) * {share}}}); _one.frame(); None"
CHECK = """
from nnlab.exercises import ALL as _ALL, check as _check
_exercise, _space = _ALL[{id!r}], {{}}
exec("import numpy as np\\n" + _exercise.solution, _space)
exec({source}, _space)
_check({id!r}, *(_space[name] for name in _exercise.names))
"""


@dataclass
class Lesson:
    """What one student met: seconds until the kernel answers and for all cells, of each move and each check; bytes and
    threads of the kernel at the end."""

    opened: float
    chapter: float
    moves: list[float]
    checks: list[float]
    memory: int
    threads: int


def run(client: BlockingKernelClient, *sources: str) -> float:
    """Run cells and return the seconds until the end of the last. Raises RuntimeError for an error in one."""
    start = time.perf_counter()
    for source in sources:
        reply = client.execute_interactive(source, timeout=LONGEST, output_hook=lambda message: None)["content"]
        if reply["status"] != "ok":
            raise RuntimeError(f"{reply['ename']}: {reply['evalue']}\n{source}")
    return time.perf_counter() - start


def held(pid: int) -> tuple[int, int]:
    """Bytes and threads of a process and its children; memory that several processes share counts in part (Linux), or
    in full."""
    parts = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    used = [part.memory_full_info() for part in parts]
    return sum(getattr(one, "pss", one.rss) for one in used), sum(part.num_threads() for part in parts)


def lesson(chapter: Chapter, folder: Path, moves: int) -> Lesson:
    """One student: a kernel with a progress file of its own."""
    folder.mkdir()
    cells = [cell.source for cell in nbformat.read(chapter.notebook, 4).cells if cell.cell_type == "code"]
    start = time.perf_counter()
    env = {**os.environ, "NNLAB_PROGRESS": str(folder / "progress.json")}
    where, quiet = str(chapter.notebook.parent), subprocess.DEVNULL
    manager, client = start_new_kernel(startup_timeout=LONGEST, cwd=where, env=env, stderr=quiet)
    opened = time.perf_counter() - start
    try:
        whole = run(client, *cells)
        run(client, MOVE.format(names=chapter.explorers))
        moved = [run(client, STEP.format(share=i / moves)) for i in range(moves)]
        id = next(iter(chapter.exercises))
        sources = ("next(iter(_exercise.wrong.values())).source", "_exercise.solution")
        checked = [run(client, CHECK.format(id=id, source=source)) for source in sources]
        return Lesson(opened, whole, moved, checked, *held(getattr(manager.provisioner, "pid", 0)))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def main(argv: list[str]) -> int:
    """Measure and print the table; returns the exit status."""
    parser = Parser("bench classroom", __doc__)
    parser.add_argument("--students", type=int, nargs="+", default=[1, 10, 30], help="how many at once (1 10 30)")
    parser.add_argument("--chapters", nargs="+", default=["02"], help="numbers such as 05; `all` for each (02)")
    parser.add_argument("--rounds", type=int, default=20, help="moves of a slider (20)")
    args = parse_or_leave(parser, argv)
    wanted = [one for one in CHAPTERS if one.explorers and (one.number in args.chapters or args.chapters == ["all"])]
    say("            kernel     whole      a move, ms     a check, ms    of a kernel:")
    say("students    opens    chapter      p50     p95      p50    worst          MB  threads")
    for chapter in wanted:
        for students in args.students:
            with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(students) as pool:
                places = [Path(folder) / str(i) for i in range(students)]
                found = list(pool.map(lambda place, chapter=chapter: lesson(chapter, place, args.rounds), places))
            say(row(chapter.number, students, found))
    return 0


def row(number: str, students: int, found: list[Lesson]) -> str:
    """One line of the table."""
    moves = sorted(1e3 * seconds for one in found for seconds in one.moves)
    checks = [1e3 * seconds for one in found for seconds in one.checks]
    opened, whole = (statistics.median(getattr(one, name) for one in found) for name in ("opened", "chapter"))
    megabytes = statistics.median(one.memory for one in found) / 1e6
    threads = statistics.median(one.threads for one in found)
    p95 = moves[min(len(moves) - 1, int(0.95 * len(moves)))]
    return (
        f"{number}  {students:4}  {opened:7.1f} s {whole:7.1f} s  {statistics.median(moves):7.0f} {p95:7.0f}  "
        f"{statistics.median(checks):7.0f}  {max(checks):7.0f}  {megabytes:10.0f}  {threads:7.0f}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
