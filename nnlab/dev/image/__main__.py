"""`python -m nnlab.dev.image MODEL.onnx`, from the clone's folder."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from nnlab.dev import image
from nnlab.dev.computer.containers import OWN, as_root, cannot_build
from nnlab.dev.paths import require_clone
from nnlab.dev.say import Trouble

from .build import build
from .container import Container, look, mount, seal, unmount

IN_MEMORY = 4_000_000  # kB that must be free for the files, about 0.8 GB, to be written to memory: that costs half


def free_memory() -> int:
    """In kB."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))


def main(words: list[str]) -> int:
    """Build, run, print what was found. 1 if that fails, with one sentence."""
    parser = argparse.ArgumentParser("python -m nnlab.dev.image", description=image.__doc__)
    parser.add_argument("model", type=Path, metavar="MODEL", help="an ONNX file, such as nnlab.serve.export writes")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    try:
        require_clone()
        if not options.model.is_file():
            raise Trouble(f"There is no model {options.model}: give an ONNX file.")
        if not options.inside:
            if why := cannot_build():
                raise Trouble(f"No container can be built here: {why}.")
            again = [*as_root(), *OWN, sys.executable, "-m", "nnlab.dev.image", "--inside", *words]
            os.execvp(again[0], again)
        print(json.dumps(build_and_look(options.model.resolve()), indent=1))
    except Trouble as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def build_and_look(model: Path) -> dict[str, Any]:
    """All of it, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="nnlab-image-") as name:
        if free_memory() > IN_MEMORY:
            mount("-t", "tmpfs", "tmpfs", name)
        try:
            root, settings = build(Path(name), model)
            seal(root)
            return look(Container(root, settings))
        finally:
            unmount(Path(name))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
