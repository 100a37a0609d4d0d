"""Initialisers: one row of `INITIALISERS` for each.

Each takes the shape of a weight, (fan_out, fan_in) or (out_channels, in_channels, height, width), and a generator, and
returns a new float64 array. fan_in is how many inputs one output sums over; fan_out how many outputs one input feeds. A
shape with fewer than two axes has no fans and raises ValueError.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlab.checks import Array, need_size, pick

Shape = tuple[int, ...]

# How much an activation shrinks a signal's standard deviation, inverted. PyTorch: torch.nn.init.calculate_gain.
GAINS: dict[str, float] = {
    "identity": 1.0,
    "linear": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "leaky_relu": math.sqrt(2 / (1 + 0.01**2)),
}


def calculate_gain(nonlinearity: str) -> float:
    """The factor a weight's standard deviation needs so that an activation keeps the signal's.

    sqrt(2) for "relu", 5/3 for "tanh"; ValueError for a name without one. Twin: `torch.nn.init.calculate_gain`."""
    return pick(GAINS, nonlinearity, "gain")


def fans(shape: Shape) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight shape. Needs two axes or more: a bias has no fans."""
    shape = tuple(need_size(n, "each entry of shape") for n in shape)
    if len(shape) < 2:
        raise ValueError(f"A weight has two axes or more, (fan_out, fan_in, ...); got shape {shape}.")
    receptive = math.prod(shape[2:])
    return shape[1] * receptive, shape[0] * receptive


def zeros(shape: Shape, *, rng: np.random.Generator | None = None) -> Array:
    """All zero: right for biases. As weights, they keep all neurons of a layer equal for ever."""
    return np.zeros(shape)


def normal(shape: Shape, mean: float = 0.0, std: float = 1.0, *, rng: np.random.Generator) -> Array:
    """Normal with the given mean and standard deviation. Twin: `torch.nn.init.normal_`."""
    return rng.normal(mean, std, shape)


def uniform(shape: Shape, low: float = 0.0, high: float = 1.0, *, rng: np.random.Generator) -> Array:
    """Uniform in [low, high). Twin: `torch.nn.init.uniform_`."""
    return rng.uniform(low, high, shape)


def xavier_normal(shape: Shape, gain: float = 1.0, *, rng: np.random.Generator) -> Array:
    """Normal, std = gain sqrt(2 / (fan_in + fan_out)). Source: Glorot & Bengio 2010.

    Twin: `torch.nn.init.xavier_normal_`."""
    return normal(shape, std=gain * math.sqrt(2 / sum(fans(shape))), rng=rng)


def xavier_uniform(shape: Shape, gain: float = 1.0, *, rng: np.random.Generator) -> Array:
    """Uniform in +-gain sqrt(6 / (fan_in + fan_out)): the same variance as `xavier_normal`.

    Source: Glorot & Bengio 2010. Twin: `torch.nn.init.xavier_uniform_`."""
    bound = gain * math.sqrt(6 / sum(fans(shape)))
    return uniform(shape, -bound, bound, rng=rng)


def kaiming_normal(shape: Shape, gain: float = GAINS["relu"], *, rng: np.random.Generator) -> Array:
    """He initialisation: normal, std = gain / sqrt(fan_in). Source: He et al. 2015.

    Twin: `torch.nn.init.kaiming_normal_`."""
    return normal(shape, std=gain / math.sqrt(fans(shape)[0]), rng=rng)


def kaiming_uniform(shape: Shape, gain: float = GAINS["relu"], *, rng: np.random.Generator) -> Array:
    """Uniform in +-gain sqrt(3 / fan_in): the same variance as `kaiming_normal`.

    Source: He et al. 2015. Twin: `torch.nn.init.kaiming_uniform_`."""
    bound = gain * math.sqrt(3 / fans(shape)[0])
    return uniform(shape, -bound, bound, rng=rng)


class Initialiser(NamedTuple):
    """One row: the function, its standard deviation as LaTeX and as a function of the shape, the twin, the use."""

    name: str
    fn: Callable[..., Array]
    formula: str
    std: Callable[[Shape], float]
    twin: str
    use: str


_ROWS = [
    Initialiser("zeros", zeros, r"0", lambda s: 0.0, "torch.nn.init.zeros_", "biases, never weights"),
    Initialiser("normal", normal, r"1", lambda s: 1.0, "torch.nn.init.normal_", "a lesson in what goes wrong"),
    Initialiser(
        "xavier_normal",
        xavier_normal,
        r"\sqrt{2 / (n_{in} + n_{out})}",
        lambda s: math.sqrt(2 / sum(fans(s))),
        "torch.nn.init.xavier_normal_",
        "sigmoid and tanh layers",
    ),
    Initialiser(
        "xavier_uniform",
        xavier_uniform,
        r"\sqrt{2 / (n_{in} + n_{out})}",
        lambda s: math.sqrt(2 / sum(fans(s))),
        "torch.nn.init.xavier_uniform_",
        "sigmoid and tanh layers; attention",
    ),
    Initialiser(
        "kaiming_normal",
        kaiming_normal,
        r"\sqrt{2 / n_{in}}",
        lambda s: math.sqrt(2 / fans(s)[0]),
        "torch.nn.init.kaiming_normal_",
        "ReLU and its relatives",
    ),
    Initialiser(
        "kaiming_uniform",
        kaiming_uniform,
        r"\sqrt{2 / n_{in}}",
        lambda s: math.sqrt(2 / fans(s)[0]),
        "torch.nn.init.kaiming_uniform_",
        "ReLU and its relatives",
    ),
]

INITIALISERS: dict[str, Initialiser] = {row.name: row for row in _ROWS}
