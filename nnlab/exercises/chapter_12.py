"""Chapter 12, the debugging clinic: ten trainings that fail. Name the fault, mend it, and read the instruments."""

from __future__ import annotations

from functools import partial
from typing import Any

from nnlab.clinic import FAULTS, PATIENTS, examine
from nnlab.clinic.patient import IMPORTS
from nnlab.exercises.exercise import Case, Exercise, Wrong
from nnlab.exercises.judge import Told


class Vitals(dict[str, bool]):
    """Which signs are healthy; `text` is what the instruments say."""

    text: str = ""


def _named(name: str, objects: Any) -> str:
    """ "right", or the wrong name that was given."""
    fault = objects.fault()
    if fault not in FAULTS:
        raise Told(f"fault() returned {fault!r}. Return one of these names: {', '.join(FAULTS)}.")
    return "right" if fault == PATIENTS[name].fault else str(fault)


def _name_said(value: str) -> str:
    return "" if value == "right" else f"It is not {value}."


def _vitals(name: str, objects: Any) -> Vitals:
    patient = PATIENTS[name]
    seen = examine(objects.train, patient.data)
    vitals = Vitals({sign.words: sign.healthy(seen) for sign in patient.signs})
    vitals.text = "\n".join(sign.says(seen, patient.before) for sign in patient.signs)
    return vitals


def _exercise(id: str, name: str, hints: list[str], wrong: dict[str, Wrong]) -> Exercise:
    """Name the fault of this patient and mend it."""
    patient = PATIENTS[name]
    named = 'def fault():\n    "What ails it: one of the names in the list"\n    return "..."  # your code'
    return Exercise(
        id=id,
        title=name,
        stub=f"{named}\n\n\n{patient.broken}",
        hints=hints,
        solution=f'{IMPORTS}\ndef fault():\n    return "{patient.fault}"\n\n{patient.mended}',
        cases=[
            Case("the fault is named", partial(_named, name), expected="right", reads=_name_said),
            Case(
                "the training is mended",
                partial(_vitals, name),
                expected={sign.words: True for sign in patient.signs},
                hint=2,
                reads=lambda vitals: vitals.text,
            ),
        ],
        wrong=wrong,
        seconds=30,
    )


EXERCISES = [
    _exercise(
        "12.1",
        "stuck at 2.3",
        hints=[
            "Which instrument reads exactly 0 from the first step on, and can a gradient pass there?",
            "relu(w·x + b) with b = -10: the unit is 0 for every row, and so is its derivative",
            "net = nn.Sequential(...)\n___  # nothing that pushes all units below 0\nopt = ...",
        ],
        wrong={
            "too low": Wrong(
                'def fault(): return "learning rate too low"',
                "With a small rate the loss would creep. Here the gradient of the first layer is exactly 0: no rate "
                "helps where there is nothing to multiply. Look at the share of dead units.",
            ),
        },
    ),
]
