"""Runs notebooks in order, each from a clean kernel, and stores what they print; without NOTEBOOK, all of them. A
notebook is written only when every cell of it succeeded, and running it again gives the same bytes.
"""

import tempfile
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from nnlab.dev import child, paths
from nnlab.dev.environment import install, interpreter
from nnlab.dev.options import Parser
from nnlab.dev.say import Trouble


def parse(words: Sequence[str]) -> Namespace:
    """`notebooks` as they were typed, `check` and `cpu`."""
    parser = Parser("execute", __doc__)
    about = "a path, or the beginning of a name: `02`"
    parser.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help=about)
    about = "write nothing; exit non-zero if a stored output (pictures aside) is not what comes out now"
    parser.add_argument("--check", action="store_true", help=about)
    parser.add_argument("--cpu", action="store_true", help="take PyTorch's CPU build if the environment must be made")
    return parser.parse(words)


def chosen(words: list[str]) -> list[Path]:
    """The notebooks that were meant, in the course's order."""
    every = sorted(paths.NOTEBOOKS.glob("*.ipynb"))
    if not every and not words:
        raise Trouble(f"There is no notebook in {paths.NOTEBOOKS}.")
    if not words:
        return every
    found = []
    for word in words:
        if Path(word).is_file():
            found.append(Path(word).resolve())
            continue
        named = [path for path in every if path.name.startswith(word)]
        if not named:
            listed = ", ".join(path.stem for path in every)
            raise Trouble(f"There is no notebook `{word}`: there are {listed or 'none yet'}.")
        found += named
    return found


def run(options: Namespace) -> int:
    """Run the notebooks in the environment; see `inside/execute.py`."""
    notebooks = chosen(options.notebooks)
    ready = install.ensure(["test"], options.cpu)
    with tempfile.TemporaryDirectory(prefix="nnlab-execute-") as scratch:
        # what is stored is what a computer without a graphics card prints, wherever this runs
        quiet = interpreter.quiet(Path(scratch))
        env = interpreter.child_env(ready.python, **quiet, CUDA_VISIBLE_DEVICES="")
        check = ["--check"] if options.check else []
        argv: list[str | Path] = [ready.python, "-m", "nnlab.dev.inside.execute", *check, *notebooks]
        return child.run(argv, env, paths.ROOT)
