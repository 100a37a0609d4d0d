"""`Value` against torch.autograd, expression by expression: value and every gradient."""

import math

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nnlab.scratch import Value

NUMBERS = st.floats(-3, 3, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-3)
POSITIVE = st.floats(0.01, 3)


def agree(f, *inputs):
    """f on Values and f on tensors."""
    values = [Value(x) for x in inputs]
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    ours, theirs = f(*values), f(*tensors)
    ours.backward()
    theirs.backward()
    assert ours.data == pytest.approx(theirs.item(), rel=1e-9, abs=1e-9, nan_ok=True)
    for value, tensor in zip(values, tensors, strict=True):
        expected = 0.0 if tensor.grad is None else tensor.grad.item()
        assert value.grad == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


EXPRESSIONS = {
    "sum": lambda a, b: a + b + 2 + (3 + a),
    "difference": lambda a, b: a - b - 2 - (3 - a),
    "product": lambda a, b: a * b * 2 * (3 * a),
    "negation": lambda a, b: -a * +b,
    "exp": lambda a, b: (a * b).exp(),
    "relu": lambda a, b: (a + b).relu() * a,
    "tanh": lambda a, b: (a * 3 + b).tanh(),
    "sigmoid": lambda a, b: (a * 3 - b).sigmoid() * b,
    "square": lambda a, b: (a - b) ** 2,
    "cube": lambda a, b: (a - b) ** 3,
    "to the 0": lambda a, b: (a - b) ** 0 + a,
    "base 2": lambda a, b: 2.0 ** (a - b),
    "softplus": lambda a, b: ((a + b).exp() + 1).log(),
    "shared": lambda a, b: (c := a * b) * c + c.tanh() * a,
    "neuron": lambda a, b: ((a * 0.5 + b * -1.5 + 0.1).tanh() - 1.0) ** 2,
}
POSITIVE_EXPRESSIONS = {
    "quotient": lambda a, b: a / b / 2 + 3 / a,
    "log": lambda a, b: (a * b).log() * a,
    "power": lambda a, b: a**b,
    "power of a difference": lambda a, b: a ** (b - 1.5),
    "root": lambda a, b: (a + b) ** 0.5,
    "reciprocal": lambda a, b: a**-1 * b**-2.5,
    "cross-entropy": lambda a, b: -(a.exp() / (a.exp() + b.exp())).log(),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(a=NUMBERS, b=NUMBERS)
def test_an_expression_agrees(name, a, b):
    agree(EXPRESSIONS[name], a, b)


@pytest.mark.parametrize("name", POSITIVE_EXPRESSIONS)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(a=POSITIVE, b=POSITIVE)
def test_an_expression_of_positive_numbers_agrees(name, a, b):
    agree(POSITIVE_EXPRESSIONS[name], a, b)


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        (lambda a: a.relu(), (0.0,)),
        (lambda a: a.relu(), (math.nan,)),
        (lambda a: a.relu(), (math.inf,)),
        (lambda a: a.tanh(), (math.nan,)),
        (lambda a: a.sigmoid(), (math.nan,)),
        (lambda a: a.exp(), (math.nan,)),
        (lambda a: a.log(), (math.nan,)),
        (lambda a: a**2, (math.nan,)),
        (abs, (-2.5,)),
        (abs, (0.0,)),
        (abs, (math.nan,)),
        (lambda a, b: a % b, (7.5, -2.0)),
        (lambda a, b: a / b, (1.0, 1e200)),
        (lambda a, b: a / b, (1.0, 1e-200)),
        (lambda a: a**0.5, (0.0,)),
        (lambda a: a**0, (0.0,)),
        (lambda a: a**1, (0.0,)),
        (lambda a, b: a**b, (0.0, 2.0)),
        (lambda a, b: a**b, (-2.0, 3.0)),
        (lambda a: 0.0**a, (2.0,)),
        (lambda a: a.sigmoid(), (800.0,)),
        (lambda a: a.tanh(), (-800.0,)),
        (lambda a: a.exp(), (-800.0,)),
    ],
)
def test_corners_agree(f, inputs):
    agree(f, *inputs)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_expressions_drawn_at_random_agree(data):
    steps = data.draw(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 99), st.integers(0, 99)), max_size=12))

    def f(a, b):
        numbers = [a, b]
        for op, i, j in steps:
            u, v = numbers[i % len(numbers)], numbers[j % len(numbers)]
            numbers.append(
                [
                    lambda u, v: u + v,
                    lambda u, v: u - v,
                    lambda u, v: u * v,
                    lambda u, v: u / (v * v + 1),
                    lambda u, v: u.tanh(),
                    lambda u, v: u.sigmoid() * v,
                    lambda u, v: (u.tanh() * 2).exp(),
                    lambda u, v: (u * u + 0.5).log(),
                    lambda u, v: u.relu() + 1.5 * v,
                ][op](u, v)
            )
        return numbers[-1] + 0 * a + 0 * b

    a, b = data.draw(NUMBERS), data.draw(NUMBERS)
    assume(math.isfinite(f(Value(a), Value(b)).data) and abs(f(Value(a), Value(b)).data) < 1e6)
    agree(f, a, b)


NUMBERS_OF_ALL_KINDS = [0.0, -0.0, 2.0, -2.5, math.nan, math.inf, -math.inf]


@pytest.mark.parametrize("x", NUMBERS_OF_ALL_KINDS)
def test_it_compares_and_prints_like_a_tensor(x):
    value, tensor = Value(x), torch.tensor(x, dtype=torch.float64)
    assert bool(value) == bool(tensor)
    for spec in ("", ".3f", "+.2e", "8.1f"):
        assert f"{value:{spec}}" == f"{tensor:{spec}}"
    for other in [*NUMBERS_OF_ALL_KINDS, 2, True]:
        for ours, theirs in ((other, other), (Value(other), torch.tensor(other, dtype=torch.float64))):
            assert (value == ours) is bool(tensor == theirs) and (value != ours) is bool(tensor != theirs)
            assert (value < ours) is bool(tensor < theirs) and (value <= ours) is bool(tensor <= theirs)
            assert (value > ours) is bool(tensor > theirs) and (value >= ours) is bool(tensor >= theirs)
            assert (ours == value) is bool(theirs == tensor) and (ours < value) is bool(theirs < tensor)
    if math.isfinite(x):
        assert int(value) == int(tensor) and math.trunc(value) == math.trunc(x) and math.floor(value) == math.floor(x)
