"""Scalar automatic differentiation: numbers that remember where they came from. Source: Karpathy's micrograd.

Each operation makes a `Value` that knows its parents and, for each, its slope: the derivative of the result with
respect to that parent. `backward` walks from the result to the leaves and multiplies slopes along the way: the chain
rule.
"""

from __future__ import annotations

import math
from typing import Union

from nnlab.checks import describe

from .autograd_graph import Svg, draw

Number = Union["Value", float]


class Value:
    """A number for which arithmetic works as for a float, and derivatives too. Twin: a `torch.Tensor` without axes.

    `data` is the number, `grad` the derivative of whatever `backward` was called on with respect to this number.
    Gradients of leaves add up over several `backward` calls, as in PyTorch; set `x.grad = 0.0` to start again.
    It compares and prints like its number: `x == 2.0`, `bool(x)`, `f"{x:.3f}"`. A set or dict tells two Values apart
    even where they are equal, as with tensors: `data` may change.
    Raises TypeError for anything but one number, and what a float would raise (ZeroDivisionError, ValueError for the
    root of a negative number). Source: Karpathy's micrograd, 2020.
    """

    __slots__ = ("__weakref__", "data", "grad", "label", "op", "parents", "slopes")
    __array_ufunc__ = None  # so that numpy.float64(2) * Value(3) asks Value instead of making an array

    def __init__(self, data: float, label: str = ""):
        try:
            if isinstance(data, (str, bytes, bytearray)):  # which float would read
                raise TypeError
            self.data = float(data)
        except (TypeError, ValueError):
            raise TypeError(f"A Value is made of one number, got {describe(data)}.") from None
        self.grad = 0.0
        self.label, self.op = label, ""
        self.parents: tuple[Value, ...] = ()
        self.slopes: tuple[float, ...] = ()

    def backward(self) -> None:
        """Fill `grad` of every value that this one was made of: the derivative of this one with respect to it.

        dL/dparent = sum over what is made of it of slope * dL/dchild: the chain rule, from the result to the leaves."""
        order = self.graph()
        for node in order:
            if node.parents:  # leaves keep what earlier calls left
                node.grad = 0.0
        self.grad += 1.0
        for node in reversed(order):
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                parent.grad += slope * node.grad

    def graph(self) -> list[Value]:
        """Every value this one was made of, and itself: parents always before what is made of them.

        A stack instead of recursion: Python allows only 1,000 nested calls."""
        order: list[Value] = []
        seen: set[int] = set()
        stack = [(self, False)]
        while stack:
            node, parents_done = stack.pop()
            if parents_done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((parent, False) for parent in node.parents)
        return order

    def __add__(self, other: Number) -> Value:
        b = _lift(other)
        return NotImplemented if b is None else _make(self.data + b.data, "+", (self, b), (1.0, 1.0))

    def __sub__(self, other: Number) -> Value:
        b = _lift(other)
        return NotImplemented if b is None else _make(self.data - b.data, "-", (self, b), (1.0, -1.0))

    def __mul__(self, other: Number) -> Value:
        b = _lift(other)
        return NotImplemented if b is None else _make(self.data * b.data, "*", (self, b), (b.data, self.data))

    def __truediv__(self, other: Number) -> Value:
        b = _lift(other)
        if b is None:
            return NotImplemented
        return _make(self.data / b.data, "/", (self, b), (1 / b.data, -self.data / b.data / b.data))

    def __pow__(self, other: Number) -> Value:
        """a ** b, with slopes b a^(b - 1) and a^b log(a); the second is NaN for a negative a, as in PyTorch."""
        b = _lift(other)
        if b is None:
            return NotImplemented
        power = _power(self.data, b.data)
        by_base = b.data * _power(self.data, b.data - 1, at_zero=math.inf) if b.data else 0.0
        if not isinstance(other, Value):
            return _make(power, f"**{other:g}", (self,), (by_base,))
        log = math.log(self.data) if self.data > 0 else math.nan
        by_exponent = 0.0 if self.data == 0 else power * log
        return _make(power, "**", (self, b), (by_base, by_exponent))

    def __mod__(self, other: Number) -> Value:
        """a % b = a - b floor(a / b), in the sign of b; slopes 1 and -floor(a / b)."""
        b = _lift(other)
        if b is None:
            return NotImplemented
        return _make(self.data % b.data, "%", (self, b), (1.0, -float(self.data // b.data)))

    def __abs__(self) -> Value:
        """|x|, with the sign of x as its slope, 0 at 0."""
        sign = float(self.data > 0) - float(self.data < 0)
        return _make(abs(self.data), "abs", (self,), (sign,))

    def __neg__(self) -> Value:
        return _make(-self.data, "neg", (self,), (-1.0,))

    def __pos__(self) -> Value:
        return self

    def __radd__(self, other: float) -> Value:
        return Value(other) + self

    def __rsub__(self, other: float) -> Value:
        return Value(other) - self

    def __rmul__(self, other: float) -> Value:
        return Value(other) * self

    def __rtruediv__(self, other: float) -> Value:
        return Value(other) / self

    def __rpow__(self, other: float) -> Value:
        return Value(other) ** self

    def __rmod__(self, other: float) -> Value:
        return Value(other) % self

    def exp(self) -> Value:
        """e to this power; the slope is the result."""
        try:
            e = math.exp(self.data)
        except OverflowError:
            e = math.inf
        return _make(e, "exp", (self,), (e,))

    def log(self) -> Value:
        """Natural logarithm, slope 1 / x."""
        if self.data <= 0:  # and NaN stays NaN
            raise ValueError(f"log needs a number above 0, got {self.data}.")
        return _make(math.log(self.data), "log", (self,), (1 / self.data,))

    def relu(self) -> Value:
        """max(0, x), slope 1 where x > 0, else 0. NaN stays NaN: a mistake should not vanish."""
        off = self.data <= 0  # false for NaN
        return _make(0.0 if off else self.data, "relu", (self,), (0.0 if off else 1.0,))

    def tanh(self) -> Value:
        """Hyperbolic tangent, slope 1 - tanh(x)^2."""
        t = math.tanh(self.data)
        return _make(t, "tanh", (self,), (1 - t * t,))

    def sigmoid(self) -> Value:
        """1 / (1 + e^-x), slope s (1 - s). Written with e^-|x|, which never overflows."""
        e = math.exp(-abs(self.data))
        s = (1.0 if self.data >= 0 else e) / (1 + e)
        return _make(s, "sigmoid", (self,), (e / (1 + e) ** 2,))

    def draw(self) -> Svg:
        """The graph that made this value, as a picture (SVG): a notebook shows it, `str` is its source."""
        return draw(self.graph())

    def __float__(self) -> float:
        return self.data

    def __int__(self) -> int:
        return int(self.data)

    def __trunc__(self) -> int:
        return math.trunc(self.data)

    def __round__(self, digits: int | None = None) -> float:
        """A plain number, without a derivative."""
        return round(self.data, digits)

    def __bool__(self) -> bool:
        return self.data != 0

    def __format__(self, spec: str) -> str:
        return format(self.data, spec)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        b = _lift(other)
        return NotImplemented if b is None else self.data == b.data

    def __lt__(self, other: Number) -> bool:
        b = _lift(other)
        return NotImplemented if b is None else self.data < b.data

    def __le__(self, other: Number) -> bool:
        b = _lift(other)
        return NotImplemented if b is None else self.data <= b.data

    def __gt__(self, other: Number) -> bool:
        b = _lift(other)
        return NotImplemented if b is None else self.data > b.data

    def __ge__(self, other: Number) -> bool:
        b = _lift(other)
        return NotImplemented if b is None else self.data >= b.data

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value({self.data:g}, grad={self.grad:g}{label})"


def _make(data: float, op: str, parents: tuple[Value, ...], slopes: tuple[float, ...]) -> Value:
    """The result of an operation."""
    value = Value(data)
    value.op, value.parents, value.slopes = op, parents, slopes
    return value


def _lift(x: object) -> Value | None:
    """A plain number as a leaf; None for anything else, so that Python says which types do not fit."""
    if isinstance(x, Value):
        return x
    if hasattr(x, "__float__") and getattr(x, "shape", ()) == ():
        return Value(x)  # type: ignore[arg-type]
    return None


def _power(a: float, b: float, at_zero: float | None = None) -> float:
    """a ** b like a float, infinite where it overflows; `at_zero` where a is 0 and b negative."""
    if a == 0 and b < 0 and at_zero is not None:
        return at_zero
    try:
        power = a**b
    except OverflowError:
        return math.inf if a > 0 or b % 2 == 0 else -math.inf
    if isinstance(power, complex):
        raise ValueError(f"A negative number has no real power with an exponent that is not whole: {a:g} ** {b:g}.")
    return power
