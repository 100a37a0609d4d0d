"""Layers of the activations, under PyTorch's names: each is one row of `ACTIVATIONS`."""

from __future__ import annotations

from ..activations import Elementwise
from ..gelu import Approximate


class Identity(Elementwise):
    """Layer of `identity`."""

    def __init__(self) -> None:
        super().__init__("identity")


class ReLU(Elementwise):
    """Layer of `relu`."""

    def __init__(self) -> None:
        super().__init__("relu")


class LeakyReLU(Elementwise):
    """Layer of `leaky_relu`."""

    def __init__(self, negative_slope: float = 0.01):
        super().__init__("leaky_relu", negative_slope=negative_slope)


class ELU(Elementwise):
    """Layer of `elu`."""

    def __init__(self, alpha: float = 1.0):
        super().__init__("elu", alpha=alpha)


class Sigmoid(Elementwise):
    """Layer of `sigmoid`."""

    def __init__(self) -> None:
        super().__init__("sigmoid")


class Tanh(Elementwise):
    """Layer of `tanh`."""

    def __init__(self) -> None:
        super().__init__("tanh")


class Softmax(Elementwise):
    """Layer of `softmax` along `dim`."""

    def __init__(self, dim: int = -1):
        super().__init__("softmax", axis=dim)


class SiLU(Elementwise):
    """Layer of `silu` (swish)."""

    def __init__(self) -> None:
        super().__init__("silu")


class GELU(Elementwise):
    """Layer of `gelu`."""

    def __init__(self, approximate: Approximate = "none"):
        super().__init__("gelu", approximate=approximate)
