"""Measures how fast something is and prints a table. Without NAME it lists what can be measured; what stands after NAME
is the bench's own, such as --help.
"""

from argparse import REMAINDER, Namespace
from collections.abc import Sequence
from pathlib import Path

from nnlab.dev import child, paths
from nnlab.dev.environment import install, interpreter
from nnlab.dev.options import Parser, nearest
from nnlab.dev.say import Trouble, say


def parse(words: Sequence[str]) -> Namespace:
    """`name` (None without), `cpu`, and in `passed_on` the bench's own options."""
    parser = Parser("bench", __doc__, usage="%(prog)s [--cpu] [NAME [its own options]]")
    parser.add_argument("--cpu", action="store_true", help="take PyTorch's CPU build if the environment must be made")
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("passed_on", nargs=REMAINDER, metavar="...")
    options, unknown = parser.parse_known_args(list(words))
    if unknown:
        parser.refuse(unknown[0])
    options.cpu |= "--cpu" in options.passed_on
    options.passed_on = [word for word in options.passed_on if word != "--cpu"]
    return options


def benches(folder: Path | None = None) -> list[str]:
    """The names of the benches: each module `tests/bench/NAME.py` is one, and runs in the finished environment."""
    folder = folder or paths.ROOT / "tests" / "bench"
    return sorted(path.stem for path in folder.glob("[!_]*.py") if not path.stem.startswith("test_"))


def run(options: Namespace) -> int:
    """Run a bench, or list them."""
    names = benches()
    listed = ", ".join(names) or "none yet"
    if options.name is None:
        say(f"What can be measured: {listed}.")
        return 0
    if options.name not in names:
        raise Trouble(f"There is no bench `{options.name}`{nearest(options.name, names)}: there are {listed}.")
    ready = install.ensure(["test"], options.cpu)
    argv = [ready.python, "-m", f"tests.bench.{options.name}", *options.passed_on]
    return child.run(argv, interpreter.child_env(ready.python), paths.ROOT)
