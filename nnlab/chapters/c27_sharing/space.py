"""The small architectures that chapter 27 searches: five genes each, and how many parameters they make."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from nnlab.checks import describe

SIDE, CLASSES = 14, 10  # pixels of a digit, each way; answers


class Architecture(NamedTuple):
    """Genes of a small network for digits of 14 x 14 pixels.

    first, second: channels of two convolutions, each followed by ReLU and pooling of 2 x 2; 0 leaves it out. kernel:
    their size. norm: a batch normalisation after each (1) or none (0). hidden: units of a linear layer, 0 for none."""

    first: int
    second: int
    kernel: int
    norm: int
    hidden: int


GENES: dict[str, tuple[int, ...]] = {
    "first": (0, 2, 4, 8),
    "second": (0, 4, 8, 16),
    "kernel": (3, 5),
    "norm": (0, 1),
    "hidden": (0, 8, 16, 32, 64),
}
EVERY = [Architecture(*values) for values in itertools.product(*GENES.values())]  # 320, in the table's order


def checked(genes: Architecture) -> Architecture:
    """`genes`, if the space has them. Raises ValueError otherwise."""
    for name, value in zip(GENES, genes, strict=True):
        if value not in GENES[name]:
            raise ValueError(f"{name} should be one of {', '.join(map(str, GENES[name]))}; got {describe(value)}.")
    return Architecture(*genes)


def channels(genes: Architecture) -> list[int]:
    """Channels of the convolutions that are there."""
    return [n for n in (genes.first, genes.second) if n]


def parameters(genes: Architecture) -> int:
    """How many numbers are trained: in out k^2 + out a convolution, 2 out a normalisation, in out + out a linear
    layer. A convolution in front of a normalisation has no bias."""
    genes, total, before, side = checked(genes), 0, 1, SIDE
    for n in channels(genes):
        total += before * n * genes.kernel**2 + (2 * n if genes.norm else n)
        before, side = n, side // 2
    width = before * side * side
    if genes.hidden:
        total, width = total + width * genes.hidden + genes.hidden, genes.hidden
    return total + width * CLASSES + CLASSES
