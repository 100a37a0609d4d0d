"""The network that this room is shown and measured with: MNIST's digits, trained beforehand."""

from __future__ import annotations

import os

import numpy as np
import torch

from nnlab.datasets import mnist, trained_cnn
from nnlab.pytorch import CNN

from .card import Card
from .drift import Reference
from .export import export_onnx


def digits_network() -> CNN:
    """`nnlab.datasets.trained_cnn()` in PyTorch, in evaluation mode: x (N, 1, 28, 28) from 0 to 1 -> logits (N, 10)."""
    model = CNN()
    weights = trained_cnn().state_dict()
    model.load_state_dict({name: torch.as_tensor(np.array(value)) for name, value in weights.items()})
    return model.eval()


def digits_card(version: str = "1") -> Card:
    """The card of `digits_network`."""
    about = "MNIST's digits; 98% of the test digits; not for letters, photos or several digits"
    return Card("digits", version, (1, 28, 28), tuple("0123456789"), 0.0, 1.0, about)


def write_digits(path: str | os.PathLike[str], version: str = "1") -> None:
    """Write `digits_network` as ONNX, with its card and a reference of 2,000 validation digits."""
    model = digits_network()
    x = torch.from_numpy((mnist("validation")[0][:2000] / 255).astype(np.float32))[:, None]
    with torch.no_grad():
        probabilities = model(x).softmax(dim=1).numpy()
    export_onnx(model, path, digits_card(version), Reference.fit(x.numpy(), probabilities))
