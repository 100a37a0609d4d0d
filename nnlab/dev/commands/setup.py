"""Makes ready what the workbook needs. An environment that has it all (conda, a container, a hosted notebook) is used
as it is; else `.venv` is made in the clone, and nothing outside the clone is changed. Texts that may not be shipped are
fetched into data/cache. An interrupted set-up continues when this is typed again.
"""

from argparse import Namespace
from collections.abc import Sequence

from nnlab.dev.environment import install, interpreter, texts
from nnlab.dev.options import Parser
from nnlab.dev.paths import require_clone
from nnlab.dev.say import say

EXTRAS = {
    "test": "also what `python3 -m nnlab test` needs",
    "author": "also what writing notebooks needs",
}


def parse(words: Sequence[str]) -> Namespace:
    """`cpu`, and `extras`: those of pyproject.toml that were asked for."""
    require_clone()  # before its list of extras is read
    parser = Parser("setup", __doc__)
    parser.add_argument("--cpu", action="store_true", help="take PyTorch's CPU build: about 1.5 GB instead of 6")
    for name in interpreter.extras():
        about = EXTRAS.get(name, f"also the extra `{name}` of pyproject.toml")
        parser.add_argument(f"--{name}", dest="extras", action="append_const", const=name, default=[], help=about)
    return parser.parse(words)


def run(options: Namespace) -> int:
    """Make the environment, unless one is there, and fetch the texts that are not shipped."""
    ready = interpreter.find(options.extras)
    if ready:
        say(f"All that is needed is here already: {ready.python}")
        if options.cpu:
            say("(To change to PyTorch's CPU build, delete .venv and run this again.)")
    else:
        ready = install.ensure(options.extras, options.cpu)
    texts.fetch(ready.python)
    say("Type `python3 -m nnlab lab` to begin.")
    return 0
