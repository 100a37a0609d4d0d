"""The debugging clinic: instruments for a training, and patients, trainings that fail in a known way."""

from .instruments import EDGES, Instruments, Reading, Unreadable
from .patient import Data, Examined, Patient, Sign, examine
from .ward import FAULTS, PATIENTS
