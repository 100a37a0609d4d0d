"""The instrument panel of a patient: a run that fails in a known way."""

from __future__ import annotations

from nnlab.chapters.c12_debugging_clinic import PATIENTS, examine
from nnlab.chapters.c12_debugging_clinic.panel import panel_explorer, step_controls
from nnlab.chapters.c12_debugging_clinic.patient import Train
from nnlab.chapters.c12_debugging_clinic.recorded_run import (
    AS_ARRIVED,
    FIXED,
    RunAtStep,
    at_step,
    one_batch_report,
    record,
    recorded_patient,
)
from nnlab.checks import pick
from nnlab.explore.controls import Choice
from nnlab.explore.explorer import Explorer, Goal

YOURS = "yours"


def clinic_explorer(patient: str | None = None, train: Train | None = None) -> Explorer:
    """The instruments of all patients, or of the one that is named.

    train: your own `train(data, panel)` for that patient, shown next to the run as it arrived. Raises ValueError for an
    unknown patient and for a `train` without a patient, UnreadableRunError for a `train` that cannot be read.
    """
    if patient is not None:
        pick(PATIENTS, patient, "patient")
    if train is None:
        return _of_patients([patient] if patient else list(PATIENTS))
    if patient is None:
        raise ValueError('Name the patient whose data it gets, as in clinic_explorer("stuck at 2.3", train).')
    data, yours = PATIENTS[patient].data, record(f"{patient}, {YOURS}", examine(train, PATIENTS[patient].data))

    def compute(state: str, steps: str, step: int) -> RunAtStep:
        return at_step(yours if state == YOURS else recorded_patient(patient, AS_ARRIVED), step, steps)

    def one_batch(explorer: Explorer) -> str:
        return one_batch_report(train if explorer.values["state"] == YOURS else PATIENTS[patient].train(), data)

    longest = max(yours.length, recorded_patient(patient, AS_ARRIVED).length)
    controls = {"state": Choice([YOURS, AS_ARRIVED], label="run"), **step_controls(longest)}
    return panel_explorer(compute, controls, one_batch)


def _of_patients(names: list[str]) -> Explorer:
    longest = max(recorded_patient(name, AS_ARRIVED).length for name in names)
    choice = {"patient": Choice(names, label="patient")} if len(names) > 1 else {}

    def compute(state: str, steps: str, step: int, patient: str = names[0]) -> RunAtStep:
        return at_step(recorded_patient(patient, state), step, steps)

    def one_batch(explorer: Explorer) -> str:
        patient, fixed = PATIENTS[explorer.values.get("patient", names[0])], explorer.values["state"] == FIXED
        return one_batch_report(patient.train(fixed), patient.data, None if fixed else patient.train(fixed=True))

    controls = {**choice, "state": Choice([AS_ARRIVED, FIXED], label="run"), **step_controls(longest)}
    return panel_explorer(compute, controls, one_batch, GOAL if len(names) > 1 else None)


def all_units_die(moment: RunAtStep) -> bool:
    """Whether this is the first step at which a layer, most of which was alive at step 1, is dead."""
    for dead in moment.run.dead_shares.values():
        all_dead = dead.steps[dead.values == 1]
        if len(all_dead) and dead.values[0] < 0.5 and moment.step == all_dead[0]:
            return True
    return False


GOAL = Goal(
    "One of them has units that live at first, and then, from one step to the next, all are dead. Find the patient, "
    "and put the mark on the first step at which all are dead.",
    all_units_die,
    solution=dict(patient="into the millions", step=3),
)
