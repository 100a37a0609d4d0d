"""Find the command that was meant and hand over to it."""

import difflib
import importlib
import signal
import sys

from nnlab._cli.paths import require_clone
from nnlab._cli.say import Trouble, say

COMMANDS = {
    "setup": "make the environment (only needed once; the others do it when it is missing)",
    "lab": "open the workbook in JupyterLab",
    "train": "train what a TOML file describes, without a notebook",
    "test": "check everything: lint, unit, parity, notebooks, browser",
    "execute": "run notebooks from a clean start and store what they print",
    "bench": "measure how fast something is",
    "doctor": "say what is there, what is missing, and the cure",
}

HELP = """nnlab: learn neural networks by moving them

  python3 -m nnlab COMMAND

{commands}

Begin with `python3 -m nnlab lab`. Each command explains itself with --help."""


def help_text() -> str:
    return HELP.format(commands="\n".join(f"  {name:9}{what}" for name, what in COMMANDS.items()))


def unknown(word: str) -> str:
    near = difflib.get_close_matches(word, COMMANDS, n=1, cutoff=0.5)
    meant = f"did you mean `{near[0]}`?" if near else "there are " + ", ".join(COMMANDS) + "."
    return f"There is no command `{word}`: {meant}"


def main(argv: list[str]) -> int:
    for out in (sys.stdout, sys.stderr):
        if hasattr(out, "reconfigure"):
            out.reconfigure(errors="replace")  # an old console may lack a character that pip prints
    if not argv or argv[0] in ("-h", "--help", "help"):
        say(help_text())
        return 0
    name, *rest = argv
    if name not in COMMANDS:
        print(unknown(name), file=sys.stderr)
        return 2
    command = importlib.import_module(f"nnlab._cli.cmd_{name}")
    if rest[:1] in (["-h"], ["--help"]):
        say((command.__doc__ or name).strip())
        return 0
    # a terminated set-up takes its installer along
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        require_clone()
        return command.run(rest)
    except Trouble as err:
        print(err, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Type the same again to go on.", file=sys.stderr)
        return 130
