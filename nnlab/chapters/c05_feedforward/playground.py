"""`explore.playground(...)`: the Playground with settings of your own. It has a room of its own."""

from nnlab.playground import playground

__all__ = ["playground"]
