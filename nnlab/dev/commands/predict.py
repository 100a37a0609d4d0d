"""Puts a file through a model, however large it is: INPUT is a .csv, .npz, .parquet or a folder of pictures, OUTPUT a
CSV with a prediction for each row. After a kill or Ctrl-C the same command goes on where it was. With --workers it uses
several processes, with --scheduler the machines of a Dask cluster."""

from argparse import Namespace
from collections.abc import Sequence

from nnlab.dev import child, paths
from nnlab.dev.environment import install, interpreter
from nnlab.dev.options import Parser
from nnlab.dev.say import Trouble
from nnlab.files import expand


def parse(words: Sequence[str]) -> Namespace:
    """`files` (model, input, output), `rows`, `workers`, `scheduler` and `cpu`."""
    parser = Parser("predict", __doc__)
    parser.add_argument("files", nargs="*", metavar="MODEL INPUT OUTPUT", help="digits.onnx pixels.parquet labels.csv")
    parser.add_argument("--rows", default="4096", metavar="N", help="rows of a chunk (4096)")
    parser.add_argument("--workers", default="1", metavar="N", help="processes on this machine (1)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster, such as tcp://10.0.0.5:8786")
    parser.add_argument("--cpu", action="store_true", help="take PyTorch's CPU build if the environment must be made")
    options = parser.parse(words)
    if len(options.files) != 3:
        raise Trouble("Give `predict` a model, an input and an output, such as digits.onnx pixels.csv labels.csv.")
    parser.need_counts(options, "rows", "workers")
    return options


def run(options: Namespace) -> int:
    """Compute what is missing."""
    ready = install.ensure([], options.cpu)
    files = [str(expand(name).resolve()) for name in options.files]
    argv = [ready.python, "-m", "nnlab.dev.inside.predict", *files, options.rows, options.workers]
    argv += [options.scheduler] if options.scheduler else []
    return child.run(argv, interpreter.child_env(ready.python), paths.ROOT)
