"""Small architectures, an agent and Flower's parameters, recorded for chapter 27."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .files import find

Array = NDArray[Any]


class SharingRecords(NamedTuple):
    """What `sharing_records` returns; its docstring has shapes."""

    validation: Array
    test: Array
    returns: Array
    policies: dict[str, Array]


def sharing_records() -> SharingRecords:
    """Small architectures that were trained, and an agent that learned to balance a pole, for chapter 27.

    validation, test: (320, 2) float64, accuracy on 1,000 validation and 2,000 test digits of each architecture of the
    chapter's space, in its order, with two seeds. returns: (5, 40, 16), steps that the pole stood in each of 16
    episodes of 40 batches, five seeds. policies: by parameter of the agent's network, (3, 41, ...) float32, of
    the first three seeds before the first batch and after each. Made by data/train_sharing.py."""
    with np.load(find("sharing.npz"), allow_pickle=False) as found:
        kept = {name.removeprefix("agent_"): found[name] for name in found.files if name.startswith("agent_")}
        return SharingRecords(found["validation"] / 1000, found["test"] / 2000, found["returns"].astype(int), kept)


def flower_state() -> dict[str, Array]:
    """The parameters of a network after five rounds of federated averaging by Flower 1.42, with four clients; float64.

    By the names of `nnlab.scratch.MLP([196, 32, 10])`. Made by data/export_flower.py."""
    with np.load(find("flower.npz"), allow_pickle=False) as found:
        return {name: found[name] for name in found.files if name != "version"}
