"""Layers of the activations, under PyTorch's names: each is one row of `ACTIVATIONS`.

x of any shape -> y of the same shape; backward: dx = dy * f'(x), where softmax uses its Jacobian. Sources and
derivatives are with the functions in `activations.py`.
"""

from __future__ import annotations

from ..activations import Elementwise
from ..gelu import Approximate


class Identity(Elementwise):
    """y = x: the layer of `identity`. Twin: `torch.nn.Identity`."""

    def __init__(self) -> None:
        super().__init__("identity")


class ReLU(Elementwise):
    """y = max(0, x): the layer of `relu`. Twin: `torch.nn.ReLU`."""

    def __init__(self) -> None:
        super().__init__("relu")


class LeakyReLU(Elementwise):
    """y = x where x > 0, else negative_slope * x: the layer of `leaky_relu`. Twin: `torch.nn.LeakyReLU`."""

    def __init__(self, negative_slope: float = 0.01):
        super().__init__("leaky_relu", negative_slope=negative_slope)


class ELU(Elementwise):
    """y = x where x > 0, else alpha (e^x - 1): the layer of `elu`. Twin: `torch.nn.ELU`."""

    def __init__(self, alpha: float = 1.0):
        super().__init__("elu", alpha=alpha)


class Sigmoid(Elementwise):
    """y = 1 / (1 + e^-x): the layer of `sigmoid`. Twin: `torch.nn.Sigmoid`."""

    def __init__(self) -> None:
        super().__init__("sigmoid")


class Tanh(Elementwise):
    """y = tanh(x): the layer of `tanh`. Twin: `torch.nn.Tanh`."""

    def __init__(self) -> None:
        super().__init__("tanh")


class Softmax(Elementwise):
    """y_i = e^(x_i) / sum_j e^(x_j) along `dim`: the layer of `softmax`. Twin: `torch.nn.Softmax`."""

    def __init__(self, dim: int = -1):
        super().__init__("softmax", axis=dim)


class SiLU(Elementwise):
    """y = x sigmoid(x): the layer of `silu` (swish). Twin: `torch.nn.SiLU`."""

    def __init__(self) -> None:
        super().__init__("silu")


class GELU(Elementwise):
    """y = x Phi(x), or its tanh form: the layer of `gelu`. Twin: `torch.nn.GELU`."""

    def __init__(self, approximate: Approximate = "none"):
        super().__init__("gelu", approximate=approximate)
