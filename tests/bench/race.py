"""Measures the race of all optimizers as `bench playground` measures the Playground: frames painted a second in a real
JupyterLab, how soon the buttons answer, what a frame costs the kernel.
"""

from __future__ import annotations

import sys

from tests.bench import playground

# A race in which nobody arrives or is lost while it is watched: each frame has all to draw.
SHOW = """
import json, time
from nnlab.explore import race_explorer

explorer = race_explorer("rosenbrock")
explorer.set(lr=0.0001, adaptive_lr=0.01)
explorer
"""


def main(argv: list[str]) -> int:
    """Measure and print the table; returns the exit status."""
    return playground.main(argv, "race", SHOW, __doc__)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
