"""Explorer of chapter 12: the instrument panel of a training that fails, of a patient of the clinic."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import pick

from ..clinic import PATIENTS, Data, Examined, Reading, examine
from ..clinic.patient import Train
from .clinic_view import ClinicView
from .controls import Choice, Control, Slider
from .explorer import Action, Explorer, Goal

Array = NDArray[np.float64]
CAME, MENDED, YOURS = "as it came", "mended", "yours"
ALL, FIRST = "all", "the first 10"  # of the steps
BATCH = 32  # rows to learn by heart


@dataclass
class Curve:
    """What one instrument read: values by step. Steps begin at 1; those without a finite value are left out."""

    steps: Array
    values: Array

    def at(self, step: int) -> float | None:
        """The value of this step, None where there was none."""
        found = self.values[self.steps == step]
        return float(found[0]) if len(found) else None


def curve(values: Iterable[float]) -> Curve:
    """The finite ones of these values, the first being that of step 1."""
    found = np.array([*values], float)
    finite = np.isfinite(found)
    return Curve(1.0 + np.flatnonzero(finite), found[finite])


@dataclass
class Course:
    """A whole training as the instruments saw it.

    guess: ln(classes), the loss of who guesses; 0 where there are no classes. lost: first step with a loss that is no
    finite number, 0 if none. gradients, updates, dead: by layer. outputs: by activation (steps, bins), shares that sum
    to 1. mean, spread: of what went in."""

    title: str
    length: int
    guess: float
    lost: int
    loss: Curve
    gradients: dict[str, Curve]
    updates: dict[str, Curve]
    dead: dict[str, Curve]
    outputs: dict[str, Array]
    mean: Curve
    spread: Curve


def by_layer(readings: list[Reading], read: Callable[[Reading], dict[str, float]]) -> dict[str, Curve]:
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


def course(title: str, seen: Examined) -> Course:
    """What an examined training showed, ready to be drawn."""
    readings, labels = seen.readings, seen.data.y
    unread = np.flatnonzero(~np.isfinite(seen.losses))
    return Course(
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
class Panel:
    """A training, the step that is looked at, and the last step that is drawn."""

    course: Course
    step: int
    last: int


@cache
def patients_course(name: str, state: str) -> Course:
    """Of a patient as it came, or mended."""
    patient = PATIENTS[name]
    return course(f"{name}, {state}", patient.before if state == CAME else patient.after)


def read_panel(course: Course, step: int, steps: str = ALL) -> Panel:
    """These steps of a training; a step behind the last of them means the last."""
    last = min(course.length, 10) if steps == FIRST else course.length
    return Panel(course, min(step, last), last)


def by_heart(train: Train, data: Data, sound: Train | None = None) -> str:
    """Let `train` learn 32 rows, over and over, and say what came; `sound`: a training that should manage."""
    few = data.one_batch(BATCH)
    seen = examine(train, few)
    text = f"{BATCH} rows over and over, {len(seen.readings)} steps: "
    text += f"the loss comes to {seen.end:.2g}." if np.isfinite(seen.end) else "the loss is no number any more."
    if sound is not None:
        text += f" A sound training of this kind comes to {examine(sound, few).end:.2g}."
    return text


def clinic_explorer(patient: str | None = None, train: Train | None = None) -> Explorer:
    """The instruments of the patients, or of the one that is named.

    train: your own `train(data, panel)` for that patient, shown beside how it came."""
    if patient is not None:
        pick(PATIENTS, patient, "patient")
    if train is None:
        return _of_patients([patient] if patient else list(PATIENTS))
    if patient is None:
        raise ValueError('Name the patient whose data it gets, as in clinic_explorer("stuck at 2.3", train).')
    data, mine = PATIENTS[patient].data, course(f"{patient}, {YOURS}", examine(train, PATIENTS[patient].data))

    def compute(state: str, steps: str, step: int) -> Panel:
        return read_panel(mine if state == YOURS else patients_course(patient, CAME), step, steps)

    def one_batch(explorer: Explorer) -> str:
        return by_heart(train if explorer.values["state"] == YOURS else PATIENTS[patient].train(), data)

    longest = max(mine.length, patients_course(patient, CAME).length)
    controls = {"state": Choice([YOURS, CAME], label="the training"), **_steps(longest)}
    return _explorer(compute, controls, one_batch)


def training_panel(train: Train, data: Data) -> Explorer:
    """The instruments of any training `train(data, panel)`."""
    mine = course(getattr(train, "__name__", "your training"), examine(train, data))

    def compute(steps: str, step: int) -> Panel:
        return read_panel(mine, step, steps)

    return _explorer(compute, _steps(mine.length), lambda _: by_heart(train, data))


def _of_patients(names: list[str]) -> Explorer:
    longest = max(patients_course(name, CAME).length for name in names)
    choice = {"patient": Choice(names, label="patient")} if len(names) > 1 else {}

    def compute(state: str, steps: str, step: int, patient: str = names[0]) -> Panel:
        return read_panel(patients_course(patient, state), step, steps)

    def one_batch(explorer: Explorer) -> str:
        patient, mended = PATIENTS[explorer.values.get("patient", names[0])], explorer.values["state"] == MENDED
        return by_heart(patient.train(mended), patient.data, None if mended else patient.train(mended=True))

    controls = {**choice, "state": Choice([CAME, MENDED], label="the training"), **_steps(longest)}
    return _explorer(compute, controls, one_batch, GOAL if len(names) > 1 else None)


def _steps(longest: int) -> dict[str, Control]:
    """Which steps are drawn, and the mark: at first on step 1, where causes are told from consequences."""
    return {"steps": Choice([ALL, FIRST], label="steps"), "step": Slider(1, longest, 1, 1, label="mark at step")}


def _explorer(
    compute: Callable[..., Panel],
    controls: dict[str, Control],
    one_batch: Callable[[Explorer], str],
    goal: Goal | None = None,
) -> Explorer:
    return Explorer(
        compute=compute,
        draw=ClinicView,
        controls=controls,
        goal=goal,
        size=(9.0, 5.0),
        actions={"Overfit one batch": Action(one_batch, f"Train anew, on {BATCH} rows over and over")},
        alt="Six instruments by training step: loss, gradient norms, update over weight, dead units, outputs, inputs.",
    )


def all_die(panel: Panel) -> bool:
    """Whether this is the first step at which a layer, most of which was alive at first, is dead."""
    for dead in panel.course.dead.values():
        gone = dead.steps[dead.values == 1]
        if len(gone) and dead.values[0] < 0.5 and panel.step == gone[0]:
            return True
    return False


GOAL = Goal(
    "One of them has units that live at first, and then, from one step to the next, all are dead. Find the patient, "
    "and put the mark on the first step at which all are dead.",
    all_die,
    solution=dict(patient="into the millions", step=3),
)
