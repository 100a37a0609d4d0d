"""GELU, and the error function, which NumPy lacks."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from nnlab.checks import Array, as_float, pick

Approximate = Literal["none", "tanh"]

_STEP = 1 / 128
_GRID = np.arange(0, 6 + 2 * _STEP, _STEP)  # erf(6) is 1 - 2e-17: 1
_ERF = np.array([math.erf(x) for x in _GRID])
_SLOPE = 2 / math.sqrt(math.pi) * np.exp(-(_GRID**2))


def erf(x: Array) -> Array:
    """erf(x) = 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x, to 1e-15. Twin: `torch.erf`.

    Python's exact values on a grid, and from the nearest grid point a a Taylor series in d = |x| - a, at most 1/256:
    erf(a + d) = erf(a) + erf'(a) (d - a d^2 + (2a^2 - 1) d^3/3 - (2a^3 - 3a) d^4/6 + (4a^4 - 12a^2 + 3) d^5/30).
    """
    x = as_float(x)
    size = np.minimum(np.abs(x), 6).astype(np.float64)
    i = np.rint(np.nan_to_num(size) / _STEP).astype(np.intp)
    a = _GRID[i]
    d = size - a
    a2 = a * a
    series = d * (1 + d * (-a + d * ((2 * a2 - 1) / 3 + d * (a * (3 - 2 * a2) / 6 + d * (4 * a2 * (a2 - 3) + 3) / 30))))
    return np.copysign(_ERF[i] + _SLOPE[i] * series, x).astype(x.dtype)


_SQRT_2_OVER_PI = math.sqrt(2 / math.pi)


def gelu(x: Array, approximate: Approximate = "none") -> Array:
    """Gaussian error linear unit, f(x) = x Phi(x), Phi the standard normal distribution function.

    approximate="tanh" gives x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))). Source: Hendrycks & Gimpel 2016.
    Twin: `torch.nn.functional.gelu`."""
    x = as_float(x)
    if _form(approximate) == "tanh":
        return x * (1 + np.tanh(_SQRT_2_OVER_PI * x * (1 + 0.044715 * x * x))) / 2
    return x * (1 + erf(x / math.sqrt(2))) / 2


def gelu_grad(x: Array, approximate: Approximate = "none") -> Array:
    """f'(x) = Phi(x) + x phi(x), phi the standard normal density (or the derivative of the tanh form)."""
    x = as_float(x)
    if _form(approximate) == "tanh":
        t = np.tanh(_SQRT_2_OVER_PI * x * (1 + 0.044715 * x * x))
        slope = _SQRT_2_OVER_PI * (1 + 3 * 0.044715 * x * x)
        return (1 + t + x * (1 - t * t) * slope) / 2
    density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return (1 + erf(x / math.sqrt(2))) / 2 + x * density


def _form(approximate: str) -> str:
    return pick({"none": "none", "tanh": "tanh"}, approximate, "form of GELU")
