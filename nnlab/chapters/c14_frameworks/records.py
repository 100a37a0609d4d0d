"""What was recorded for chapter 14: the curves of a training run, and what TensorFlow made of a Keras network."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.datasets.files import find

Array = NDArray[np.float64]


@cache
def curves() -> dict[str, Array]:
    """Loss and accuracy by epoch, (60,) each: loss, accuracy of training; val_loss, val_accuracy of emoji not trained
    on. The loss of training is the mean over its epoch. Cached: do not write into them. By data/train_keras.py."""
    with np.load(find("keras_curve.npz"), allow_pickle=False) as found:
        return {name: found[name].astype(float) for name in found.files}


def exports() -> dict[str, Any]:
    """made (a date), versions, parameters, accuracy, logit_std; formats: {name: {bytes, difference, accuracy}}, the
    difference of a logit from PyTorch's; seconds: {framework: {import, first, step}}, of one processor core.
    By data/export_keras.py."""
    return json.loads(find("keras_exports.json").read_text("utf-8"))
