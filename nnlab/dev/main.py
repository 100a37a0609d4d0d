"""Find the command that was meant and hand over to it."""

import importlib
import signal
import sys

from nnlab.dev.options import nearest
from nnlab.dev.paths import require_clone
from nnlab.dev.say import Trouble, say

COMMANDS = {
    "setup": "make the environment (only needed once; the others do it when it is missing)",
    "lab": "open the workbook in JupyterLab",
    "train": "train what a TOML file describes, without a notebook",
    "search": "try many settings of what a TOML file describes, on several processes",
    "serve": "put a trained model behind HTTP, with a page to try it",
    "predict": "put a file through a model, however large it is",
    "progress": "gather a class's progress files into one table and a page",
    "site": "build the course as a site that runs in the browser, with nothing installed",
    "test": "check everything, or what a change can reach",
    "execute": "run notebooks from a clean start and store what they print",
    "book": "make pages of the notebooks, for reading without a kernel",
    "bench": "measure how fast something is",
    "doctor": "say what is there, what is missing, and the cure",
}

HELP = """nnlab: learn neural networks by moving them

  python3 -m nnlab COMMAND

{commands}

Begin with `python3 -m nnlab lab`. Each command explains itself with --help."""


def help_text() -> str:
    """What is printed when no command is given."""
    return HELP.format(commands="\n".join(f"  {name:9}{what}" for name, what in COMMANDS.items()))


def main(argv: list[str]) -> int:
    """Run the command that `argv` begins with; returns the exit status."""
    for out in (sys.stdout, sys.stderr):
        if hasattr(out, "reconfigure"):
            out.reconfigure(errors="replace")  # an old console may lack a character that is printed
    if not argv or argv[0] in ("-h", "--help", "help"):
        say(help_text())
        return 0
    name, *words = argv
    if name not in COMMANDS:
        near = nearest(name, COMMANDS, cutoff=0.5)
        print(f"There is no command `{name}`{near}: there are {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    command = importlib.import_module(f"nnlab.dev.commands.{name}")
    try:
        options = command.parse(words)
    except SystemExit as shown:  # argparse has printed the help
        return int(shown.code or 0)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    # a terminated set-up takes its installer along
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        require_clone()
        return int(command.run(options))
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Type the same again to go on.", file=sys.stderr)
        return 130
