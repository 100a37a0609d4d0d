"""A run as the instruments saw it, step by step: what the panels draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nnlab.chapters.c12_debugging_clinic import PATIENTS, Data, Examined, Reading, examine
from nnlab.chapters.c12_debugging_clinic.patient import Train

Array = NDArray[np.float64]
CAME, MENDED = "as it came", "mended"
ALL, FIRST = "all", "the first 10"  # of the steps
BATCH = 32  # rows to learn by heart


@dataclass
class StepCurve:
    """What one instrument read: values by step. Steps begin at 1; those without a finite value are left out."""

    steps: Array
    values: Array

    def at(self, step: int) -> float | None:
        """The value of this step, None where there was none."""
        found = self.values[self.steps == step]
        return float(found[0]) if len(found) else None


def curve(values: Iterable[float]) -> StepCurve:
    """The finite ones of these values, the first being that of step 1."""
    found = np.array([*values], float)
    finite = np.isfinite(found)
    return StepCurve(np.flatnonzero(finite).astype(np.float64) + 1, found[finite])


@dataclass
class RecordedRun:
    """A whole training as the instruments saw it.

    guess: ln(classes), the loss of who guesses; 0 where there are no classes. lost: first step with a loss that is no
    finite number, 0 if none. gradients, updates, dead: by layer. outputs: by activation (steps, bins), shares that sum
    to 1. mean, spread: of what went in."""

    title: str
    length: int
    guess: float
    lost: int
    loss: StepCurve
    gradients: dict[str, StepCurve]
    updates: dict[str, StepCurve]
    dead: dict[str, StepCurve]
    outputs: dict[str, Array]
    mean: StepCurve
    spread: StepCurve


def by_layer(readings: list[Reading], read: Callable[[Reading], dict[str, float]]) -> dict[str, StepCurve]:
    """One curve for each layer that this instrument ever saw, in the model's order."""
    layers = dict.fromkeys(layer for reading in readings for layer in read(reading))
    return {layer: curve(read(reading).get(layer, np.nan) for reading in readings) for layer in layers}


def histograms(readings: list[Reading]) -> dict[str, Array]:
    """For each activation the shares of its outputs by bin, a row a step."""
    found = {}
    for layer in dict.fromkeys(layer for reading in readings for layer in reading.outputs):
        counts = np.array([reading.outputs.get(layer, np.zeros(1)) * np.ones(48) for reading in readings])
        found[layer] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return found


def record(title: str, seen: Examined) -> RecordedRun:
    """What an examined training showed, ready to be drawn."""
    readings, labels = seen.readings, seen.data.y
    unread = np.flatnonzero(~np.isfinite(seen.losses))
    return RecordedRun(
        title,
        len(readings),
        0.0 if labels.is_floating_point() else float(np.log(int(labels.max()) + 1)),
        int(unread[0]) + 1 if len(unread) else 0,
        curve(seen.losses),
        by_layer(readings, lambda r: r.gradients),
        by_layer(readings, lambda r: r.updates),
        by_layer(readings, lambda r: r.dead),
        histograms(readings),
        curve(r.inputs[0] for r in readings),
        curve(r.inputs[1] for r in readings),
    )


@dataclass
class RunAtStep:
    """A training, the step that is looked at, and the last step that is drawn."""

    run: RecordedRun
    step: int
    last: int


@cache
def recorded_patient(name: str, state: str) -> RecordedRun:
    """Of a patient as it came, or mended."""
    patient = PATIENTS[name]
    return record(f"{name}, {state}", patient.before if state == CAME else patient.after)


def at_step(run: RecordedRun, step: int, steps: str = ALL) -> RunAtStep:
    """These steps of a training; a step behind the last of them means the last."""
    last = min(run.length, 10) if steps == FIRST else run.length
    return RunAtStep(run, min(step, last), last)


def by_heart(train: Train, data: Data, sound: Train | None = None) -> str:
    """Let `train` learn 32 rows, over and over, and say what came; `sound`: a training that should manage."""
    few = data.one_batch(BATCH)
    seen = examine(train, few)
    text = f"{BATCH} rows over and over, {len(seen.readings)} steps: "
    text += f"the loss comes to {seen.end:.2g}." if np.isfinite(seen.end) else "the loss is no number any more."
    if sound is not None:
        text += f" A sound training of this kind comes to {examine(sound, few).end:.2g}."
    return text
