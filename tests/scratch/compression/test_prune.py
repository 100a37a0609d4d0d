"""Masks by magnitude, against torch.nn.utils.prune."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from nnlab.scratch.compression.prune import magnitude_masks


@pytest.mark.parametrize("amount", [0.0, 0.3, 0.5, 0.77, 1.0])
@pytest.mark.parametrize("together", [True, False])
def test_the_masks_are_pytorchs(amount, together):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(7, 5), nn.Conv2d(2, 3, 3), nn.Linear(5, 2))
    before = [layer.weight.detach().numpy().copy() for layer in net]
    if together:
        prune.global_unstructured([(m, "weight") for m in net], pruning_method=prune.L1Unstructured, amount=amount)
    else:
        for layer in net:
            prune.l1_unstructured(layer, "weight", amount=amount)
    for mask, layer in zip(magnitude_masks(before, amount, together), net, strict=True):
        assert np.array_equal(mask, layer.weight_mask.numpy() == 1)


def test_of_two_equal_ones_the_first_goes():
    (mask,) = magnitude_masks([np.array([1.0, -1.0, 1.0, 2.0])], 0.5)
    assert mask.tolist() == [False, False, True, True]


def test_what_it_refuses():
    with pytest.raises(ValueError, match="amount should be from 0 to 1, got"):
        magnitude_masks([np.ones(3)], 1.5)
    with pytest.raises(ValueError, match="at least one array"):
        magnitude_masks([], 0.5)
