"""Makes pages of the notebooks, for reading in any browser without Jupyter: with search, both themes, and sliders that
move among pictures computed ahead. No notebook is run, and no page fetches anything from elsewhere. It takes a few
minutes."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from nnlab.dev import child, paths
from nnlab.dev.commands.execute import chosen
from nnlab.dev.environment import install, interpreter
from nnlab.dev.options import Parser
from nnlab.files import expand


def parse(words: Sequence[str]) -> Namespace:
    """`out`, `chapters` as they were typed, `no_frames` and `cpu`."""
    parser = Parser("book", __doc__)
    parser.add_argument("--out", default="book", metavar="FOLDER", help="where the pages go (book)")
    parser.add_argument("--chapters", nargs="+", default=[], metavar="NN", help="only these, as 00 02; else all")
    parser.add_argument("--no-frames", action="store_true", help="pictures only: quicker, and no slider moves")
    parser.add_argument("--cpu", action="store_true", help="take PyTorch's CPU build if the environment must be made")
    return parser.parse(words)


def run(options: Namespace) -> int:
    """Build the pages in the environment; see `inside/book/`."""
    notebooks = chosen(options.chapters)
    out = expand(options.out).resolve()
    ready = install.ensure(["test"], options.cpu)
    frames = ["--no-frames"] if options.no_frames else []
    argv: list[str | Path] = [ready.python, "-m", "nnlab.dev.inside.book", *frames, out, *notebooks]
    return child.run(argv, interpreter.child_env(ready.python, CUDA_VISIBLE_DEVICES=""), paths.ROOT)
