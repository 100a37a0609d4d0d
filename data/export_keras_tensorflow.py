"""The half of data/export_keras.py that runs in TensorFlow's environment, without PyTorch: it is given a folder.

Reads model.keras and data.npz there; writes a SavedModel and two LiteRT files, runs each on the same digits, and puts
sizes, largest differences of a logit and accuracies into found.json.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

START = time.process_time()
import tensorflow as tf  # noqa: E402 - its import is measured

import keras  # noqa: E402, isort: skip

IMPORT = time.process_time() - START


def lite(model: Any, calibration: np.ndarray | None = None) -> bytes:
    """LiteRT's bytes: float32, or with `calibration` whole numbers of 8 bits inside, ends left float32."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if calibration is not None:

        def some() -> Iterator[list[np.ndarray]]:
            for row in calibration[:500]:
                yield [row[None]]

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = some
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    return converter.convert()


def run_lite(packed: bytes, x: np.ndarray) -> np.ndarray:
    """Its logits, one digit after another, by LiteRT's own interpreter."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=packed)
    interpreter.allocate_tensors()
    into, out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    answers = []
    for row in x:
        interpreter.set_tensor(into, row[None])
        interpreter.invoke()
        answers.append(interpreter.get_tensor(out)[0])
    return np.array(answers)


def size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return path.stat().st_size if path.is_file() else sum(f.stat().st_size for f in path.rglob("*") if f.is_file())


def timed(model: Any, x: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Processor seconds: import, first training step, median of the later ones."""
    model.compile(keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    spent = []
    for k in range(0, len(x), 64):
        start = time.process_time()
        model.train_on_batch(x[k : k + 64], targets[k : k + 64])
        spent.append(time.process_time() - start)
    return {"import": IMPORT, "first": spent[0], "step": float(np.median(spent[1:]))}


def main(folder: Path) -> None:
    """Convert, compare, write found.json."""
    with np.load(folder / "data.npz") as data:
        x, labels, logits, calibration, targets = (
            data[name] for name in ("x", "labels", "logits", "calibration", "targets")
        )
    model = keras.models.load_model(folder / "model.keras", compile=False)
    model.export(folder / "saved", format="tf_saved_model", verbose=False)
    (folder / "float.tflite").write_bytes(lite(model))
    (folder / "int8.tflite").write_bytes(lite(model, calibration))
    loaded = tf.saved_model.load(str(folder / "saved"))  # kept by a name: its variables go with it
    answers = {
        ".keras, TensorFlow": ("model.keras", model.predict(x, verbose=0)),
        "SavedModel": ("saved", loaded.serve(x).numpy()),
        "LiteRT, float32": ("float.tflite", run_lite((folder / "float.tflite").read_bytes(), x)),
        "LiteRT, int8": ("int8.tflite", run_lite((folder / "int8.tflite").read_bytes(), x)),
    }
    formats = {
        name: {
            "bytes": size(folder / file),
            "difference": float(f"{np.abs(answer - logits).max():.2g}"),
            "accuracy": float(np.mean(answer.argmax(axis=1) == labels)),
        }
        for name, (file, answer) in answers.items()
    }
    found = {
        "versions": {name: version(name) for name in ("tensorflow-cpu", "ai-edge-litert")},
        "formats": formats,
        "seconds": {"Keras on TensorFlow": timed(model, calibration, targets)},
    }
    (folder / "found.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
