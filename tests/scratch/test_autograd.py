"""`Value`: chains of any length, arithmetic like a float, and a picture of the graph."""

import gc
import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from nnlab.scratch import Value


def test_a_chain_of_100_000_nodes():
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y + x
    y.backward()
    assert y.data == 100_001 and x.grad == 100_001
    del y  # a chain this long is taken apart without recursion too
    gc.collect()


def test_a_value_used_many_times_collects_all_its_gradients():
    x = Value(3.0)
    y = x * x + x * 2 - x
    for _ in range(50):
        y = y + y  # 2^50 paths: only an order that visits each node once gets through
    y.backward()
    assert x.grad == (2 * 3 + 1) * 2**50


def test_leaves_add_up_and_inner_values_start_again():
    x = Value(2.0)
    y = x * x
    z = y * 3
    z.backward()
    z.backward()
    assert (x.grad, y.grad, z.grad) == (24.0, 3.0, 1.0)


@pytest.mark.parametrize("two", [2, 2.0, np.float64(2), np.float32(2), np.int64(2), np.array(2.0), True + True])
def test_numbers_of_all_kinds_stand_on_both_sides(two):
    x = Value(3.0)
    pairs = [(x + two, 5), (two + x, 5), (x - two, 1), (two - x, -1), (x * two, 6), (two * x, 6)]
    pairs += [(x / two, 1.5), (two / x, 2 / 3), (x**two, 9), (two**x, 8), (-x, -3), (+x, 3)]
    for value, expected in pairs:
        assert isinstance(value, Value) and value.data == pytest.approx(expected)
    assert x > two and x >= two and not x < two and not x <= two and float(x) == 3.0
    assert sum([x, x]).data == 6


def test_extreme_numbers():
    assert Value(1000.0).exp().data == math.inf
    assert Value(-1000.0).exp().data == 0
    for x in (-1000.0, 1000.0):
        s = Value(x)
        s.sigmoid().backward()
        assert s.grad == 0
    assert (Value(10.0) ** 400).data == math.inf
    assert (Value(-10.0) ** 401).data == -math.inf
    root = Value(0.0)
    (root**0.5).backward()
    assert root.grad == math.inf


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Value("a"), TypeError, "one number"),
        (lambda: Value([1.0, 2.0]), TypeError, "one number"),
        (lambda: Value("2.0"), TypeError, "one number"),
        (lambda: Value(b"2"), TypeError, "one number"),
        (lambda: Value(2.0) < "a", TypeError, "not supported"),
        (lambda: Value(2.0) + np.ones(2), TypeError, "Value"),
        (lambda: Value(2.0) % 0, ZeroDivisionError, "zero|modulo"),
        (lambda: f"{Value(2.0):d}", ValueError, "format"),
        (lambda: Value(2.0) + "a", TypeError, "Value"),
        (lambda: "a" * Value(2.0), TypeError, "one number"),
        (lambda: Value(0.0).log(), ValueError, "above 0"),
        (lambda: Value(-2.0) ** 0.5, ValueError, "negative number"),
        (lambda: Value(1.0) / 0, ZeroDivisionError, "zero"),
    ],
)
def test_what_a_float_would_refuse(make, error, words):
    with pytest.raises(error, match=words):
        make()


def expression():
    a, b = Value(2.0, label="a<b"), Value(-3.0, label="b")
    y = (a * b + 10.0).tanh() * a.exp()
    y.label = "loss"
    y.backward()
    return y


def check_picture(svg, values):
    root = ET.fromstring(svg)
    texts = ["".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")]
    boxes = [
        tuple(float(r.get(k)) for k in ("x", "y", "width", "height"))
        for r in root.iter("{http://www.w3.org/2000/svg}rect")
    ]
    assert len(boxes) == len(values)
    for value in values:
        assert f"data {value.data:.4g}" in texts and f"grad {value.grad:.4g}" in texts
    assert "a<b" in texts and "loss = *" in texts
    width, height = (float(root.get(k)) for k in ("width", "height"))
    for i, (x, y, w, h) in enumerate(boxes):
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
        for u, v, s, t in boxes[:i]:
            assert x + w <= u or u + s <= x or y + h <= v or v + t <= y, "two boxes overlap"


def test_the_picture_shows_every_value_and_no_two_boxes_overlap():
    y = expression()
    picture = y.draw()
    check_picture(picture, y.graph())
    assert picture._repr_svg_() == str(picture)


def test_a_graph_too_large_to_read_is_not_drawn():
    y = Value(0.0)
    for _ in range(400):
        y = y + 1.0
    with pytest.raises(ValueError, match="801 values"):
        y.draw()


def test_equal_values_stay_apart_in_a_graph_a_set_and_a_dict():
    a, b = Value(2.0), Value(2.0)
    assert a == b and a == 2.0 and a == np.float32(2) and a != "2.0" and a != None  # noqa: E711
    assert len({a, b}) == 2 and {a: "a", b: "b"}[b] == "b"
    y = a * b + a
    y.backward()
    assert (a.grad, b.grad) == (3.0, 2.0) and len(y.graph()) == 4
    a.data = 5.0
    assert a in {a} and a != b  # a step of training changes data, and the hash stays


def test_it_rounds_and_prints_like_a_float():
    x = Value(2.5)
    assert f"{x:.3f}" == "2.500" and f"{x}" == "2.5" and repr(x) == "Value(2.5, grad=0)"
    assert round(x) == 2 and round(Value(2.345), 1) == 2.3 and isinstance(round(x), int)
    assert max([Value(1.0), x, Value(2.0)]) is x and sorted([x, Value(1.0)])[1] is x
    assert not Value(0.0) and Value(-0.1) and Value(math.nan) and math.isnan(Value(math.nan).relu())
