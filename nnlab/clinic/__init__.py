"""The debugging clinic: instruments for a training, and patients, trainings that fail in a known way."""

from .diagnosis import FAULTS, SHOWS
from .instruments import EDGES, Instruments, Reading, Unreadable
from .patient import Data, Examined, Patient, Sign, examine
from .ward import PATIENTS
