"""From PyTorch to the one file that is served: ONNX with the model's card and its reference for drift."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import onnx
import torch
from torch import nn

from nnlab.files import expand, replacing

from .card import KEY, Card
from .drift import KEY as DRIFT_KEY
from .drift import Reference


class Scaled(nn.Module):
    """(x - mean) / std, then `model`: with the preprocessing inside, nobody can forget it when the model is served."""

    def __init__(self, model: nn.Module, mean: float, std: float):
        super().__init__()
        self.model, self.mean, self.std = model, mean, std

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model((x - self.mean) / self.std)


def export_onnx(
    model: nn.Module, path: str | os.PathLike[str], card: Card, reference: Reference | None = None
) -> onnx.ModelProto:
    """Write `model` in evaluation mode, (N, *card.shape) float32 -> (N, classes) logits, whole or not at all.

    N is free. The exporter is PyTorch's present one (`dynamo=True`, which goes through `torch.export`); weights stay in
    the one file. The model's mode is as it was afterwards. Raises ValueError if the outputs are not as many as the
    card's classes. Source: pytorch.org/docs, torch.onnx."""
    training = model.training
    model.eval()
    example = torch.from_numpy(card.example()).repeat(2, *[1] * len(card.shape))  # of one row, N would be fixed
    try:
        with torch.no_grad():
            scores = model(example)
        if scores.shape != (2, len(card.classes)):
            raise ValueError(
                f"The model gives {tuple(scores.shape)} for 2 examples; card: {len(card.classes)} classes."
            )
        with _quiet():
            program = torch.onnx.export(
                model,
                (example,),
                dynamo=True,
                input_names=["input"],
                output_names=["logits"],
                dynamic_shapes=({0: torch.export.Dim("N")},),
                verbose=False,
            )
    finally:
        model.train(training)
    assert program is not None
    proto: onnx.ModelProto = program.model_proto
    for node in proto.graph.node:
        del node.metadata_props[:]  # where in which of this machine's files it came from
    add_card(proto, card, reference)
    with replacing(expand(path)) as file:
        file.write(proto.SerializeToString())
    return proto


def add_card(proto: onnx.ModelProto, card: Card, reference: Reference | None = None) -> None:
    """Put card and reference into an ONNX model's metadata, in the place of older ones."""
    found = {entry.key: entry.value for entry in proto.metadata_props}
    found[KEY] = card.to_json()
    if reference is not None:
        found[DRIFT_KEY] = reference.to_json()
    onnx.helper.set_model_props(proto, found)


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter reports on itself, by warnings and on its loggers."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
