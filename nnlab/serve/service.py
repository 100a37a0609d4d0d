"""Which version of the model answers a request, and the way back from a bad one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import need_number

from .batching import Batcher
from .drift import DriftWatch
from .meters import Meters
from .model import ServedModel

Array = NDArray[Any]


@dataclass
class Version:
    """A loaded model with its own queue and, if it has a reference, its own watch for drift."""

    model: ServedModel
    meters: Meters
    window: int = 1000
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = self.model.card.version
        self.model.warm()
        self.drift = DriftWatch(self.model.reference, self.window) if self.model.reference else None
        self.classes = self.model.card.classes
        self.counts = [self.meters.answers.labels(self.name, label) for label in self.classes]
        self.about = {"name": self.model.card.name, "version": self.name, "sha256": self.model.sha256}
        self.batcher = Batcher(self._run, observe=self.meters.rows.observe, **self.options)

    def _run(self, x: Array) -> Array:
        probabilities = self.model.probabilities(x)
        if self.drift:
            self.drift.add(x, probabilities)
        return probabilities

    def answer(self, x: Array) -> dict[str, Any]:
        """The answer to a request's rows: for each the label and the probabilities, and the model's name."""
        probabilities = self.batcher.submit(x)
        found = probabilities.argmax(axis=1).tolist()
        for k, rows in Counter(found).items():
            self.counts[k].inc(rows)
        rounded = probabilities.astype(np.float64).round(6).tolist()
        return {"prediction": [self.classes[k] for k in found], "probabilities": rounded, "model": self.about}


class Service:
    """The main version, and maybe a canary that answers a `share` of the requests.

    rolled_back: a file; as long as it is there, the canary answers nothing. It is a file because several workers share
    it. window: answers that are watched for drift. options: of `Batcher`. Raises ValueError if the two versions take
    different inputs or have the same name.
    """

    def __init__(
        self,
        model: ServedModel,
        canary: ServedModel | None = None,
        share: float = 0.1,
        *,
        rolled_back: Path | None = None,
        window: int = 1000,
        **options: Any,
    ):
        self.meters = Meters()
        self.share = need_number(share, "share", high=1.0) if canary else 0.0
        if canary:
            mine, theirs = model.card, canary.card
            if (mine.shape, mine.low, mine.high, mine.classes) != (
                theirs.shape,
                theirs.low,
                theirs.high,
                theirs.classes,
            ):
                raise ValueError("Model and canary should take the same input and know the same classes.")
            if mine.version == theirs.version:
                raise ValueError(
                    f"Both models call themselves version {mine.version}: answers could not tell them apart."
                )
        self.main = Version(model, self.meters, window, options)
        self.canary = Version(canary, self.meters, window, options) if canary else None
        self.card = model.card
        self.ready = True
        self._flag, self._back, self._count = rolled_back, False, 0

    @property
    def rolled_back(self) -> bool:
        """Whether the canary was taken out."""
        return self._back or bool(self._flag and self._flag.exists())

    def roll_back(self) -> None:
        """Take the canary out, in all workers, until the service is started again."""
        self._back = True
        if self._flag:
            self._flag.touch()

    def choose(self) -> Version:
        """The version for the next request. Of any n requests in a row, the canary gets n times `share`, rounded up or
        down."""
        if self.canary is None or self.rolled_back:
            return self.main
        self._count += 1
        return self.canary if int(self._count * self.share) > int((self._count - 1) * self.share) else self.main

    def metrics(self) -> bytes:
        """The text of `/metrics`, with the drift of this moment."""
        for version in filter(None, (self.main, self.canary)):
            if version.drift:
                self.meters.drift_rows.labels(version.name).set(version.drift.rows)
                for what, index in version.drift.indices().items():
                    self.meters.drift.labels(version.name, what).set(index)
        return self.meters.text()

    def close(self) -> None:
        """Take no more requests; what was taken is answered."""
        self.ready = False
        for version in filter(None, (self.main, self.canary)):
            version.batcher.close()
