"""Weights of small networks that were trained beforehand, so that an explorer need not train them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import pick

from .files import find

Array = NDArray[Any]


def recurrent_weights(which: str) -> dict[str, Array]:
    """The parameters of a recurrent network, by the names they have in `nnlab.scratch`; "out_" begins its Linear's.

    which: "names", a GRU with 32 units that reads a surname letter by letter and answers with one of 14 countries
    (`names_by_country`), with its alphabet in "letters": an array of 67 characters, the input's places. It classifies
    64% of 1,120 names correctly that it was not trained on.
    "memory", an LSTM with one unit that stores a number at one mark and returns it at another.

    Raises ValueError for another name. Trained by data/train_recurrent.py, which has the settings.
    """
    pick({"names": 0, "memory": 0}, which, "network")
    with np.load(find("recurrent.npz"), allow_pickle=False) as found:
        mine = {name.removeprefix(f"{which}_"): found[name] for name in found.files if name.startswith(f"{which}_")}
        return mine | ({"letters": found["letters"]} if which == "names" else {})
