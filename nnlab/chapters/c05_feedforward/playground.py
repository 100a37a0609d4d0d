"""`explore.playground(...)`: the Playground with settings of your own, made in `nnlab.playground`."""

from nnlab.playground import playground

__all__ = ["playground"]
