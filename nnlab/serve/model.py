"""A model read from an ONNX file and run by ONNX Runtime. An ONNX file is data: reading one never runs its code."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from nnlab.files import expand
from nnlab.scratch.activations import softmax

from .card import KEY, Card
from .drift import KEY as DRIFT_KEY
from .drift import Reference

PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".joblib", ".bin")
onnxruntime.set_default_logger_severity(3)  # errors only: its warnings are about graphs, not about requests


class ServedModel:
    """A classifier: `probabilities(x)` of x (N, *shape) is (N, classes), rows that sum to 1.

    card: what it says about itself. sha256: of the file's bytes. reference: what its inputs looked like in training,
    None if the file has none. threads: how many ONNX Runtime computes with.

    Raises FileNotFoundError without the file; ValueError for a pickle or PyTorch file, for what is no ONNX file, and
    for a graph that does not take one float array and answer with one row of scores an example, or does not fit the
    card or the reference in its file.
    """

    def __init__(self, path: str | os.PathLike[str], threads: int = 1):
        content = _read(expand(path))
        self.sha256 = hashlib.sha256(content).hexdigest()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        name = Path(path).name
        try:
            self._session: Any = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime has an exception of its own for each kind of damage
            raise ValueError(
                f"{name} is no ONNX file that ONNX Runtime can open: it is damaged, or its weights lie in a second "
                "file. Export it again, into one file."
            ) from error
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.card = self._card(name, metadata)
        self.reference = self._tried(name, metadata.get(DRIFT_KEY))

    def _card(self, name: str, metadata: dict[str, str]) -> Card:
        """The card in the file, or one of what the graph says of itself."""
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        types = [end.type for end in (*inputs, outputs[0])]
        if types != ["tensor(float)"] * 2 or len(outputs[0].shape) != 2:
            raise ValueError(
                f"{name} should take one array of float32 and give float32 (N, classes); it takes "
                f"{', '.join(f'{i.name}: {i.type}' for i in inputs)} and gives {outputs[0].type} {outputs[0].shape}."
            )
        self._input, self._output = inputs[0].name, outputs[0].name
        batch, *shape = inputs[0].shape or [None]
        if isinstance(batch, int):
            raise ValueError(f"{name} takes only batches of {batch}. Export it with a free batch size.")
        if KEY in metadata:
            try:
                return Card.from_json(metadata[KEY])
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError(f"The card in {name} can't be read ({error}). Export it again.") from error
        classes = outputs[0].shape[1]
        if not all(isinstance(n, int) for n in [*shape, classes]) or not shape:
            raise ValueError(f"{name} has no card and leaves its sizes open: {inputs[0].shape}. Export it with a card.")
        return Card(Path(name).stem, self.sha256[:8], tuple(shape), tuple(map(str, range(classes))))

    def _tried(self, name: str, reference: str | None) -> Reference | None:
        """Run what can't be seen from outside: do graph, card and reference fit, and has each row its own answer?"""
        card = self.card
        low, high = max(card.low, -1e3), min(card.high, 1e3)
        low, high = (low, high) if low < high else (card.example().min(), card.example().max())
        x = np.random.default_rng(0).uniform(low, high, (3, *card.shape)).astype(np.float32)
        try:
            together, alone = self.logits(x), np.concatenate([self.logits(row) for row in x[:, None]])
        except Exception as error:  # the runtime has an exception of its own for each kind of failure
            raise ValueError(f"{name} does not take {x.shape}, as its card says. Export it again.") from error
        if together.shape != (3, len(card.classes)) or alone.shape != together.shape:
            raise ValueError(f"{name} should give (3, {len(card.classes)}) for 3 examples, gives {together.shape}.")
        # a bound that numbers of 8 bits keep, whose scale is that of the batch
        if not np.allclose(together, alone, rtol=0, atol=0.1 * np.nanmax(np.abs(alone), initial=0), equal_nan=True):
            raise ValueError(
                f"{name} answers differently for an example alone and among others: requests share a call."
            )
        if reference is None:
            return None
        try:
            found = Reference.from_json(reference)
            found.compare(x, np.asarray(softmax(np.nan_to_num(together))))
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"The reference for drift in {name} does not fit. Export it again.") from error
        return found

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """x: (N, *shape) float32 -> (N, classes), what the network gives before the softmax."""
        scores: NDArray[np.float32] = self._session.run([self._output], {self._input: x})[0]
        return scores

    def probabilities(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """x: (N, *shape) float32 -> (N, classes). Raises FloatingPointError if the network gives what is not finite."""
        scores = self.logits(x)
        if not np.isfinite(scores).all():
            raise FloatingPointError("The network gave a score that is not finite.")
        return np.asarray(softmax(scores))

    def warm(self) -> None:
        """Run it once for one example and once for several: first calls are slow, and should not be a user's."""
        for n in (1, 8):
            self.probabilities(np.repeat(self.card.example(), n, axis=0))


def _read(path: Path) -> bytes:
    if path.suffix in PICKLES:
        raise ValueError(
            f"{path.name} may be a pickle, which can run code when it is read, so it is not opened. Export it to ONNX: "
            "`python -m nnlab serve` does it for a checkpoint of nnlab, with --config."
        )
    if not path.is_file():
        raise FileNotFoundError(f"There is no model {path.name}: check its path.")
    return path.read_bytes()
