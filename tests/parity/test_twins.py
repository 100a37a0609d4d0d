"""Walks `TWINS`: every scratch thing equals its PyTorch twin, forward and backward, in float64."""

import numpy as np
import pytest
import torch

from nnlab.scratch import ReLU
from nnlab.twins import TWINS, parity


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("seed", range(3))
def test_a_row_of_twins_agrees(name, seed):
    rng = np.random.default_rng(seed)
    proof = parity(*TWINS[name].make(rng), 3 * rng.normal(size=TWINS[name].shape), rng=rng)
    assert proof.agree, proof


def test_parity_notices_a_difference():
    rng = np.random.default_rng(0)
    proof = parity(ReLU(), torch.nn.functional.elu, rng.normal(size=(4, 5)), rng=rng)
    assert not proof.agree and "✗" in repr(proof)
