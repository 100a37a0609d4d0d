"""Explorer of chapter 05: the Playground with its default settings."""

from nnlab.explore.explorer import Explorer
from nnlab.playground import playground


def playground_explorer() -> Explorer:
    """A network in the browser: data, layers, optimizer and regularisation on controls."""
    return playground()
