"""The training loop (`loop`) and its parts, each in a module of its own: what may be asked (`options`), what must be
saved (`state`), what is measured (`evaluation`), and in which order the data are read (`batches`)."""

from .batches import tensors
from .evaluation import evaluate
from .history import Epoch, History
from .loop import train
from .options import TrainingOptions
