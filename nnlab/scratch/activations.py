"""Activation functions: one row of `ACTIVATIONS` for each.

To add one, write its function and derivative and add a row. The table of chapter 02, its explorer, the parity test
against PyTorch and `Activation.layer()` all read that row.

All functions take arrays of any shape, keep float32 and float64, never write to their input, and overflow for no
input a network meets (they are tested to +-10,000). Where a function has a kink (ReLU at 0), the derivative is
PyTorch's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from nnlab.checks import Array, as_float, pick

from .gelu import gelu, gelu_grad
from .module import Layer
from .precision import total


def identity(x: Array) -> Array:
    """Identity, f(x) = x: the output of a regression. Twin: `torch.nn.Identity`."""
    return as_float(x).copy()


def identity_grad(x: Array) -> Array:
    """f'(x) = 1."""
    return np.ones_like(as_float(x))


def relu(x: Array) -> Array:
    """Rectified linear unit, f(x) = max(0, x). Source: Nair & Hinton 2010. Twin: `torch.nn.functional.relu`."""
    return np.maximum(as_float(x), 0)


def relu_grad(x: Array) -> Array:
    """f'(x) = 1 where x > 0, else 0 (0 at the kink, as in PyTorch)."""
    x = as_float(x)
    return (x > 0).astype(x.dtype)


def leaky_relu(x: Array, negative_slope: float = 0.01) -> Array:
    """Leaky ReLU: x where x > 0, else negative_slope * x. Source: Maas et al. 2013.

    Twin: `torch.nn.functional.leaky_relu`."""
    x = as_float(x)
    return np.where(x > 0, x, x * x.dtype.type(negative_slope))


def leaky_relu_grad(x: Array, negative_slope: float = 0.01) -> Array:
    """f'(x) = 1 where x > 0, else negative_slope."""
    x = as_float(x)
    return np.where(x > 0, x.dtype.type(1), x.dtype.type(negative_slope))


def elu(x: Array, alpha: float = 1.0) -> Array:
    """Exponential linear unit: x where x > 0, else alpha (e^x - 1). Source: Clevert et al. 2016.

    `expm1` of min(x, 0) keeps tiny values exact and never overflows. Twin: `torch.nn.functional.elu`."""
    x = as_float(x)
    return np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(np.minimum(x, 0)))


def elu_grad(x: Array, alpha: float = 1.0) -> Array:
    """f'(x) = 1 where x > 0, else alpha e^x."""
    x = as_float(x)
    return np.where(x > 0, x.dtype.type(1), x.dtype.type(alpha) * np.exp(np.minimum(x, 0)))


def sigmoid(x: Array) -> Array:
    """Logistic sigmoid, f(x) = 1 / (1 + e^-x), in (0, 1). Twin: `torch.sigmoid`.

    `e = exp(-|x|)` is at most 1, so nothing overflows: 1 / (1 + e) on the right, e / (1 + e) on the left."""
    x = as_float(x)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def sigmoid_grad(x: Array) -> Array:
    """f'(x) = f(x) (1 - f(x)), at most 1/4. Written e / (1 + e)^2, which stays exact where f(x) rounds to 1."""
    e = np.exp(-np.abs(as_float(x)))
    return e / (1 + e) ** 2


def tanh(x: Array) -> Array:
    """Hyperbolic tangent, f(x) = (e^x - e^-x) / (e^x + e^-x), in (-1, 1). Twin: `torch.tanh`."""
    return np.tanh(as_float(x))


def tanh_grad(x: Array) -> Array:
    """f'(x) = 1 - tanh(x)^2, at most 1. Equals 4 sigmoid'(2x), which stays exact where tanh rounds to 1."""
    return 4 * sigmoid_grad(2 * as_float(x))


def softmax(x: Array, axis: int = -1) -> Array:
    """Softmax, f(x)_i = e^(x_i) / sum_j e^(x_j) along `axis`: positive, sums to 1. Twin: `torch.softmax`.

    Subtracting the largest entry changes nothing (it cancels) and keeps every exponent at or below 0. A single number
    raises ValueError."""
    x = as_float(x)
    if x.ndim == 0:
        raise ValueError("softmax needs an axis of classes; x is a single number.")
    e = np.exp(x - x.max(axis=axis, keepdims=True, initial=-np.inf))
    return e / total(e, axis, keepdims=True)


def softmax_grad(x: Array, axis: int = -1) -> Array:
    """The Jacobian J[..., i, j] = ds_i/dx_j = s_i (delta_ij - s_j); the classes move to the last two axes."""
    s = np.moveaxis(softmax(x, axis), axis, -1)
    return s[..., :, None] * (np.eye(s.shape[-1], dtype=s.dtype) - s[..., None, :])


def softmax_backward(x: Array, dy: Array, axis: int = -1) -> Array:
    """Gradient through softmax, dx = s * (dy - sum(dy * s)): the Jacobian times dy without building it."""
    s = softmax(x, axis)
    return s * (dy - total(dy * s, axis, keepdims=True))


def silu(x: Array) -> Array:
    """SiLU or swish, f(x) = x sigmoid(x). Source: Hendrycks & Gimpel 2016; Ramachandran et al. 2017."""
    x = as_float(x)
    return x * sigmoid(x)


def silu_grad(x: Array) -> Array:
    """f'(x) = s (1 + x (1 - s)) with s = sigmoid(x)."""
    x = as_float(x)
    s = sigmoid(x)
    return s * (1 + x * (1 - s))


swish = silu
swish_grad = silu_grad


class Parameter(NamedTuple):
    """A setting of an activation, with the range an explorer offers for it."""

    default: float
    low: float
    high: float


class Activation(NamedTuple):
    """One row: everything the workbook knows about an activation.

    `formula` and `derivative` are LaTeX, `range` is how the interval of outputs is written, `twin` the dotted name of
    PyTorch's function, `use` where it is used. `params` are keyword arguments of `fn` and `grad` alike.
    """

    name: str
    fn: Callable[..., Array]
    grad: Callable[..., Array]
    formula: str
    derivative: str
    range: str
    twin: str
    use: str
    params: Mapping[str, Parameter] = MappingProxyType({})  # empty, and stays so
    backward: Callable[..., Array] | None = None  # (x, dy, **params) -> dx, where outputs depend on several inputs

    def layer(self, **params: Any) -> Elementwise:
        """A layer that applies this row, for `Sequential` and `MLP`."""
        return Elementwise(self.name, **params)


_ROWS = [
    Activation("identity", identity, identity_grad, r"x", r"1", "(-∞, ∞)", "torch.nn.Identity()", "regression output"),
    Activation(
        "relu",
        relu,
        relu_grad,
        r"\max(0, x)",
        r"1 \text{ if } x > 0 \text{ else } 0",
        "[0, ∞)",
        "torch.nn.functional.relu",
        "hidden layers: the first thing to try",
    ),
    Activation(
        "leaky_relu",
        leaky_relu,
        leaky_relu_grad,
        r"x \text{ if } x > 0 \text{ else } \alpha x",
        r"1 \text{ if } x > 0 \text{ else } \alpha",
        "(-∞, ∞)",
        "torch.nn.functional.leaky_relu",
        "hidden layers when ReLU units die",
        {"negative_slope": Parameter(0.01, 0, 0.5)},
    ),
    Activation(
        "elu",
        elu,
        elu_grad,
        r"x \text{ if } x > 0 \text{ else } \alpha (e^x - 1)",
        r"1 \text{ if } x > 0 \text{ else } \alpha e^x",
        "(-α, ∞)",
        "torch.nn.functional.elu",
        "hidden layers, outputs nearer to mean zero",
        {"alpha": Parameter(1.0, 0.0, 2)},
    ),
    Activation(
        "sigmoid",
        sigmoid,
        sigmoid_grad,
        r"\frac{1}{1 + e^{-x}}",
        r"f(x)\,(1 - f(x))",
        "(0, 1)",
        "torch.sigmoid",
        "output for two classes; gates of LSTM and GRU",
    ),
    Activation(
        "tanh",
        tanh,
        tanh_grad,
        r"\frac{e^x - e^{-x}}{e^x + e^{-x}}",
        r"1 - f(x)^2",
        "(-1, 1)",
        "torch.tanh",
        "states of recurrent networks",
    ),
    Activation(
        "softmax",
        softmax,
        softmax_grad,
        r"\frac{e^{x_i}}{\sum_j e^{x_j}}",
        r"f_i\,(\delta_{ij} - f_j)",
        "(0, 1), sums to 1",
        "torch.softmax",
        "output for several classes; attention",
        backward=softmax_backward,
    ),
    Activation(
        "silu",
        silu,
        silu_grad,
        r"x\,\sigma(x)",
        r"\sigma(x)\,(1 + x\,(1 - \sigma(x)))",
        "[-0.278, ∞)",
        "torch.nn.functional.silu",
        "deep convolutional networks (swish)",
    ),
    Activation(
        "gelu",
        gelu,
        gelu_grad,
        r"x\,\Phi(x)",
        r"\Phi(x) + x\,\varphi(x)",
        "[-0.170, ∞)",
        "torch.nn.functional.gelu",
        "transformers",
    ),
]

ACTIVATIONS: dict[str, Activation] = {row.name: row for row in _ROWS}


class Elementwise(Layer):
    """A layer that applies one row of `ACTIVATIONS`: x of any shape in, the same shape out.

    backward: dx = dy * f'(x) (softmax: its Jacobian times dy). Keywords are the row's parameters."""

    _keeps_input = True

    def __init__(self, activation: str, **params: Any):
        super().__init__()
        self.row: Activation = pick(ACTIVATIONS, activation, "activation")
        self.options = params
        try:
            self.row.fn(np.zeros(1), **params)  # a wrong keyword should fail here, not in the first forward
        except TypeError:
            known = ", ".join(self.row.params) or "no parameters"
            raise TypeError(f"{activation} takes {known}; got {', '.join(params)}.") from None

    def forward(self, x: Array) -> Array:
        x = as_float(x)
        y = self.row.fn(x, **self.options)
        self._keep(x)
        return y

    def backward(self, dy: Array) -> Array:
        (x,) = self._take()
        dy = self._upstream(dy, x.shape, x.dtype)
        if self.row.backward is not None:
            return self.row.backward(x, dy, **self.options)
        return dy * self.row.grad(x, **self.options)

    def __repr__(self) -> str:
        options = [f"{k}={v}" for k, v in self.options.items()]
        return f"{type(self).__name__}({', '.join([*self._named(), *options])})"

    def _named(self) -> list[str]:
        return [repr(self.row.name)] if type(self) is Elementwise else []
