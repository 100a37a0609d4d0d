"""python3 -m nnlab train CONFIG [--cpu]

Trains the network that a TOML file describes, such as configs/mnist.toml, outside of any notebook. Ctrl-C leaves a
checkpoint, and the same command goes on from it. On several processes, in the environment that has nnlab:

  torchrun --standalone --nproc-per-node 2 -m nnlab.dev.inside.train configs/mnist.toml
"""

from pathlib import Path

from nnlab._cli import child, environment, install, paths
from nnlab._cli.say import Trouble


def run(args: list[str]) -> int:
    words = [word for word in args if word != "--cpu"]
    if len(words) != 1 or words[0].startswith("-"):
        raise Trouble("Give `train` one configuration, such as configs/mnist.toml.")
    config = Path(words[0]).resolve()
    if not config.is_file():
        there = ", ".join(f"configs/{path.name}" for path in sorted((paths.ROOT / "configs").glob("*.toml")))
        raise Trouble(f"There is no configuration {words[0]}: shipped is {there}.")
    ready = install.ensure([], cpu="--cpu" in args)
    argv: list[str | Path] = [ready.python, "-m", "nnlab.dev.inside.train", config]
    return child.run(argv, environment.child_env(ready.python), paths.ROOT)
