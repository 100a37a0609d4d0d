"""The exercises of chapter 12: each shows a run that fails; the learner names the fault and fixes it."""

from __future__ import annotations

from functools import partial
from typing import Any

from nnlab.chapters.c12_debugging_clinic import FAULTS, PATIENTS, REFUTATIONS, ExaminedRun, UnreadableRunError, examine
from nnlab.chapters.c12_debugging_clinic.patient import IMPORTS
from nnlab.exercises.exercise import Case, Exercise, Wrong
from nnlab.exercises.running import ExplainedError

BLANK = 'panel.watch(net, opt, fault="...")  # your code: name the fault, then fix what is wrong'

Swap = tuple[str, str]  # a piece of a run's source, and what replaces it


class SignStatuses(dict[str, str]):
    """The status of each sign: "healthy", "too low", ...; `text` is what the learner reads about them."""

    text: str = ""


def _examined(name: str, objects: Any) -> ExaminedRun:
    """The learner's run, executed once for all cases of a check."""
    if not hasattr(objects, "examined"):
        patient = PATIENTS[name]
        try:
            objects.examined = examine(objects.train, patient.data, max_steps=len(patient.before.readings))
        except UnreadableRunError as error:
            raise ExplainedError(str(error)) from None
    return objects.examined


def _is_readable(name: str, objects: Any) -> str:
    return "yes" if _examined(name, objects).readings else "no"


def _diagnosis(name: str, objects: Any) -> str:
    """ "right", or the wrong name that was given."""
    fault = _examined(name, objects).fault
    if fault not in FAULTS:
        given = "says nothing yet" if fault in ("", "...") else f"is {fault!r}"
        raise ExplainedError(
            f"fault {given}. Write one of these names, panel.watch(net, opt, fault=...):\n{', '.join(FAULTS)}."
        )
    return "right" if fault == PATIENTS[name].fault else str(fault)


def _diagnosis_summary(name: str, explained: dict[str, str], value: str) -> str:
    """What to say about a diagnosis. explained: the wrong names for which a message says more."""
    if value == "right":
        return ""
    return f"It is not {value}." + ("" if value in explained else f" {REFUTATIONS[value](PATIENTS[name].before)}")


def _sign_statuses(name: str, objects: Any) -> SignStatuses:
    patient, run = PATIENTS[name], _examined(name, objects)
    try:
        statuses = SignStatuses({sign.label: sign.status(run) for sign in patient.signs})
        statuses.text = "\n".join(sign.report(run, patient.before) for sign in patient.signs)
        if (
            run.fault == patient.fault
            and set(statuses.values()) == {"healthy"}
            and (run.loss_leakage or run.output_leakage)
        ):
            raise ExplainedError(
                "It learns from the validation rows: with other rows in their place, its losses or its answers change."
            )
    except UnreadableRunError as error:
        raise ExplainedError(str(error)) from None
    return statuses


def run_source(name: str, fault: str, *swaps: Swap, fixed: bool = False) -> str:
    """The source of a patient's run, fixed or as it arrived, with this fault named in it and these swaps applied.

    Raises ValueError if a swap replaces something that the source does not contain.
    """
    text = PATIENTS[name].fixed if fixed else PATIENTS[name].broken
    for old, new in (("panel.watch(net, opt)", f'panel.watch(net, opt, fault="{fault}")'), *swaps):
        if old not in text:
            raise ValueError(f"{name}: there is no {old!r} to swap.")
        text = text.replace(old, new)
    return text


def _stub(name: str) -> str:
    first, rest = PATIENTS[name].broken.replace("panel.watch(net, opt)", BLANK).split("\n", 1)
    return f'{first}\n    """The patient: {name}."""\n{rest}'


def patient_exercise(
    id: str,
    name: str,
    hints: list[str],
    wrong_names: dict[str, str],
    named_only: str,
    hidden: dict[str, tuple[list[Swap], str]],
    also_right: list[list[Swap]],
) -> Exercise:
    """The exercise of naming the fault of the patient `name` and fixing it.

    wrong_names: a wrong diagnosis given with the right fix -> its message. named_only: the message if the name is right
    and nothing was fixed. hidden: title of a change that hides a symptom, or fixes half -> (its swaps, its message).
    also_right: the swaps of other right fixes. A message is chosen by the statuses of all signs, so it must be true of
    every run that has them.
    """
    fault = PATIENTS[name].fault
    wrong = {f"named {given}": Wrong(run_source(name, given, fixed=True), text) for given, text in wrong_names.items()}
    wrong["named only"] = Wrong(run_source(name, fault), named_only)
    for title, (swaps, message) in hidden.items():
        wrong[title] = Wrong(run_source(name, fault, *swaps), message)
    return Exercise(
        id=id,
        title=name,
        stub=_stub(name),
        hints=hints,
        solution=f"{IMPORTS}\n{run_source(name, fault, fixed=True)}",
        cases=[
            Case("the instruments can read it", partial(_is_readable, name), expected="yes", summary=lambda _: ""),
            Case(
                "the fault is named",
                partial(_diagnosis, name),
                expected="right",
                summary=partial(_diagnosis_summary, name, wrong_names),
            ),
            Case(
                "the run is fixed",
                partial(_sign_statuses, name),
                expected={sign.label: "healthy" for sign in PATIENTS[name].signs},
                hint=2,
                summary=lambda statuses: statuses.text,
            ),
        ],
        wrong=wrong,
        also_right=[run_source(name, fault, *swaps) for swaps in also_right],
        seconds=30,
    )
