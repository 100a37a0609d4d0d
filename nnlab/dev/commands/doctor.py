"""Says what is there: versions, processor, graphics card, data, browser, disk. What is missing comes with its cure, and
the exit status is 1 if the workbook needs it.
"""

import json
import platform
import shutil
import subprocess
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import nnlab
from nnlab.dev import paths
from nnlab.dev.computer import processor
from nnlab.dev.computer.chromium import CURE, find_browser
from nnlab.dev.computer.containers import cannot_build
from nnlab.dev.computer.data_files import damaged, listed
from nnlab.dev.environment import interpreter, texts
from nnlab.dev.options import Parser
from nnlab.dev.say import Trouble, say


def parse(words: Sequence[str]) -> Namespace:
    """`test`: whether what the tests need is asked about too."""
    parser = Parser("doctor", __doc__)
    parser.add_argument("--test", action="store_true", help="also what `python3 -m nnlab test` needs")
    return parser.parse(words)


class Row(NamedTuple):
    """One line of the report."""

    name: str
    value: str
    cure: str = ""  # empty when all is well
    needed: bool = True

    def __str__(self) -> str:
        mark = "ok" if not self.cure else "MISSING" if self.needed else "note"
        return f"{mark:9}{self.name:14}{self.value}"


def cures(rows: list[Row]) -> list[str]:
    """Each cure once, with what it cures."""
    by_cure: dict[str, list[str]] = {}
    for row in rows:
        if row.cure:
            by_cure.setdefault(row.cure, []).append(row.name)
    return [f"{', '.join(names)}: {cure}" for cure, names in by_cure.items()]


def look(extras: list[str]) -> interpreter.Environment:
    """The environment that `lab` would take, or else the one that comes nearest: `.venv`, then the running one."""
    seen = [interpreter.look(python, extras) for python in interpreter.candidates()]
    there = [one for one in seen if one]
    ready = [one for one in there if one.ready]
    if not there:
        raise Trouble("No Python answers here, not even the running one: install Python 3.11 or newer again.")
    return (ready or there[::-1])[0]


def packages(env: interpreter.Environment, setup: str) -> list[Row]:
    """One row for each requirement."""
    rows = []
    for one in env.requirements:
        value = f"{one['found'] or 'not installed'}  (wanted {one['wanted'] or 'any version'})"
        rows.append(Row(one["name"], value, "" if one["ok"] else setup))
    return rows


def ask_torch(python: Path) -> dict[str, Any] | str:
    """What PyTorch says, or the sentence with which it failed."""
    argv: list[str | Path] = [python, "-m", "nnlab.dev.inside.hardware"]
    env = interpreter.child_env(python)
    try:
        answer = subprocess.run(argv, capture_output=True, text=True, env=env, cwd=paths.ROOT, timeout=300)
        return dict(json.loads(answer.stdout))
    except subprocess.TimeoutExpired:
        return "it takes more than 300 s to start"
    except (OSError, ValueError):
        return (answer.stderr.strip().splitlines() or ["it does not start"])[-1]


def accelerators(env: interpreter.Environment, setup: str) -> list[Row]:
    """PyTorch, and the graphics cards that it can use."""
    torch = ask_torch(env.python)
    if isinstance(torch, str):
        again = f"delete {paths.VENV} and run `{setup}`" if env.ours else f"install it again, or run `{setup}`"
        return [Row("PyTorch", f"does not import: {torch}", again)]
    cuda = ", ".join(torch["cuda"]) or ("none found" if torch["built_for_cuda"] else "not in this build")
    return [
        Row("PyTorch", f"{torch['torch']} with torchvision {torch['torchvision']}"),
        Row(
            "threads",
            f"{torch['threads']} of {processor.cores()} cores (more: see nnlab/threads.py)",
        ),
        Row("CUDA", cuda),
        Row("MPS", "yes" if torch["mps"] else "none found"),
    ]


def data(test: bool) -> list[Row]:
    """Whether the shipped data is whole, and whether the texts that are not shipped are here."""
    folder = paths.ROOT / "data"
    cache = folder / "cache"
    bad = damaged(folder)
    cached = sum(1 for path in cache.rglob("*") if path.is_file()) if cache.is_dir() else 0
    value = "; ".join(bad) or f"{len(listed(folder))} files as shipped, {cached} in the cache"
    lacks = texts.missing()
    needs = f"`{texts.command(lacks)}` fetches them (needs the network); only chapter 16 reads them"
    return [
        Row("data", value, "`git checkout -- data`" if bad else ""),
        Row("texts", f"not fetched: {', '.join(lacks)}" if lacks else "fetched", needs if lacks else "", needed=test),
    ]


def browser(needed: bool) -> Row:
    """The browser for the tests."""
    found = find_browser()
    cure = "" if found else CURE + "; only the browser tests need it"
    return Row("browser", found or "no Chromium or Chrome found", cure, needed)


def container() -> Row:
    """Whether a container can be built, which only the container's tests need."""
    why = cannot_build()
    cure = why and f"{why}; only the container tests need it"
    return Row("container", "can't be built here" if why else "can be built here", cure, needed=False)


def report(test: bool) -> list[Row]:
    """All rows; with `test`, what the tests need is needed too."""
    extras = ["test"] if test else []
    env = look(extras)
    setup = "python3 -m nnlab setup" + (" --test" if test else "")
    free = shutil.disk_usage(paths.ROOT).free / 1e9
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    rows = [
        Row("nnlab", f"{nnlab.__version__} in {paths.ROOT}"),
        Row("Python", f"{'.'.join(map(str, env.version))} at {env.python}"),
        Row("system", f"{system}, Python {platform.python_version()} runs this"),
        Row("processor", f"{processor.cpu_name()}, {processor.cores()} cores"),
        *packages(env, f"`{setup}`"),
    ]
    if any(row["name"] == "torch" and row["found"] for row in env.requirements):
        rows += accelerators(env, setup)
    low = "" if env.ready or free > 9 else "free some space before `setup`, or take `setup --cpu`"
    tools = [browser(test), *([container()] if test else [])]
    return [*rows, *data(test), *tools, Row("disk", f"{free:.1f} GB free", low, needed=False)]


def run(options: Namespace) -> int:
    """Print the report; 1 if something that is needed is missing."""
    rows = report(options.test)
    for row in rows:
        say(str(row))
    missing = [row for row in rows if row.cure and row.needed]
    for cure in cures(rows):
        say(f"\n{cure}")
    say("\nSomething is missing." if missing else "\nAll that the workbook needs is here: `python3 -m nnlab lab`")
    return 1 if missing else 0
