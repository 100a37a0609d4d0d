"""python3 -m nnlab bench NAME [its own options]

Measures how fast something is and prints a table. Without NAME it lists what can be measured.
"""

import difflib
from pathlib import Path

from nnlab._cli import child, environment, install, paths
from nnlab._cli.say import Trouble, say


def benches(folder: Path = Path(__file__).parent) -> list[str]:
    """Each module `bench_NAME.py` beside this file is a bench; it runs in the finished environment."""
    return sorted(path.stem.removeprefix("bench_") for path in folder.glob("bench_*.py"))


def run(args: list[str]) -> int:
    names = benches()
    listed = ", ".join(names) or "none yet"
    if not args:
        say(f"What can be measured: {listed}.")
        return 0
    name, *rest = args
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        raise Trouble(f"There is no bench `{name}`: {f'did you mean `{near[0]}`?' if near else f'there are {listed}.'}")
    ready = install.ensure(["test"], cpu="--cpu" in rest)
    argv = ["-m", f"nnlab._cli.bench_{name}", *(word for word in rest if word != "--cpu")]
    return child.run([ready.python, *argv], environment.child_env(ready.python), paths.ROOT)
