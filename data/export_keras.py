"""Saves a Keras network that PyTorch trained, lets TensorFlow turn it into a SavedModel and into LiteRT, and writes
what came of it to data/keras_exports.json: `python data/export_keras.py`.

TensorFlow and PyTorch in one process can crash, so TensorFlow gets an environment of its own (1.4 GB in a temporary
folder, a few minutes to install) and the script data/export_keras_tensorflow.py, which imports no PyTorch and no nnlab.
    python data/export_keras.py              everything: the environment is made, used and removed
    python data/export_keras.py --env DIR    the same in an environment that is kept in DIR, or is there already
Seconds are those of one processor core, not of the clock. Other machines give others; differences and bytes stay alike.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from build import write

from nnlab.chapters.c14_frameworks.backend import keras
from nnlab.chapters.c14_frameworks.moving import move_weights
from nnlab.datasets import mnist
from nnlab.pytorch import CNN
from nnlab.scratch import CNN as ScratchCNN
from nnlab.scratch import SGD, CrossEntropyLoss

HERE = Path(__file__).resolve().parent
REQUIREMENTS = ("tensorflow-cpu==2.21.0", "ai-edge-litert==2.3.0", f"keras=={version('keras')}")
CHANNELS, HIDDEN, BATCH, STEPS, EPOCHS, TRAIN, CHECK, LR = (8, 16), 32, 64, 50, 4, 10_000, 2000, 0.1
FRAMEWORKS = ("NumPy", "PyTorch", "Keras on PyTorch", "Keras on TensorFlow")


def digits(split: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """x: (count, 14, 14, 1) float32 from 0 to 1, each pixel the mean of 2 x 2; labels: (count,)."""
    images, labels = mnist(split)
    small = images[:count].reshape(-1, 14, 2, 14, 2).mean((2, 4))
    return (small[..., None] / 255).astype(np.float32), labels[:count]


def keras_cnn() -> Any:
    """The network of `nnlab.pytorch.CNN` in Keras: (N, 14, 14, 1) -> logits (N, 10)."""
    layers: list[Any] = [keras.Input((14, 14, 1))]
    for channels in CHANNELS:
        layers += [keras.layers.Conv2D(channels, 3, padding="same", activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Flatten(), keras.layers.Dense(HIDDEN, activation="relu"), keras.layers.Dense(10)]
    return keras.Sequential(layers)


def torch_cnn() -> CNN:
    """Its twin in PyTorch."""
    return CNN(channels=CHANNELS, hidden=HIDDEN, size=14, batch_norm=False)


def compiled() -> Any:
    """The Keras network with the weights of its twin, ready to train."""
    torch.manual_seed(0)
    model = keras_cnn()
    move_weights(torch_cnn(), model)
    model.compile(keras.optimizers.SGD(LR), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def make(folder: Path, train: int = TRAIN, epochs: int = EPOCHS, check: int = CHECK) -> dict[str, float]:
    """Train, save the network and what it answers into `folder`: model.keras, data.npz. -> figures of it."""
    keras.utils.set_random_seed(0)
    model = compiled()
    model.fit(*digits("train", train), batch_size=BATCH, epochs=epochs, verbose=0)
    x, labels = digits("validation", check)
    logits = model.predict(x, batch_size=500, verbose=0)
    model.save(folder / "model.keras")
    calibration, targets = digits("train", BATCH * STEPS)
    np.savez(folder / "data.npz", x=x, labels=labels, logits=logits, calibration=calibration, targets=targets)
    return {
        "parameters": model.count_params(),
        "accuracy": float(np.mean(logits.argmax(axis=1) == labels)),
        "logit_std": float(f"{logits.std():.2g}"),
    }


def steps_of(step: Callable[[np.ndarray, np.ndarray], Any], count: int) -> tuple[float, float]:
    """Processor seconds of the first step, and the median of the others."""
    x, labels = digits("train", BATCH * count)
    seconds = []
    for k in range(count):
        batch = slice(BATCH * k, BATCH * (k + 1))
        start = time.process_time()
        step(x[batch], labels[batch])
        seconds.append(time.process_time() - start)
    return seconds[0], float(np.median(seconds[1:]))


def imports(code: str) -> float:
    """Processor seconds of a process that does nothing but `code`, less those of an empty one."""

    def spent(code: str) -> float:
        line = f"{code}\nimport time; print(time.process_time())"
        run = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True, cwd=HERE.parent)
        return float(run.stdout.split()[-1])

    return spent(code) - spent("")


def seconds(count: int = STEPS) -> dict[str, dict[str, float]]:
    """Of each framework beside PyTorch: import, the first training step, a later one (batches of 64 digits)."""
    net = ScratchCNN(channels=CHANNELS, hidden=HIDDEN, size=14, batch_norm=False, rng=np.random.default_rng(0))
    opt, loss = SGD(net.params, lr=LR), CrossEntropyLoss()

    def numpy_step(x: np.ndarray, labels: np.ndarray) -> None:
        loss(net(x.transpose(0, 3, 1, 2)), labels)
        net.backward(loss.backward())
        opt.step(net.grads)

    model = torch_cnn()
    torch_opt = torch.optim.SGD(model.parameters(), lr=LR)

    def torch_step(x: np.ndarray, labels: np.ndarray) -> None:
        logits = model(torch.tensor(x.transpose(0, 3, 1, 2)))
        value = torch.nn.functional.cross_entropy(logits, torch.tensor(labels))
        torch_opt.zero_grad()
        value.backward()
        torch_opt.step()

    ways: dict[str, tuple[str, Callable[[np.ndarray, np.ndarray], Any]]] = {
        "NumPy": ("import numpy", numpy_step),
        "PyTorch": ("import torch", torch_step),
        "Keras on PyTorch": ("import nnlab.chapters.c14_frameworks.backend", compiled().train_on_batch),
    }
    found = {}
    for name, (code, step) in ways.items():
        first, later = steps_of(step, count)
        found[name] = {"import": imports(code), "first": first, "step": later}
    return found


def environment(folder: Path) -> Path:
    """An environment with TensorFlow in `folder`, made if it is not there. -> its python."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
    return python


def convert(python: Path, folder: Path) -> dict[str, Any]:
    """Let TensorFlow read `folder`, write its formats there, and compare. -> what it found."""
    script = HERE / "export_keras_tensorflow.py"
    own = {"KERAS_BACKEND": "tensorflow", "KERAS_HOME": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"}
    names = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([python, script, folder], check=True, env=names | own)
    return json.loads((folder / "found.json").read_text())


def record(made: dict[str, float], here: dict[str, Any], there: dict[str, Any]) -> dict[str, Any]:
    """What is written, rounded so that it reads well."""

    def rounded(times: dict[str, float]) -> dict[str, float]:
        return {name: float(f"{value:.2g}") for name, value in times.items()}

    versions = {name: version(name) for name in ("numpy", "torch", "keras")} | there["versions"]
    return {
        "made": datetime.date.today().isoformat(),
        "versions": {"python": platform.python_version(), **versions},
        **made,
        "formats": there["formats"],
        "seconds": {name: rounded((here | there["seconds"])[name]) for name in FRAMEWORKS},
    }


def main() -> None:
    """Make, convert, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", type=Path, help="keep the environment in this folder")
    chosen = parser.parse_args().env
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make(folder)
        there = convert(environment((chosen or folder / "env").resolve()), folder)
    text = json.dumps(record(made, seconds(), there), indent=1)
    print(text)
    write("keras_exports.json", f"{text}\n".encode())


if __name__ == "__main__":
    main()
