"""python3 -m nnlab execute [--check] [NOTEBOOK ...]

Runs notebooks in order, each from a clean kernel, and stores what they print; without NOTEBOOK, all of them. A notebook
is written only when every cell of it succeeded, and running it again gives the same bytes. A NOTEBOOK is a path, or the
beginning of a name: `02`.

  --check   write nothing; exit non-zero if a stored output (pictures aside) is not what comes out now
"""

import tempfile
from pathlib import Path

from nnlab._cli import child, environment, install, paths
from nnlab._cli.cmd_test import quiet
from nnlab._cli.say import Trouble


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


def run(args: list[str]) -> int:
    cpu, check = "--cpu" in args, "--check" in args
    words = [word for word in args if word not in ("--cpu", "--check")]
    if odd := [word for word in words if word.startswith("-")]:
        raise Trouble(f"`execute` does not know {odd[0]}: it takes --check and names of notebooks.")
    notebooks = chosen(words)
    ready = install.ensure(["test"], cpu)
    with tempfile.TemporaryDirectory(prefix="nnlab-execute-") as scratch:
        # what is stored is what a computer without a graphics card prints, wherever this runs
        env = environment.child_env(ready.python, **quiet(Path(scratch)), CUDA_VISIBLE_DEVICES="")
        argv: list[str | Path] = [
            ready.python,
            "-m",
            "nnlab._cli.inside.execute",
            *(["--check"] if check else []),
            *notebooks,
        ]
        return child.run(argv, env, paths.ROOT)
