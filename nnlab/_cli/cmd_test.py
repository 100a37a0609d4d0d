"""python3 -m nnlab test [LAYER ...] [--cpu] [pytest's own options, such as -x or -k WORDS]

Checks everything, or only the layers named:

  lint        ruff over code and notebooks, mypy over the package
  unit        the package's own tests
  parity      NumPy against PyTorch
  notebooks   every notebook runs, and its stored outputs still hold
  browser     sliders in a real JupyterLab (needs Chromium or Chrome)

A learner's progress is never touched. A path such as tests/unit/test_losses.py can stand in place of a layer.
"""

import difflib
import os
import tempfile
from pathlib import Path

from nnlab._cli import child, environment, install, paths
from nnlab._cli.chromium import CURE, find_browser
from nnlab._cli.say import Trouble, say

LAYERS = ["lint", "unit", "parity", "notebooks", "browser"]


def split(args: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Layers, paths, and from the first option on what is pytest's."""
    words, options = args, []
    for place, word in enumerate(args):
        if word.startswith("-"):
            words, options = args[:place], args[place:]
            break
    layers = [word for word in words if word in LAYERS]
    files = [word for word in words if word not in LAYERS]
    for word in files:
        if not Path(word.split("::")[0]).exists():
            near = difflib.get_close_matches(word, LAYERS, n=1)
            meant = f"did you mean `{near[0]}`?" if near else "there are " + ", ".join(LAYERS) + "."
            raise Trouble(f"There is no layer or file `{word}`: {meant}")
    return layers, files, options


def needs_browser(layers: list[str], asked: bool) -> list[str]:
    """A learner without Chromium can still run all the rest; who asks for the layer, or CI, is told instead."""
    if "browser" not in layers or find_browser():
        return layers
    if asked or os.environ.get("CI"):
        raise Trouble(f"The browser tests find no browser: {CURE}.")
    say(f"Without the browser tests, for there is no browser: {CURE}.")
    return [layer for layer in layers if layer != "browser"]


def pytest_args(layers: list[str], files: list[str]) -> list[str]:
    """One run for all layers. Cells of one notebook, and the browser tests, stay together in one process: see
    tests/conftest.py."""
    folders = [f"tests/{layer}" for layer in layers if any((paths.ROOT / "tests" / layer).rglob("test_*.py"))]
    args = [*files, *folders]
    if "notebooks" in layers and any(paths.NOTEBOOKS.glob("*.ipynb")):
        args += ["notebooks", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=300"]
    if not args:
        raise Trouble(f"There is no test yet in {', '.join(layers)}.")
    if not files and args != ["tests/browser"]:
        args += ["-n", "auto", "--maxprocesses", "4"]
    return args


def lint(python: Path, env: dict[str, str]) -> bool:
    """All three, also when one fails, so that one run tells all."""
    clean = True
    for words in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy", "nnlab"]):
        say(f"lint: {' '.join(words)}")
        clean = child.run([python, "-m", *words], env, paths.ROOT) == 0 and clean
    return clean


def run(args: list[str]) -> int:
    cpu = "--cpu" in args
    layers, files, options = split([word for word in args if word != "--cpu"])
    asked = bool(layers or files)
    layers = needs_browser(layers if asked else LAYERS, asked)
    ready = install.ensure(["test"], cpu)
    with tempfile.TemporaryDirectory(prefix="nnlab-test-") as scratch:
        env = environment.child_env(ready.python, **quiet(Path(scratch)))
        clean = lint(ready.python, env) if "lint" in layers else True
        code = 0
        if layers != ["lint"]:
            argv: list[str | Path] = [ready.python, "-m", "pytest", *pytest_args(layers, files), *options]
            code = child.run(argv, env, paths.ROOT)
    if code == 5:
        say("No test was run, and that counts as a failure: check the layer's name or what -k leaves over.")
    if not clean:
        say("Lint failed: see above. `ruff check --fix` and `ruff format` cure most of it.")
    return code or (0 if clean else 1)


def quiet(scratch: Path) -> dict[str, str]:
    """Nothing of the person's own is read or written, and two processes share two cores."""
    return {
        "NNLAB_PROGRESS": str(scratch / "progress.json"),
        "IPYTHONDIR": str(scratch / "ipython"),
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
