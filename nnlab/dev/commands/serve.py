"""Serves a trained model over HTTP: an ONNX file, or a checkpoint of `train` together with its configuration, which is
exported to an ONNX file of the same name first. http://127.0.0.1:8000/ is then a page to try it. What else it takes
(--port, --host, --workers, --canary and --share for a second version, ...) it lists with `-- --help`."""

from argparse import REMAINDER, Namespace
from collections.abc import Sequence
from pathlib import Path

from nnlab.dev import child, paths
from nnlab.dev.environment import install, interpreter
from nnlab.dev.options import Parser
from nnlab.dev.say import Trouble
from nnlab.files import expand


def parse(words: Sequence[str]) -> Namespace:
    """`model`, `config`, `cpu`, and in `passed_on` the service's own options."""
    parser = Parser("serve", __doc__, usage="%(prog)s [--cpu] [--config TOML] MODEL [the service's options]")
    parser.add_argument("--config", metavar="TOML", help="what a checkpoint was trained with, as configs/mnist.toml")
    parser.add_argument("--cpu", action="store_true", help="take PyTorch's CPU build if the environment must be made")
    parser.add_argument("model", nargs="?", metavar="MODEL", help="digits.onnx, or runs/mnist/best.pt with --config")
    parser.add_argument("passed_on", nargs=REMAINDER, metavar="...")
    options, unknown = parser.parse_known_args(list(words))
    options.passed_on = [*unknown, *(word for word in options.passed_on if word != "--")]
    if options.model is None:
        raise Trouble("Give `serve` a model: an ONNX file, or a checkpoint with --config configs/mnist.toml.")
    return options


def run(options: Namespace) -> int:
    """Export if need be, and serve."""
    model = expand(options.model).resolve()
    if not model.is_file():
        raise Trouble(f"There is no model {options.model}: `python3 -m nnlab train configs/mnist.toml` makes one.")
    if (model.suffix != ".onnx") != (options.config is not None):
        raise Trouble("A checkpoint needs --config with what it was trained with; an ONNX file needs none.")
    ready = install.ensure([], options.cpu)
    env = interpreter.child_env(ready.python)
    if options.config is not None:
        config = expand(options.config).resolve()
        exported = child.run([ready.python, "-m", "nnlab.dev.inside.export", model, config], env, paths.ROOT)
        if exported:
            return exported
        model = model.with_suffix(".onnx")
    argv: list[str | Path] = [ready.python, "-m", "nnlab.serve", model, *options.passed_on]
    return child.run(argv, env, paths.ROOT)
