"""The device is decided in one place, and nothing is made on the wrong one."""

import pytest
import torch

from nnlab.pytorch import device


def test_without_an_accelerator_it_is_the_cpu(monkeypatch):
    monkeypatch.delenv("NNLAB_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert device() == torch.device("cpu")


@pytest.mark.parametrize(("cuda", "mps", "wanted"), [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps")])
def test_an_accelerator_is_used_where_there_is_one(monkeypatch, cuda, mps, wanted):
    monkeypatch.delenv("NNLAB_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert device().type == wanted


def test_the_variable_overrules_and_a_wrong_one_is_told(monkeypatch):
    monkeypatch.setenv("NNLAB_DEVICE", "meta")
    assert torch.ones(2, device=device()).is_meta
    monkeypatch.setenv("NNLAB_DEVICE", "toaster")
    with pytest.raises(ValueError, match="cpu, cuda"):
        device()
