"""Tries many settings of what a TOML file describes, such as configs/mnist_search.toml, outside of any notebook: trains
each on the training split, compares them on the validation split, and writes the best as a configuration for `train`.
Ctrl-C keeps what was found, and the same command continues. A worker that is killed is replaced, its trial repeated."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from nnlab import threads
from nnlab.dev import child, paths
from nnlab.dev.computer import processor
from nnlab.dev.environment import install, interpreter
from nnlab.dev.options import Parser
from nnlab.dev.say import Trouble
from nnlab.files import expand


def parse(words: Sequence[str]) -> Namespace:
    """`config`, `workers`, `trials` and `cpu`."""
    parser = Parser("search", __doc__)
    parser.add_argument("config", nargs="*", help="a configuration, such as configs/mnist_search.toml")
    parser.add_argument("--workers", default="1", metavar="N", help="processes that run trials side by side (1)")
    parser.add_argument("--trials", metavar="N", help="trials in all, those of an earlier call included")
    parser.add_argument("--cpu", action="store_true", help="take PyTorch's CPU build if the environment must be made")
    options = parser.parse(words)
    if len(options.config) != 1:
        raise Trouble("Give `search` one configuration, such as configs/mnist_search.toml.")
    parser.need_counts(options, "workers", "trials")
    return options


def run(options: Namespace) -> int:
    """Run a study, or continue one."""
    config = expand(options.config[0]).resolve()
    if not config.is_file():
        raise Trouble(f"There is no configuration {options.config[0]}: shipped is configs/mnist_search.toml.")
    ready = install.ensure([], options.cpu)
    argv: list[str | Path] = [ready.python, "-m", "nnlab.dev.inside.search", config, "--workers", options.workers]
    if options.trials:
        argv += ["--trials", options.trials]
    share = max(1, processor.cores() // int(options.workers))
    more = {} if threads.limited() else {threads.OWN: str(share)}
    return child.run(argv, interpreter.child_env(ready.python, **more), paths.ROOT)
