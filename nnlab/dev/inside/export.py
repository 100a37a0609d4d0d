"""Turn a checkpoint of `train` into the file that is served: `python -m nnlab.dev.inside.export best.pt mnist.toml`."""

from __future__ import annotations

import hashlib
import pickle
import sys
from pathlib import Path

import numpy as np
import torch

from nnlab import datasets
from nnlab.dev.inside.train import MNIST_MEAN, MNIST_STD, parts, read
from nnlab.files import replacing
from nnlab.pytorch.checkpoint import load_model
from nnlab.serve.card import Card
from nnlab.serve.drift import Reference
from nnlab.serve.export import Scaled, add_card, export_onnx
from nnlab.serve.model import ServedModel

ROWS = 2000  # of the validation split, for the reference


def export(checkpoint: str | Path, config: str | Path) -> Path:
    """Write CHECKPOINT's weights as ONNX next to it, and return the file. Its inputs are pixels from 0 to 1, whatever
    the network was trained on: the scaling goes into the file. The version is the beginning of the checkpoint's sha256.

    Raises ValueError for a file that is not such a checkpoint, and for weights that another configuration made."""
    path = Path(checkpoint)
    said = read(config)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise ValueError(f"{path.name} is no checkpoint of tensors, or damaged. It was not opened.") from error
    if isinstance(state, dict) and "format" in state:
        state = state["best"] or state["model"]
    model = parts(said, 1)[0]
    load_model(model, state, path.name)
    mean, std = {"standard": (MNIST_MEAN, MNIST_STD), "unit": (0.0, 1.0), "raw": (0.0, 1 / 255)}[said.pixels]
    version = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    card = Card("mnist", version, (1, 28, 28), tuple("0123456789"), 0.0, 1.0, "MNIST's digits, trained by nnlab")
    out = path.with_suffix(".onnx")
    proto = export_onnx(Scaled(model, mean, std), out, card)
    x = (datasets.mnist("validation")[0][:ROWS] / 255).astype(np.float32)[:, None]
    add_card(proto, card, Reference.fit(x, ServedModel(out).probabilities(x)))
    with replacing(out) as file:
        file.write(proto.SerializeToString())
    return out


def main(argv: list[str]) -> int:
    """The command: 0, or 1 for a mistake."""
    try:
        print(f"Exported to {export(*argv)}.")
    except (ValueError, OSError, TypeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
