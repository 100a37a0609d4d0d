"""Networks for digits that were made smaller, for chapter 26."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .files import find

Array = NDArray[Any]
# what data/train_smaller.py recorded for chapter 26; "keep" and "rank" are those of its table
SMALLER: dict[str, Any] = dict(
    sizes=(784, 300, 100, 10),
    cnn=dict(channels=(8, 16), hidden=32),
    ways=("all layers together", "each layer", "random"),
    amounts=(0.5, 0.8, 0.9, 0.95, 0.98),
    keeps=(0.5, 0.25, 0.1),
    bits=(2, 3, 4, 5, 6, 7, 8),
    student=32,
    temperatures=(1.0, 2.0, 4.0, 8.0, 16.0),
    lessons=("50,000 labels", "500 labels", "50,000 of the teacher's decisions", "labels, no 3"),
    keep=0.25,
    rank=20,
    zeros=(0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99),
    variants=("as it was", "90% zeros", "zeros, as CSR", "narrow", "low rank", "int8", "narrow, int8"),
)


def smaller_weights() -> dict[str, Array]:
    """The parameters of the network that chapter 26 makes smaller: `nnlab.pytorch.MLP(SMALLER["sizes"])`, 266,610 of
    them, float32, kept in half precision. x: (N, 784) from 0 paper to 1 ink -> logits (N, 10).

    Trained on MNIST's 50,000 training digits by data/train_smaller.py, MIT."""
    with np.load(find("smaller.npz"), allow_pickle=False) as found:
        return {name: found[name].astype(np.float32) for name in found.files if name.endswith((".weight", ".bias"))}


class SmallerRuns(NamedTuple):
    """What `smaller_runs` returns; its docstring has shapes and units."""

    base_mlp: Array
    base_cnn: Array
    pruned: Array
    narrow: Array
    rounded: Array
    soft: Array
    without: Array
    plain: Array
    table_accuracy: Array
    table_size: Array
    time: Array
    zeros_time: Array
    compiled: Array
    machine: str


def smaller_runs() -> SmallerRuns:
    """Networks for digits made smaller in many ways, S = 3 seeds each: accuracies on the 10,000 test digits, from 0 to
    1, float64. `SMALLER` names the axes.

    base_mlp, base_cnn: (S,), of the MLP and of the CNN as they were. pruned: (3, 5, S, 2), by way, amount, seed, and
    before or after one more epoch. narrow: (3, S, 3), by share of units that is kept: cut, trained for one more epoch,
    and a new network of that shape. rounded: (2, 7, S, 2), with one scale a layer or one a unit, by bits: rounded only,
    and trained for an epoch with rounded weights (NaN above 3 bits).
    soft: (2, 5, S), a student with 32 hidden units that learned from the teacher's probabilities alone, by temperature,
    with 50,000 digits and with 500. without: (5, S, 2), with the digits that are no 3: on all test digits, and on the
    3s. plain: (4, S), students that learned from what SMALLER["lessons"] names; the last one's accuracy is on 3s.
    table_accuracy: (2, 7, S) and table_size: (2, 7, 2), parameters that are not 0 and kB of a file, for the MLP and the
    CNN by variant. time: (2, 7, 2), milliseconds for 1 and 64 digits. zeros_time: (7, 2), of the MLP's first layer for
    64 digits by share of zeros, dense and as compressed sparse rows. compiled: (2, 3), seconds that torch.compile took
    at the first call, and milliseconds without and with it. machine: where these times were measured, in words.

    Made by data/train_smaller.py, which has the settings; MIT."""
    with np.load(find("smaller.npz"), allow_pickle=False) as found:
        *names, machine = SmallerRuns._fields
        numbers = {name: found[name].astype(np.float64) for name in names}
        return SmallerRuns(machine=str(found[machine].item()), **numbers)
