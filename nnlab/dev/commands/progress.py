"""Gathers the progress files of a class into one table and a page: who is stuck where, which mistake is commonest,
which guesses failed. FOLDER holds a file for each student, such as `ada.json` or `ada/progress.json`. Nothing leaves
this machine."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from nnlab.dev import child, paths
from nnlab.dev.environment import install, interpreter
from nnlab.dev.options import Parser
from nnlab.dev.say import Trouble
from nnlab.files import expand


def parse(words: Sequence[str]) -> Namespace:
    """`folder`, `out` and `cpu`."""
    parser = Parser("progress", __doc__)
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="where the students' files lie")
    parser.add_argument("--out", default="class", metavar="NAME", help="writes NAME.csv and NAME.html (class)")
    parser.add_argument("--cpu", action="store_true", help="take PyTorch's CPU build if the environment must be made")
    options = parser.parse(words)
    if len(options.folders) != 1:
        raise Trouble("Give `progress` one folder with the students' progress files.")
    return options


def run(options: Namespace) -> int:
    """Gather, write and say where it lies."""
    ready = install.ensure([], options.cpu)
    folder, out = (str(expand(name).resolve()) for name in (options.folders[0], options.out))
    argv: list[str | Path] = [ready.python, "-m", "nnlab.dev.inside.class_progress", folder, out]
    return child.run(argv, interpreter.child_env(ready.python), paths.ROOT)
