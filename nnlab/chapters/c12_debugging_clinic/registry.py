"""All patients by name. To add one: write its code and its fix, measure both, append it to EASY or HARD."""

from __future__ import annotations

from nnlab.chapters.c12_debugging_clinic.easy_patients import EASY
from nnlab.chapters.c12_debugging_clinic.hard_patients import HARD
from nnlab.chapters.c12_debugging_clinic.patient import Patient

PATIENTS: dict[str, Patient] = {patient.name: patient for patient in (*EASY, *HARD)}
