"""The resume explorer: what it shows of checkpoints is true."""

import numpy as np
import pytest
import torch

from nnlab.chapters.c13_pytorch.resume_explorer import LENGTH, SAVED, resume


@pytest.mark.parametrize("step", [1, 14, 20, 39])
def test_with_everything_saved_it_is_bit_for_bit_the_same(step):
    d = resume(step, **dict.fromkeys(SAVED, True))
    assert not d.weight_error.any() and np.array_equal(d.resumed, d.uninterrupted[step:])


@pytest.mark.parametrize("missing", SAVED)
def test_each_thing_matters_in_the_middle_of_an_epoch(missing):
    d = resume(14, **{name: name != missing for name in SAVED})
    assert d.weight_error[-1] > 1e-3


def test_the_place_in_the_epoch_does_not_matter_between_two_epochs():
    d = resume(20, **{name: name != "place" for name in SAVED})
    assert not d.weight_error.any()


def test_the_loss_looks_alike_all_the_same():
    d = resume(14, weights=True, optimizer=False, schedule=False, generator=False, place=False)
    assert (
        d.weight_error[-1] > 0.1 and abs(d.resumed[-1] - d.uninterrupted[-1]) < 0.02 and len(d.resumed) == LENGTH - 13
    )


def test_nothing_global_is_disturbed():
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    resume(7, **dict.fromkeys(SAVED, False))
    assert torch.equal(torch.rand(3), wanted)
