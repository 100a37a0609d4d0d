"""The instrument panel of any run of yours."""

from __future__ import annotations

from nnlab.chapters.c12_debugging_clinic import Data, examine
from nnlab.chapters.c12_debugging_clinic.panel import panel_explorer, step_controls
from nnlab.chapters.c12_debugging_clinic.patient import Train
from nnlab.chapters.c12_debugging_clinic.recorded_run import RunAtStep, at_step, one_batch_report, record
from nnlab.explore.explorer import Explorer


def training_panel(train: Train, data: Data) -> Explorer:
    """The instruments of a run of any `train(data, panel)`.

    Raises UnreadableRunError if it cannot be read, and whatever `train` raises.
    """
    yours = record(getattr(train, "__name__", "your run"), examine(train, data))

    def compute(steps: str, step: int) -> RunAtStep:
        return at_step(yours, step, steps)

    return panel_explorer(compute, step_controls(yours.length), lambda _: one_batch_report(train, data))
