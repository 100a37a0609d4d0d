"""What a served model says about itself. The card lies inside of the ONNX file, so that the two cannot be mixed up."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import need_size

KEY = "nnlab"  # of the entry in the ONNX file's metadata


@dataclass(frozen=True)
class Card:
    """The card of a classifier.

    name, version: how answers call it. shape: of one example, without the batch. low, high: the range of an input
    number, both included. classes: the labels of the outputs, in their order. about: trained on what, how good, what
    it is not for. Raises ValueError or TypeError for a size below 1, low >= high, fewer than two classes, one class
    twice, or a text that can't be written.
    """

    name: str
    version: str
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    low: float = -math.inf
    high: float = math.inf
    about: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", tuple(need_size(n, "a side of shape") for n in self.shape))
        object.__setattr__(self, "classes", tuple(str(label) for label in self.classes))
        for word, text in (("name", self.name), ("version", self.version)):
            if not isinstance(text, str) or not text.strip() or not text.isprintable():
                raise ValueError(f"{word} should be a text such as 'digits', got {text!r}.")
        for label in (*self.classes, self.about):
            label.encode()  # what is no UTF-8 is a ValueError
        if len(set(self.classes)) < len(self.classes):
            raise ValueError(f"The classes should differ, got {list(self.classes)}.")
        if not self.shape or len(self.classes) < 2:
            raise ValueError(f"A card needs a shape and two classes, got {self.shape} and {list(self.classes)}.")
        if not self.low < self.high:
            raise ValueError(f"low should be below high, got {self.low} and {self.high}.")

    def to_json(self) -> str:
        """The card as JSON; an open end of the range is null, since JSON has no infinity."""
        found: dict[str, Any] = asdict(self)
        found["low"], found["high"] = (None if math.isinf(end) else end for end in (self.low, self.high))
        return json.dumps(found)

    @classmethod
    def from_json(cls, text: str) -> Card:
        """The card that `to_json` wrote."""
        found = json.loads(text)
        low = -math.inf if found["low"] is None else found["low"]
        high = math.inf if found["high"] is None else found["high"]
        return cls(**{**found, "shape": tuple(found["shape"]), "low": low, "high": high})

    def example(self) -> NDArray[np.float32]:
        """One valid example, shape (1, *shape): zeros, or the nearest number in the range."""
        return np.full((1, *self.shape), np.clip(0.0, self.low, self.high), np.float32)
