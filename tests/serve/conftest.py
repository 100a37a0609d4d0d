"""A model so small that a test of the service is a test of the service."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from nnlab.serve.card import Card
from nnlab.serve.drift import Reference
from nnlab.serve.export import add_card

CARD = Card("tiny", "1", (3,), ("a", "b"), -10.0, 10.0)


def tiny(path: Path, version: str = "1", card: Card | None = CARD, log: bool = False) -> Path:
    """x (N, 3) -> logits (x0, x1); with `log`, log(x0) and log(x1), not finite where one is negative."""
    w = numpy_helper.from_array(np.eye(3, 2, dtype=np.float32), "w")
    nodes = [helper.make_node("MatMul", ["input", "w"], ["xw" if log else "logits"])]
    nodes += [helper.make_node("Log", ["xw"], ["logits"])] if log else []
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["N", k]) for n, k in (("input", 3), ("logits", 2))]
    graph = helper.make_graph(nodes, "tiny", ends[:1], ends[1:], [w])
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    if card:
        x = np.random.default_rng(0).uniform(-10, 10, (500, 3))
        p = np.exp(x[:, :2]) / np.exp(x[:, :2]).sum(axis=1, keepdims=True)
        add_card(proto, Card(card.name, version, card.shape, card.classes, card.low, card.high), Reference.fit(x, p))
    onnx.save(proto, path)
    return path


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """`make("2")`: the tiny model as version 2, a file."""
    return lambda version="1", **more: tiny(tmp_path / f"tiny{version}.onnx", version, **more)


@pytest.fixture
def model(make: Any) -> Path:
    return make()
