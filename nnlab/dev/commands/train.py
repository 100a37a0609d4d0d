"""Trains the network that a TOML file describes, such as configs/mnist.toml, outside of any notebook. Ctrl-C leaves a
checkpoint, and the same command continues from it. On several processes, in the environment that has nnlab:

  torchrun --standalone --nproc-per-node 2 -m nnlab.dev.inside.train configs/mnist.toml
"""

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
    """`config` and `cpu`."""
    parser = Parser("train", __doc__)
    parser.add_argument("config", nargs="*", help="a configuration, such as configs/mnist.toml")
    parser.add_argument("--cpu", action="store_true", help="take PyTorch's CPU build if the environment must be made")
    options = parser.parse(words)
    if len(options.config) != 1:
        raise Trouble("Give `train` one configuration, such as configs/mnist.toml.")
    return options


def run(options: Namespace) -> int:
    """Train, or continue an interrupted run."""
    config = expand(options.config[0]).resolve()
    if not config.is_file():
        shipped = sorted(path.name for path in (paths.ROOT / "configs").glob("*.toml") if "_search" not in path.name)
        there = ", ".join(f"configs/{name}" for name in shipped)
        raise Trouble(f"There is no configuration {options.config[0]}: shipped are {there}.")
    ready = install.ensure([], options.cpu)
    argv: list[str | Path] = [ready.python, "-m", "nnlab.dev.inside.train", config]
    return child.run(argv, interpreter.child_env(ready.python, **more_threads()), paths.ROOT)


def more_threads() -> dict[str, str]:
    """The variable that gives every core to a training run, which convolutions gain by; none where a limit is set."""
    return {} if threads.limited() else {threads.OWN: str(processor.cores())}
