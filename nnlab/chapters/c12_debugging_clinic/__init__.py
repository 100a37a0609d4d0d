"""Chapter 12, Debugging clinic: instruments for a run, and patients, runs that fail in a known way."""

from nnlab.chapters.c12_debugging_clinic.diagnosis import FAULTS, SHOWS
from nnlab.chapters.c12_debugging_clinic.instruments import EDGES, Instruments, Reading, Unreadable
from nnlab.chapters.c12_debugging_clinic.patient import Data, Examined, Patient, Sign, examine
from nnlab.chapters.c12_debugging_clinic.ward import PATIENTS
