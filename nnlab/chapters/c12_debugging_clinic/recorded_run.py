"""A run as the instruments recorded it, step by step: what the panels draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nnlab.chapters.c12_debugging_clinic import BIN_EDGES, PATIENTS, Data, ExaminedRun, Reading, examine
from nnlab.chapters.c12_debugging_clinic.patient import Train

Array = NDArray[np.float64]
AS_ARRIVED, FIXED = "as it arrived", "fixed"
ALL, FIRST = "all", "the first 10"  # of the steps
BATCH = 32  # rows to learn by heart


@dataclass
class StepCurve:
    """Values of one instrument by step. Steps begin at 1; those without a finite value are left out."""

    steps: Array
    values: Array

    def at(self, step: int) -> float | None:
        """The value of this step, None if it has none."""
        values = self.values[self.steps == step]
        return float(values[0]) if len(values) else None


def curve(values: Iterable[float]) -> StepCurve:
    """The finite ones of these values; the first value belongs to step 1."""
    every = np.array([*values], float)
    finite = np.isfinite(every)
    return StepCurve(np.flatnonzero(finite).astype(np.float64) + 1, every[finite])


@dataclass
class RecordedRun:
    """A whole run as the instruments recorded it.

    length: number of steps. guessing_loss: ln(classes), the loss of guessing; 0 if there are no classes.
    first_nonfinite: first step whose loss is NaN or infinite, 0 if none is. gradient_norms, update_ratios, dead_shares:
    by layer. output_shares: by activation (steps, bins), shares that sum to 1. input_mean, input_std: of the inputs.
    """

    title: str
    length: int
    guessing_loss: float
    first_nonfinite: int
    loss: StepCurve
    gradient_norms: dict[str, StepCurve]
    update_ratios: dict[str, StepCurve]
    dead_shares: dict[str, StepCurve]
    output_shares: dict[str, Array]
    input_mean: StepCurve
    input_std: StepCurve


def by_layer(readings: list[Reading], read: Callable[[Reading], dict[str, float]]) -> dict[str, StepCurve]:
    """One curve for each layer that this instrument ever read, in the model's order."""
    layers = dict.fromkeys(layer for reading in readings for layer in read(reading))
    return {layer: curve(read(reading).get(layer, np.nan) for reading in readings) for layer in layers}


def histograms(readings: list[Reading]) -> dict[str, Array]:
    """For each activation the shares of its outputs by bin, (steps, bins)."""
    bins, none = len(BIN_EDGES) - 1, np.zeros(len(BIN_EDGES) - 1)
    shares = {}
    for layer in dict.fromkeys(layer for reading in readings for layer in reading.output_counts):
        counts = np.array([reading.output_counts.get(layer, none) for reading in readings]).reshape(-1, bins)
        shares[layer] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def record(title: str, run: ExaminedRun) -> RecordedRun:
    """The curves of an examined run, ready to be drawn."""
    readings, labels = run.readings, run.data.y
    nonfinite = np.flatnonzero(~np.isfinite(run.losses))
    return RecordedRun(
        title,
        length=len(readings),
        guessing_loss=0.0 if labels.is_floating_point() else float(np.log(int(labels.max()) + 1)),
        first_nonfinite=int(nonfinite[0]) + 1 if len(nonfinite) else 0,
        loss=curve(run.losses),
        gradient_norms=by_layer(readings, lambda r: r.gradient_norms),
        update_ratios=by_layer(readings, lambda r: r.update_ratios),
        dead_shares=by_layer(readings, lambda r: r.dead_shares),
        output_shares=histograms(readings),
        input_mean=curve(r.input_mean for r in readings),
        input_std=curve(r.input_std for r in readings),
    )


@dataclass
class RunAtStep:
    """A run, the step that is looked at, and the last step that is drawn."""

    run: RecordedRun
    step: int
    last: int


@cache
def recorded_patient(name: str, state: str) -> RecordedRun:
    """The run of a patient, in the state AS_ARRIVED or FIXED."""
    patient = PATIENTS[name]
    return record(f"{name}, {state}", patient.before if state == AS_ARRIVED else patient.after)


def at_step(run: RecordedRun, step: int, steps: str = ALL) -> RunAtStep:
    """A run at this step, or at the last one drawn if `step` lies behind it. steps: ALL or FIRST."""
    last = min(run.length, 10) if steps == FIRST else run.length
    return RunAtStep(run, min(step, last), last)


def one_batch_report(train: Train, data: Data, sound: Train | None = None) -> str:
    """Run `train` on the first 32 rows, over and over, and say how the loss ends.

    sound: training code that should learn them by heart, for comparison.
    """
    batch = data.one_batch(BATCH)
    run = examine(train, batch)
    text = f"{BATCH} rows over and over, {len(run.readings)} steps: "
    finite = np.isfinite(run.final_loss)
    text += f"the loss comes to {run.final_loss:.2g}." if finite else "the loss is not a number any more."
    if sound is not None:
        text += f" A sound run of this kind comes to {examine(sound, batch).final_loss:.2g}."
    return text
