"""Weights of small networks that were trained beforehand, so that an explorer need not train them."""

from __future__ import annotations

from typing import Any, NamedTuple

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


class SearchTable(NamedTuple):
    """What `search_table` returns; its docstring has shapes and units."""

    lr: Array
    width: Array
    dropout: Array
    batch: Array
    loss: Array
    validation: Array
    test: Array
    blocks: Array


def search_table() -> SearchTable:
    """A small network trained with every combination of four hyperparameters, three seeds each: 1,404 training runs.

    lr: (13,), 1e-4 to 1 by equal factors; width: (4,), units of the hidden layer, 8 to 64; dropout: (3,), 0 to 0.5;
    batch: (3,), 16 to 256. loss, validation, test: (13, 4, 3, 3, 3, 27) float64, after each of 27 epochs the loss in
    nats and the accuracy on 500 validation digits, and the accuracy on 2,000 test digits; the axes are lr, width,
    dropout, batch, seed, epoch. blocks: (13, 4, 3, 3, 3, 5), the last accuracy on each hundred of the 500.

    A run that diverged has a loss of at most 10. Trained by data/train_search.py, which has the settings; MIT."""
    with np.load(find("search.npz"), allow_pickle=False) as found:
        sizes = {"loss": 1, "validation": 500, "test": 2000, "blocks": 100}
        axes = [found[name] for name in SearchTable._fields[:4]]
        return SearchTable(*axes, *(found[name].astype(np.float64) / size for name, size in sizes.items()))
