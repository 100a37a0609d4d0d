"""The Playground as it begins."""

from nnlab.explore.explorer import Explorer
from nnlab.playground import playground


def playground_explorer() -> Explorer:
    """The Playground with its default settings."""
    return playground()
