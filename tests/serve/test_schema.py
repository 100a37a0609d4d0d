"""What a request may hold, and the sentence for what it may not."""

import json
import math

import numpy as np
import pytest

from nnlab.serve.card import Card
from nnlab.serve.schema import MOST_ROWS, Refusal, openapi, parse

CARD = Card("c", "1", (2, 3), ("a", "b"), 0.0, 1.0)
ONE = [[0, 0.5, 1], [1, 0, 0]]


def body(value: object) -> bytes:
    return json.dumps({"input": value}).encode()


def test_one_example_and_a_batch():
    x = parse(body(ONE), CARD)
    assert x.shape == (1, 2, 3) and x.dtype == np.float32 and x[0, 0, 1] == 0.5
    assert parse(body([ONE, ONE]), CARD).shape == (2, 2, 3)


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        (b"", 400, "should be JSON"),
        (b"{", 400, "should be JSON"),
        (b"\xff\xfe", 400, "should be JSON"),
        (b'{"input": [[NaN, 0, 0], [0, 0, 0]]}', 400, "should be JSON"),
        (b'{"input": [[Infinity, 0, 0], [0, 0, 0]]}', 400, "should be JSON"),
        (b"[" * 100_000, 400, "should be JSON"),
        (b"[]", 422, "an object with the one key"),
        (b'{"input": [], "more": 1}', 422, "an object with the one key"),
        (b'{"data": []}', 422, "an object with the one key"),
        (body([]), 422, "one example of shape \\[2, 3\\]"),
        (body([[]]), 422, "a list of 2 entries, got 1"),
        (body(None), 422, "one example of shape"),
        (body("text"), 422, "one example of shape"),
        (body([1, 2, 3]), 422, "one example of shape"),
        (body([[[[1]]]]), 422, "one example of shape"),
        (body([[0, 0, 0]]), 422, "input should be a list of 2 entries, got 1"),
        (body([[0, 0, 0], [0, 0]]), 422, r"input\[1\] should be a list of 3 entries, got 2"),
        (body([ONE, [[0, 0, 0], 7]]), 422, r"input\[1\]\[1\] should be a list of 3 entries, got something else"),
        (body([[0, 0, 0], [0, "0", 0]]), 422, r"input\[1\]\[1\] should be a number"),
        (body([[0, 0, 0], [0, True, 0]]), 422, r"input\[1\]\[1\] should be a number"),
        (body([[True] * 3, [True] * 3]), 422, r"input\[0\]\[0\] should be a number"),
        (body([[0, 0, 0], [0, None, 0]]), 422, r"input\[1\]\[1\] should be a number"),
        (body([[0, 0, 0], [0, {}, 0]]), 422, r"input\[1\]\[1\] should be a number"),
        (body([[0, 0, 0], [0, 1e39, 0]]), 422, "too large for 32 bits"),
        (body([[0, 0, 0], [0, 10**400, 0]]), 422, "too large for 32 bits"),
        (b'{"input": [[1e999, 0, 0], [0, 0, 0]]}', 422, "too large for 32 bits"),
        (body([[0, 0, 0], [0, 2**64, 0]]), 422, "numbers from 0 to 1, got 0 to 1.84467e\\+19"),
        (body([[0, 0, 0], [0, -0.1, 0]]), 422, "numbers from 0 to 1, got -0.1 to 0"),
        (b'{"input": [[-1e999, 0, 0], [0, 0, 0]]}', 422, "too large for 32 bits"),
        (b'{"input": [7], "input": [[0, 0, 0], [0, 0, 0]]}', 422, "each key once"),
        (b'{"\\u0069nput": 7, "input": [[0, 0, 0], [0, 0, 0]]}', 422, "each key once"),
        (b'{"input": [[0, 0, 0], [0, {"a": 1, "a": 2}, 0]]}', 422, "each key once"),
        ('{"input": [[0, 0, 0], [0, true, 0]]}'.encode("utf-16"), 422, r"input\[1\]\[1\] should be a number"),
        (body([ONE] * (MOST_ROWS + 1)), 422, "at most 256 examples, got 257"),
    ],
)
def test_what_is_refused(sent, status, sentence):
    with pytest.raises(Refusal, match=sentence) as found:
        parse(sent, CARD)
    assert found.value.status == status


def test_an_empty_list_for_vectors():
    for sent, sentence in ((body([]), "list of 3 entries, got 0"), (body([[]]), "list of 3 entries, got 0")):
        with pytest.raises(Refusal, match=sentence):
            parse(sent, Card("c", "1", (3,), ("a", "b")))


@pytest.mark.parametrize(("low", "high", "words"), [(0, math.inf, "of at least 0"), (-math.inf, 1, "of at most 1")])
def test_a_range_with_one_end(low, high, words):
    with pytest.raises(Refusal, match=words):
        parse(b'{"input": [-5, 5]}', Card("c", "1", (2,), ("a", "b"), low, high))


def test_the_description_says_the_shape_and_the_range():
    schema = openapi(CARD, token=True)["paths"]["/predict"]["post"]
    one, batch = schema["requestBody"]["content"]["application/json"]["schema"]["properties"]["input"]["anyOf"]
    assert (one["minItems"], one["maxItems"], one["items"]["minItems"]) == (2, 2, 3)
    assert one["items"]["items"] == {"type": "number", "minimum": 0.0, "maximum": 1.0} and batch["items"] == one
    assert "401" in schema["responses"] and "401" not in openapi(CARD, False)["paths"]["/predict"]["post"]["responses"]


def test_a_card_survives_json_and_refuses_nonsense():
    for card in (CARD, Card("c", "2", (4,), ("x", "y"), about="é")):
        assert Card.from_json(card.to_json()) == card
    with pytest.raises(ValueError, match="low should be below high"):
        Card("c", "1", (2,), ("a", "b"), 1.0, 0.0)
    with pytest.raises(ValueError, match="a shape and two classes"):
        Card("c", "1", (2,), ("a",))
    with pytest.raises(ValueError, match="name should be a text"):
        Card("", "1", (2,), ("a", "b"))
    assert Card("c", "1", (2,), ("a", "b"), 3.0, 4.0).example().tolist() == [[3.0, 3.0]]
