"""Which tests a change can reach, and why."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from nnlab.dev.reach.graph import Graph

TEXTS = (".md", ".png", ".svg", "LICENSE", ".gitignore")  # nothing runs them; the README's test reads some
README_TEST = "tests/dev/test_readme.py"
# a change in one of these can reach anything
EVERYTHING = re.compile(r"(nnlab/dev/|nnlab/__main__\.py|data/|configs/|\.ci/|tests/(conftest|__init__)\.py)|[^/]+$")


@dataclass
class Selection:
    """What to run. `tests` are files or folders, `notebooks` files; each maps to the reason. `all` is the file because
    of which everything is run, or "". With `every_notebook`, tests that go through all notebooks do so; else they keep
    to `notebooks`."""

    all: str = ""
    every_notebook: bool = False
    tests: dict[str, str] = field(default_factory=dict)
    notebooks: dict[str, str] = field(default_factory=dict)


def is_test(path: str) -> bool:
    """Whether pytest collects it."""
    return path.startswith("tests/") and PurePosixPath(path).match("test_*.py")


def is_text(path: str) -> bool:
    """Whether it is prose or a picture, which no program reads."""
    return path.endswith(".md") or (path.endswith(TEXTS) and not path.startswith(("nnlab/", "tests/", "data/")))


def _seeds(root: Path, path: str, graph: Graph) -> list[str]:
    """The nodes of the graph that a changed file stands for: a package's `__init__.py` and a conftest for all beneath
    them, a module that nobody names, as a registry may find it by its file, for its package, a file that is no module,
    such as a script of a page, for the modules of the folder it lies in."""
    files = graph.files
    folder = PurePosixPath(path).parent
    if path.endswith(("/__init__.py", "/conftest.py")):
        return [path, *(one for one in files if one.startswith(f"{folder}/"))]
    if path.endswith((".py", ".ipynb")):
        package = f"{folder}/__init__.py"
        named = any(path in used for used in graph.imports.values())
        return [path] if named or package not in files or not path.startswith("nnlab/") else [path, package]
    while not any((root / folder).glob("*.py")) and folder.name:
        folder = folder.parent
    return [one for one in files if PurePosixPath(one).parent == folder]


def choose(root: Path, changed: Iterable[str]) -> Selection:
    """The tests and notebooks that files of `changed` (paths relative to `root`) can reach."""
    changed = list(changed)
    programs = [path for path in changed if not is_text(path)]
    for path in programs:
        if EVERYTHING.match(path):
            return Selection(all=path)
    graph = Graph(root, [path for path in programs if path.endswith(".py") and not (root / path).exists()])
    seeds = {seed: path for path in programs for seed in _seeds(root, path, graph)}
    reached = graph.reached(seeds)
    chosen = Selection()
    own = graph.reached(seed for seed in seeds if seed.startswith("tests/"))
    chosen.every_notebook = bool(own.keys() & graph.through_notebooks)
    for path in programs:
        for mirror in mirrors_of(root, path):
            chosen.tests.setdefault(mirror, f"mirrors {PurePosixPath(path).parent}")
    for path in changed:
        if is_text(path) and (root / README_TEST).is_file():
            chosen.tests.setdefault(README_TEST, f"{path} changed")
    for path in reached:
        if not (root / path).is_file() or any(path.startswith(f"{folder}/") for folder in chosen.tests):
            continue
        if is_test(path):
            chosen.tests.setdefault(path, reason(path, reached))
        elif path.startswith("notebooks/"):
            chosen.notebooks[path] = reason(path, reached)
    return chosen


def mirrors_of(root: Path, path: str) -> list[str]:
    """The folders of tests that mirror a room of nnlab, `tests/scratch` for `nnlab/scratch/layers/conv.py`, or the
    container's recipe."""
    parts = PurePosixPath(path).parts
    mirrors = ["deploy", "container"] if parts[0] == "deploy" else []
    if parts[0] == "nnlab" and len(parts) > 2 and parts[1] != "chapters":  # a chapter has one file of tests, no folder
        mirrors.append(parts[1])
    return [f"tests/{name}" for name in mirrors if (root / "tests" / name).is_dir()]


def reason(path: str, reached: dict[str, str | None]) -> str:
    """The way from a file to the change: "uses a.py, uses b.py"."""
    way = []
    step = reached[path]
    while step is not None:
        way.append(step)
        step = reached[step]
    return f"uses {', which uses '.join(way)}" if way else "changed itself"


def report(chosen: Selection, changed: list[str], since: str, long: bool) -> str:
    """What was chosen and why, in a few lines; `long` gives one line for each file."""
    some = ", ".join(changed[:4]) + (f" and {len(changed) - 4} more" if len(changed) > 4 else "")
    lines = [f"Changed since {since[:10]}: {some or 'nothing'}"]
    if chosen.all:
        return "\n".join([*lines, f"  everything is run, because {chosen.all} can reach it all"])
    for what, group in (("tests", chosen.tests), ("notebooks", chosen.notebooks)):
        if not group:
            continue
        if long:
            lines += [f"  {path}: {why}" for path, why in sorted(group.items())]
            continue
        folders: dict[str, list[str]] = {}
        for path in sorted(group):
            whole = not path.endswith((".py", ".ipynb"))
            folders.setdefault(path if whole else str(PurePosixPath(path).parent), []).append("" if whole else path)
        parts = [f"{where} ({len(found)})" if found != [""] else f"{where} (all)" for where, found in folders.items()]
        first = next(iter(sorted(group)))
        lines.append(f"  {what}: {', '.join(parts)}; for instance {first}: {group[first]}")
    return "\n".join(lines if chosen.tests or chosen.notebooks else [*lines, "  no test can be reached: only lint"])
