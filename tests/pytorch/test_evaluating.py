"""Evaluation mode ends as it began: each part has its own mode again."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nnlab.pytorch import evaluate
from nnlab.pytorch.evaluating import evaluating


def half_frozen() -> nn.Sequential:
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)).train()
    net[1].eval()
    return net


def test_each_part_gets_its_mode_back_even_after_an_error():
    net = half_frozen()
    with pytest.raises(ZeroDivisionError), evaluating(net):
        assert not any(part.training for part in net.modules())
        _ = 1 / 0
    assert [part.training for part in net] == [True, False, True] and net.training
    with evaluating(len):
        pass  # a function has no mode


def test_a_frozen_batch_norm_stays_frozen_while_a_run_is_validated():
    net = half_frozen()
    evaluate(net, torch.utils.data.TensorDataset(torch.rand(6, 3), torch.zeros(6, dtype=torch.long)))
    assert not net[1].training and net.training
