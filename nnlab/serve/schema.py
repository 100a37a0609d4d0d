"""Is a request what the model takes? Everything is checked before the model sees a number."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

import numpy as np
import orjson
from numpy.typing import NDArray

from .card import Card

MOST_ROWS = 256  # examples in one request


class Refusal(Exception):
    """An answer that is the client's fault: an HTTP status and one sentence, and nothing of the inside."""

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None):
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, headers or {}


def parse(body: bytes, card: Card) -> NDArray[np.float32]:
    """The examples of a request's body `{"input": [...]}`, one or a batch -> (N, *card.shape) float32.

    Raises Refusal: 400 for what is no JSON, 422 for a wrong key, type, shape or range and for too many examples."""
    said, plain = _read(body)
    if not isinstance(said, dict) or set(said) != {"input"}:
        raise Refusal(422, 'The body should be an object with the one key "input".')
    value = said["input"]
    depth = _depth(value)
    if depth == len(card.shape):
        value = [value]
    elif depth != len(card.shape) + 1:
        raise Refusal(422, f"input should be one example of shape {list(card.shape)}, or a list of such examples.")
    if not value:
        raise Refusal(422, "input should hold at least one example, got an empty list.")
    if len(value) > MOST_ROWS:
        raise Refusal(422, f"input should hold at most {MOST_ROWS} examples, got {len(value)}: send several requests.")
    try:
        found = np.array(value)
    except ValueError:  # rows of several lengths
        found = np.array(0)
    if not plain or found.dtype.kind not in "if" or found.shape[1:] != card.shape:
        for k, example in enumerate(value):  # slowly, for a sentence that says where
            _check(example, card.shape, f"input[{k}]" if depth > len(card.shape) else "input")
    with np.errstate(over="ignore"):
        x = np.asarray(found if found.ndim else value, np.float64).astype(np.float32)
    low, high = float(x.min()), float(x.max())
    if math.isinf(low) or math.isinf(high):
        raise Refusal(422, "input holds a number that is too large for 32 bits.")
    if low < card.low or high > card.high:
        raise Refusal(422, f"input should hold numbers {_range(card)}, got {low:g} to {high:g}.")
    return x


def _read(body: bytes) -> tuple[Any, bool]:
    """What the JSON says, and whether it is plain: without a second string, true and false, of which one could be a
    key that comes twice, and the others count as numbers for NumPy. Only what is not plain is read slowly."""
    if body.count(b'"') == 2 and b"true" not in body and b"false" not in body:
        try:
            return orjson.loads(body), True
        except ValueError:  # maybe only a number that is too large for it
            pass
    try:
        return json.loads(body, parse_constant=_refuse, parse_int=_whole, object_pairs_hook=_once), False
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise Refusal(400, 'The body should be JSON, such as {"input": [...]}.') from None


def _whole(digits: str) -> float:
    """Python refuses whole numbers of thousands of digits, and needs long for those of fewer."""
    return int(digits) if len(digits) < 40 else float(digits)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ: of two that are the same, each reader of JSON may take another one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Refusal(422, "The body should have each key once.")
    return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are not JSON, but Python reads them


def _depth(value: Any) -> int:
    """How many lists stand inside each other, looking at the first of each."""
    depth = 0
    while isinstance(value, list) and depth < 16:
        depth += 1
        if not value:
            break
        value = value[0]
    return depth


def _check(value: Any, shape: tuple[int, ...], place: str) -> None:
    """Refuse `value` unless it is lists of exactly this shape with numbers inside; true and false are none."""
    if not isinstance(value, list) or len(value) != shape[0]:
        came = f"{len(value)} entries" if isinstance(value, list) else "something else"
        raise Refusal(422, f"{place} should be a list of {shape[0]} entries, got {came}.")
    if len(shape) > 1:
        for k, part in enumerate(value):
            _check(part, shape[1:], f"{place}[{k}]")
    elif not set(map(type, value)) <= {int, float}:
        k = next(k for k, number in enumerate(value) if type(number) not in (int, float))
        raise Refusal(422, f"{place}[{k}] should be a number.")


def _range(card: Card) -> str:
    if math.isinf(card.low):
        return f"of at most {card.high:g}"
    return f"of at least {card.low:g}" if math.isinf(card.high) else f"from {card.low:g} to {card.high:g}"


def openapi(card: Card, token: bool) -> dict[str, Any]:
    """The OpenAPI 3.1 description of the service for this card; `token` if it wants one."""
    number: dict[str, Any] = {"type": "number", "minimum": -3e38, "maximum": 3e38}
    if math.isfinite(card.low):
        number["minimum"] = card.low
    if math.isfinite(card.high):
        number["maximum"] = card.high
    example = number
    for n in reversed(card.shape):
        example = {"type": "array", "items": example, "minItems": n, "maxItems": n}
    batch = {"type": "array", "items": example, "minItems": 1, "maxItems": MOST_ROWS}
    request = {
        "type": "object",
        "required": ["input"],
        "additionalProperties": False,
        "properties": {"input": {"anyOf": [example, batch]}},
    }
    model = {"name": {"type": "string"}, "version": {"type": "string"}, "sha256": {"type": "string"}}
    answer = {
        "type": "object",
        "required": ["prediction", "probabilities", "model"],
        "properties": {
            "prediction": {"type": "array", "items": {"type": "string"}},
            "probabilities": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
            "model": {"type": "object", "required": list(model), "properties": model},
        },
    }
    sentence = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}

    def content(schema: dict[str, Any], words: str) -> dict[str, Any]:
        return {"description": words, "content": {"application/json": {"schema": schema}}}

    refusals = {400: "no JSON", 413: "too large", 415: "not application/json", 422: "not what the model takes"}
    refusals |= {500: "the model failed", 503: "busy or stopping: try again after Retry-After", 504: "out of time"}
    refusals |= {401: "no or a wrong bearer token"} if token else {}
    post: dict[str, Any] = {
        "operationId": "predict",
        "requestBody": {"required": True, "content": {"application/json": {"schema": request}}},
        "responses": {"200": content(answer, "one entry an example")}
        | {str(code): content(sentence, words) for code, words in sorted(refusals.items())},
    }
    if token:
        post["security"] = [{"bearer": []}]
    state = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
    paths = {
        "/predict": {"post": post},
        "/health": {"get": {"responses": {"200": content(state, "the process lives")}}},
        "/ready": {
            "get": {"responses": {"200": content(state, "it answers"), "503": content(sentence, "it is stopping")}}
        },
    }
    described: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": card.name, "version": card.version, "description": card.about},
        "paths": paths,
    }
    if token:
        described["components"] = {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}}
    return described
