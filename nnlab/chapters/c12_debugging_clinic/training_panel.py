"""The instruments of any run of yours."""

from __future__ import annotations

from nnlab.chapters.c12_debugging_clinic import Data, examine
from nnlab.chapters.c12_debugging_clinic.panel import panel_explorer, step_controls
from nnlab.chapters.c12_debugging_clinic.patient import Train
from nnlab.chapters.c12_debugging_clinic.recorded_run import RunAtStep, at_step, by_heart, record
from nnlab.explore.explorer import Explorer


def training_panel(train: Train, data: Data) -> Explorer:
    """The instruments of any training `train(data, panel)`."""
    mine = record(getattr(train, "__name__", "your training"), examine(train, data))

    def compute(steps: str, step: int) -> RunAtStep:
        return at_step(mine, step, steps)

    return panel_explorer(compute, step_controls(mine.length), lambda _: by_heart(train, data))
