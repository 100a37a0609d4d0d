"""Which files are served: what does not fit is refused when it is loaded, not at a user's request."""

import json
import os

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from nnlab.serve.model import ServedModel
from nnlab.serve.service import Service


def graph(path, kind="FLOAT", shape=("N", 3), *, inputs=("input",), nodes=(), out=("FLOAT", ["N", 2])):
    """logits = input @ w as a file, with the given ends; `nodes` come after it and make "end" of "logits"."""
    dtype = {"FLOAT": np.float32, "FLOAT16": np.float16, "DOUBLE": np.float64, "INT64": np.int64}[kind]
    w, axis = numpy_helper.from_array(np.eye(3, 2, dtype=dtype), "w"), numpy_helper.from_array(np.array([0]), "axis")
    ends = [helper.make_tensor_value_info(name, getattr(TensorProto, kind), shape) for name in inputs]
    last = helper.make_tensor_value_info("end" if nodes else "logits", getattr(TensorProto, out[0]), out[1])
    product = helper.make_node("MatMul", ["input", "w"], ["logits"])
    made = helper.make_graph([product, *nodes], "g", ends, [last], [w, axis])
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path


def then(name, *more, **options):
    return [helper.make_node(name, ["logits", *more], ["end"], **options)]


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ({"inputs": ("input", "mask")}, "should take one array of float32 .* input: .*, mask: "),
        ({"kind": "INT64", "out": ("INT64", ["N", 2])}, r"should take one array of float32 .*tensor\(int64\)"),
        ({"kind": "FLOAT16", "out": ("FLOAT16", ["N", 2])}, r"should take one array of float32 .*tensor\(float16\)"),
        ({"kind": "DOUBLE", "out": ("DOUBLE", ["N", 2])}, r"should take one array of float32 .*tensor\(double\)"),
        ({"nodes": then("Cast", to=TensorProto.INT64), "out": ("INT64", ["N", 2])}, r"gives tensor\(int64\)"),
        ({"shape": ("N", "D")}, "no card and leaves its sizes open"),
        ({"shape": None}, "no card and leaves its sizes open"),
        ({"shape": (1, 3), "out": ("FLOAT", [1, 2])}, "takes only batches of 1. Export it with a free batch size"),
        ({"nodes": then("ReduceSum", "axis"), "out": ("FLOAT", [1, 2])}, r"should give \(3, 2\) for 3 examples"),
        ({"nodes": then("Softmax", axis=0)}, "answers differently for an example alone and among others"),
    ],
)
def test_a_graph_that_can_not_be_served(made, sentence, tmp_path):
    with pytest.raises(ValueError, match=sentence):
        ServedModel(graph(tmp_path / "m.onnx", **made))


def test_a_graph_that_can(tmp_path):
    assert ServedModel(graph(tmp_path / "m.onnx", nodes=then("Relu"))).card.shape == (3,)


def changed(path, key, **fields):
    """The file with other fields in the JSON under a key of its metadata; text= replaces all of it."""
    proto = onnx.load(path)
    found = {entry.key: entry.value for entry in proto.metadata_props}
    found[key] = fields["text"] if "text" in fields else json.dumps({**json.loads(found[key]), **fields})
    helper.set_model_props(proto, found)
    onnx.save(proto, path)
    return path


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": "{"}, "The card .* can't be read"),
        ({"text": "[]"}, "The card .* can't be read"),
        ({"text": "{}"}, "The card .* can't be read"),
        ({"more": 1}, "The card .* can't be read"),
        ({"low": "0"}, "The card .* can't be read"),
        ({"low": float("nan")}, "low should be below high"),
        ({"version": "1\n2"}, "version should be a text"),
        ({"classes": ["a", "\ud800"]}, "The card .* can't be read"),
        ({"classes": ["a", "a"]}, "classes should differ"),
        ({"classes": ["a", "b", "c"]}, r"should give \(3, 3\) for 3 examples, gives \(3, 2\)"),
        ({"shape": [4]}, r"does not take \(3, 4\), as its card says"),
    ],
)
def test_a_card_that_does_not_fit(fields, sentence, model):
    with pytest.raises(ValueError, match=sentence):
        ServedModel(changed(model, "nnlab", **fields))


@pytest.mark.parametrize("fields", [{"text": "{}"}, {"names": ["x"] * 5}, {"counts": [[1]] * 5}])
def test_a_reference_that_does_not_fit(fields, model):
    with pytest.raises(ValueError, match=r"The reference for drift in tiny1\.onnx does not fit"):
        ServedModel(changed(model, "nnlab.drift", **fields))


def test_a_file_that_is_none(model, tmp_path):
    whole = model.read_bytes()
    for content in (b"", whole[:100], whole[:-30], b"PK\x03\x04"):
        (tmp_path / "m.onnx").write_bytes(content)
        with pytest.raises(ValueError, match="no ONNX file that ONNX Runtime can open"):
            ServedModel(tmp_path / "m.onnx")
    os.mkfifo(tmp_path / "pipe.onnx")
    for path in (tmp_path, tmp_path / "pipe.onnx"):
        with pytest.raises(FileNotFoundError, match="There is no model"):
            ServedModel(path)


def test_a_window_of_drift_counts_rows_that_are_not_sorted_yet(model):
    version = Service(ServedModel(model)).main
    for n in (1, 2, 100, 3):
        version.answer(np.ones((n, 3), np.float32))
        version.drift.indices()
    assert version.drift.rows == 106
