"""Walks `TWINS`: every scratch thing equals its PyTorch twin, forward and backward, in float64."""

import numpy as np
import pytest
import torch

from nnlab import scratch
from nnlab.scratch import ReLU
from nnlab.scratch.activations import Elementwise
from nnlab.twins import TWINS, parity


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize("seed", range(3))
def test_a_row_of_twins_agrees(name, seed):
    rng = np.random.default_rng(seed)
    ours, theirs = TWINS[name].make(rng)
    for p in ours.params.values():  # zeros and ones, where gains and biases start, hide mistakes
        p[...] = rng.normal(size=p.shape)
    proof = parity(ours, theirs, TWINS[name].input(rng), *TWINS[name].more, rng=rng)
    assert proof.agree, proof


def test_every_layer_has_a_twin():
    named = {row.ours.split("(")[0] for row in TWINS.values()}
    layers = {
        name
        for name, thing in vars(scratch).items()
        if isinstance(thing, type) and issubclass(thing, scratch.Layer) and thing is not scratch.Layer
    }
    elementwise = {name for name in layers if issubclass(vars(scratch)[name], Elementwise)}  # rows of ACTIVATIONS
    assert layers - elementwise - {"MLP"} <= named


def test_parity_notices_a_difference():
    rng = np.random.default_rng(0)
    proof = parity(ReLU(), torch.nn.functional.elu, rng.normal(size=(4, 5)), rng=rng)
    assert not proof.agree and "✗" in repr(proof)
