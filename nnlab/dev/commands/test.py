"""Checks everything, or only the layers named:

  lint        ruff over code and notebooks, mypy over the package
  unit        the package's own tests: every folder of tests/ that is no other layer
  parity      NumPy against PyTorch
  contracts   what every explorer, exercise, twin and notebook must keep
  chapters    what is true of one chapter alone
  notebooks   every notebook runs, and its stored outputs still hold
  container   the container of chapter 21, built and started (needs Linux and buildah)
  browser     sliders in a real JupyterLab (needs Chromium or Chrome)

A path such as tests/dev/test_doctor.py::test_all_is_well can stand in place of a layer. With --changed, lint is run and
the tests that the changes since the upstream main can reach. A learner's progress is never touched.

The options of pytest that are listed below can be given as they are; what follows `--` is passed on to pytest unread.
"""

import os
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from nnlab.dev import child, paths
from nnlab.dev.computer import processor
from nnlab.dev.computer.chromium import no_browser
from nnlab.dev.computer.containers import REFUSED, cannot_build
from nnlab.dev.environment import install, interpreter, texts
from nnlab.dev.options import Parser, PassOn, nearest
from nnlab.dev.reach import git
from nnlab.dev.reach.choose import Selection, choose, report
from nnlab.dev.say import Trouble, say

LAYERS = ["lint", "unit", "parity", "contracts", "chapters", "notebooks", "container", "browser"]
# pytest's options: names, the name of the value or None, what it does
PYTEST = [
    (["-x", "--exitfirst"], None, "stop at the first failure"),
    (["--maxfail"], "N", "stop after N failures"),
    (["-k"], "WORDS", "only tests whose names match"),
    (["-m"], "MARKS", "only tests with these marks"),
    (["-n", "--numprocesses"], "N", "in N processes"),
    (["--durations"], "N", "name the N slowest (30 when everything is run)"),
    (["--collect-only", "--co"], None, "only list the tests"),
    (["--lf", "--last-failed"], None, "only what failed last time"),
    (["--ff", "--failed-first"], None, "first what failed last time"),
    (["--sw", "--stepwise"], None, "stop at a failure and continue there next time"),
    (["-q", "--quiet"], None, "print less"),
    (["-v", "--verbose"], None, "print more"),
    (["-s"], None, "show what the tests print"),
    (["-l", "--showlocals"], None, "show local variables of failures"),
    (["--tb"], "STYLE", "how failures are shown: auto, long, short, line, native, no"),
    (["--pdb"], None, "open the debugger at a failure"),
]


def parse(words: Sequence[str]) -> Namespace:
    """`layers`, `files`, `changed`, `list`, `cpu`, and `pytest`: the options to pass on, in their order."""
    parser = Parser("test", __doc__, also="; what follows `--` is passed on to pytest")
    parser.add_argument("words", nargs="*", metavar="LAYER", help="a layer or a path; all layers without one")
    parser.add_argument("--changed", action="store_true", help="only what a change can reach")
    parser.add_argument("--list", action="store_true", help="with --changed: say what is chosen and why, run nothing")
    parser.add_argument("--cpu", action="store_true", help="take PyTorch's CPU build if the environment must be made")
    for names, value, about in PYTEST:
        more = {"metavar": value} if value else {"nargs": 0}
        parser.add_argument(*names, action=PassOn, dest="pytest", help=f"pytest: {about}", **more)
    options = parser.parse(words)
    options.pytest = [*(options.pytest or []), *options.passed_on]
    options.layers = [word for word in options.words if word in LAYERS]
    options.files = [word for word in options.words if word not in LAYERS]
    for word in options.files:
        if not Path(word.split("::")[0]).exists():
            raise Trouble(f"There is no layer or file `{word}`{nearest(word, LAYERS)}: there are {', '.join(LAYERS)}.")
    if options.list and not options.changed:
        raise Trouble("`--list` belongs to --changed: without it, everything named is run.")
    if options.changed and options.words:
        raise Trouble(f"--changed chooses the tests itself: leave out {options.words[0]}, or --changed.")
    return options


def folders(layer: str) -> list[str]:
    """The folders of tests that a layer runs."""
    there = {path.parent for path in (paths.ROOT / "tests").rglob("test_*.py")}
    tops = sorted({path.relative_to(paths.ROOT / "tests").parts[0] for path in there if path.name != "tests"})
    if layer == "unit":
        return [f"tests/{name}" for name in tops if name not in LAYERS or name == "unit"]
    return [f"tests/{layer}"] if layer in tops else []


def runnable(layers: list[str], asked: bool) -> list[str]:
    """The layers whose programs are here. A learner without a browser or buildah can still run all the rest; if the
    layer is asked for, or on CI, this is refused, unless it is the computer that lacks the right to mount."""
    for layer, lacks in (("container", cannot_build), ("browser", no_browser)):
        if layer in layers and (why := lacks()):
            if asked or (os.environ.get("CI") and not why.startswith(REFUSED)):
                raise Trouble(f"The {layer} tests can't run: {why}.")
            say(f"Without the {layer} tests: {why}.")
            layers = [other for other in layers if other != layer]
    return layers


def pytest_args(targets: list[str], notebooks: list[str], options: list[str], parallel: bool) -> list[str]:
    """One run for all. Cells of one notebook, and the browser tests, stay together in one process: see
    tests/conftest.py."""
    args = [*targets, *notebooks]
    if notebooks:
        args += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=300", "-p", "tests.no_network.plugin"]
    if parallel and not any(word.startswith(("-n", "--numprocesses", "--pdb")) for word in options):
        # one more than cores: while a test waits for its page or its kernel, another computes
        args += ["-n", str(min(processor.cores() + 1, 4))]
    return [*args, *options]


def lint(python: Path, env: dict[str, str]) -> bool:
    """All of them, also when one fails, so that one run shows all."""
    clean = True
    # a cell shows 104 characters on a page of 1000 pixels
    pages = ["--line-length", "104", "--config", "extend-exclude = []", "notebooks"]
    for words in (
        ["ruff", "check"],
        ["ruff", "check", *pages],
        ["ruff", "format", "--check"],
        ["ruff", "format", "--check", *pages],
        ["mypy", "nnlab"],
    ):
        say(f"lint: {' '.join(words)}")
        clean = child.run([python, "-m", *words], env, paths.ROOT) == 0 and clean
    return clean


def choose_changed(long: bool) -> Selection:
    """What the changes can reach; says what it is and why."""
    since = git.base(paths.ROOT)
    changed = git.changed(paths.ROOT, since)
    chosen = choose(paths.ROOT, changed)
    say(report(chosen, changed, since, long))
    return chosen


def run(options: Namespace) -> int:
    """Run what was asked for; the exit status is pytest's, or 1 if only lint fails."""
    chosen = choose_changed(options.list) if options.changed else None
    if options.list:
        return 0
    if chosen and not chosen.all:
        layers, targets, notebooks = ["lint"], sorted(chosen.tests), sorted(chosen.notebooks)
        needy = {layer for layer in ("container", "browser") if any(belongs(target, layer) for target in targets)}
        lacking = needy - set(runnable(sorted(needy), asked=False))
        targets = [target for target in targets if not any(belongs(target, layer) for layer in lacking)]
    else:
        asked = bool(options.words)
        layers = runnable(options.layers if asked else LAYERS, asked)
        targets = [*options.files, *(folder for layer in layers for folder in folders(layer))]
        notebooks = ["notebooks"] if "notebooks" in layers and any(paths.NOTEBOOKS.glob("*.ipynb")) else []
    if not targets and not notebooks and "lint" not in layers:
        raise Trouble(f"There is no test yet in {', '.join(layers)}.")
    words = options.pytest
    if not options.words and not any(word.startswith("--durations") for word in words):
        words = ["--durations=30", *words]
    parallel = bool(notebooks) or any(
        not belongs(target, "browser") for target in targets if target not in options.files
    )
    ready = install.ensure(["test"], options.cpu)
    if targets or notebooks:
        texts.fetch(ready.python)  # now: the notebooks run without a network
    with tempfile.TemporaryDirectory(prefix="nnlab-test-") as scratch:
        env = interpreter.child_env(ready.python, **interpreter.quiet(Path(scratch)))
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of programs are started, and each would compile all again
        if chosen and not chosen.all and not chosen.every_notebook:
            env["NNLAB_NOTEBOOKS"] = " ".join(Path(path).name for path in notebooks)  # read by tests/conftest.py
        clean = lint(ready.python, env) if "lint" in layers else True
        code = 0
        if targets or notebooks:
            argv: list[str | Path] = [ready.python, "-m", "pytest", *pytest_args(targets, notebooks, words, parallel)]
            code = child.run(argv, env, paths.ROOT)
    if code == 5 and chosen:
        code = 0  # those that were reached go through notebooks, and none of theirs was
    if code == 5:
        say("No test was run, and that counts as a failure: check the layer's name or what -k leaves over.")
    if not clean:
        say("Lint failed: see above. `ruff check --fix` and `ruff format` fix most of it.")
    return code or (0 if clean else 1)


def belongs(target: str, layer: str) -> bool:
    """Whether a folder or file of tests is of this layer."""
    return target.startswith(f"tests/{layer}")
