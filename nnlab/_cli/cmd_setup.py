"""python3 -m nnlab setup [--cpu] [--test] [--author]

Makes ready what the workbook needs. An environment that has it all (conda, a container, a hosted notebook) is used as
it is; else `.venv` is made in the clone, and nothing outside the clone is changed. An interrupted set-up goes on when
this is typed again.

  --cpu      take PyTorch's CPU build: about 1.5 GB instead of 6
  --test     also what `python3 -m nnlab test` needs
  --author   also what writing notebooks needs
"""

from nnlab._cli import environment, install
from nnlab._cli.say import Trouble, say


def run(args: list[str]) -> int:
    flags = {f"--{name}": name for name in environment.extras()}
    unknown = [word for word in args if word not in flags and word != "--cpu"]
    if unknown:
        raise Trouble(f"`setup` does not know {unknown[0]}: it takes --cpu, {', '.join(flags)}.")
    wanted = [flags[word] for word in args if word in flags]
    ready = environment.find(wanted)
    if ready:
        say(f"All that is needed is here already: {ready.python}")
        if "--cpu" in args:
            say("(To change to PyTorch's CPU build, delete .venv and run this again.)")
    else:
        ready = install.ensure(wanted, cpu="--cpu" in args)
    say("Type `python3 -m nnlab lab` to begin.")
    return 0
