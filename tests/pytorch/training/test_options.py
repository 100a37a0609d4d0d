"""Options can be given by name or as one object; paths are expanded."""

import numpy as np
import pytest
import torch
from torch.utils import tensorboard

from nnlab.pytorch import MLP, TrainingOptions, tensors, train
from nnlab.pytorch.training.tensorboard import TensorBoardLog


def go(*options, **keywords):
    rng = np.random.default_rng(0)
    data = tensors(rng.normal(size=(64, 4)), rng.integers(2, size=64))
    torch.manual_seed(0)
    model = MLP((4, 2))
    return train(model, data, data, torch.optim.SGD(model.parameters(), lr=0.1), *options, **keywords), model


def test_an_object_and_names_ask_for_the_same_and_names_win():
    asked = TrainingOptions(epochs=2, batch_size=16)
    by_object, by_name, mixed = go(asked)[0], go(epochs=2, batch_size=16)[0], go(asked, epochs=1)[0]
    assert [row[:5] for row in by_object] == [row[:5] for row in by_name] and len(mixed) == 1
    assert asked.epochs == 2  # unchanged


def test_numpy_integers_are_taken():
    assert len(go(epochs=np.int64(1), batch_size=np.int64(16), patience=np.int64(2), seed=np.int64(1))[0]) == 1


def test_unknown_and_missing_options_are_named():
    with pytest.raises(TypeError, match=r"no option batchsize; did you mean batch_size\?"):
        go(epochs=1, batchsize=3)
    with pytest.raises(TypeError, match="needs the number of epochs"):
        go(batch_size=3)


def test_home_and_variables_are_expanded_in_every_path(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RUN", "first")
    monkeypatch.chdir(tmp_path)
    go(epochs=1, checkpoint="~/$RUN/c.pt", log="~/$RUN/log")
    assert (tmp_path / "first" / "c.pt").exists() and list((tmp_path / "first" / "log").iterdir())
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, None])
def test_the_log_is_closed_however_training_ends(tmp_path, monkeypatch, error):
    closed, close = [], tensorboard.SummaryWriter.close
    monkeypatch.setattr(tensorboard.SummaryWriter, "close", lambda self: (closed.append(1), close(self)))

    def loss(y, target):
        if error:
            raise error
        return torch.nn.functional.cross_entropy(y, target)

    if error:
        with pytest.raises(error):
            go(epochs=1, log=tmp_path, loss=loss)
    else:
        go(epochs=1, log=tmp_path, loss=loss)
    assert closed
    with TensorBoardLog(None, 0) as log:
        assert log.writer is None
