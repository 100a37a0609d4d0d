"""Chapter 12, Debugging clinic: instruments for a run, and patients, runs that fail in a known way."""

from nnlab.chapters.c12_debugging_clinic.diagnosis import FAULTS, REFUTATIONS
from nnlab.chapters.c12_debugging_clinic.instruments import BIN_EDGES, Instruments, Reading, UnreadableRunError
from nnlab.chapters.c12_debugging_clinic.patient import Data, ExaminedRun, Patient, Sign, examine
from nnlab.chapters.c12_debugging_clinic.registry import PATIENTS
