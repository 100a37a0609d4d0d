"""Networks for digits that were trained on attacks, for chapter 25."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import pick

from ..scratch.models import CNN
from .files import find

Array = NDArray[Any]
# how data/train_robust.py trained the networks of chapter 25, and how strongly it attacked them
ROBUST_CNN: dict[str, Any] = dict(channels=(16, 32), hidden=64, batch_norm=False)
ROBUST: dict[str, Any] = dict(
    names=("standard", "FGSM 0.1", "FGSM 0.2", "FGSM 0.3", "FGSM 0.3 at once", "PGD 0.2", "PGD 0.3"),
    eps=(0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3),
)


class RobustNetworks(NamedTuple):
    """What `robust_networks` returns; its docstring has shapes."""

    weights: dict[str, dict[str, Array]]
    names: list[str]
    clean: Array
    accuracy: Array
    digits_clean: float
    digits_accuracy: Array


def robust_networks() -> RobustNetworks:
    """Small networks trained on digits, and on digits that were changed to fool them.

    weights: of "standard", "twin" (the same with another seed) and "PGD 0.2"; each by the names that
    `nnlab.scratch.CNN(**ROBUST_CNN)` and `nnlab.pytorch.CNN(**ROBUST_CNN)` share, float32.
    names: (R,) of all runs. "FGSM 0.2" was trained on digits changed by one step of up to 0.2 a pixel, "PGD 0.2" by
    three; the strength grew slowly, except "at once". "standard" and "PGD 0.2" have three seeds, and "batch norm" is a
    standard one with batch normalisation. clean: (R,) accuracy on 5,000 test digits.
    accuracy: (R, 3, 7) on 300 test digits with noise of random signs, FGSM and PGD of 20 steps, at ROBUST["eps"].
    digits_clean, digits_accuracy: the same of `trained_digits`, a number and (3, 7).

    Trained by data/train_robust.py, which has the settings; MIT."""
    with np.load(find("robust.npz"), allow_pickle=False) as found:
        weights: dict[str, dict[str, Array]] = {}
        for name in found.files:
            if "/" in name:
                network, parameter = name.split("/")
                weights.setdefault(network, {})[parameter] = found[name].astype(np.float32)
        runs = found["names"].tolist(), found["clean"], found["accuracy"]
        return RobustNetworks(weights, *runs, float(found["digits_clean"].item()), found["digits_accuracy"])


def robust_network(name: str = "standard") -> CNN:
    """`nnlab.scratch.CNN` in float32 with the weights that `robust_networks` has under `name`, in evaluation mode.

    Raises ValueError for another name."""
    net = CNN(**ROBUST_CNN, rng=np.random.default_rng(0), dtype=np.float32)
    net.load_state_dict(pick(robust_networks().weights, name, "network"))
    net.eval()
    return net
