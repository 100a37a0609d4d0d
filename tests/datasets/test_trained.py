"""Networks trained beforehand: their files hold what the docstrings say, and their script makes such files."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
import torch

from nnlab.datasets import digits_weights, emoji, mnist, picture_ladder, pictures_weights, trained_digits
from nnlab.datasets.pictures import emoji_split
from nnlab.datasets.trained import DIGITS_CNN, PICTURES_VGG
from nnlab.pytorch import CNN, VGG
from nnlab.pytorch.pictures import channel_statistics, mean_probabilities
from nnlab.scratch import softmax
from nnlab.scratch.train import predict
from tests.data_scripts import load_script


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load_script("train_pictures", monkeypatch)


def torch_net(kind: type[torch.nn.Module], options: dict, weights: dict[str, np.ndarray]) -> torch.nn.Module:
    """The network with the weights; only the counts of batches may be missing."""
    net = kind(**options)
    found = net.load_state_dict({name: torch.tensor(value) for name, value in weights.items()}, strict=False)
    assert not found.unexpected_keys and all("num_batches" in name for name in found.missing_keys)
    return net


def test_the_digits_network_reads_993_of_1000_test_digits() -> None:
    x, labels = mnist("test")
    net = torch_net(CNN, DIGITS_CNN, digits_weights())
    p = mean_probabilities(net, torch.tensor(x[:, None] / np.float32(255)))
    assert float(np.mean(p.argmax(dim=1).numpy() == labels)) >= 0.993
    ours = predict(trained_digits(), (x[:50, None] / 255).astype(np.float32))
    np.testing.assert_allclose(softmax(ours), p[:50].numpy(), atol=1e-3)


def test_the_ladder_holds_probabilities_of_the_parts_pictures() -> None:
    steps, validation, test, fitted, moved = picture_ladder()
    assert fitted.shape == moved.shape == (8, 3)
    assert len(steps) == 8 and validation.shape == (8, 3, 238, 9) and test.shape == (8, 3, 478, 9)
    for p in (validation, test):
        np.testing.assert_allclose(p.sum(axis=-1), 1, atol=0.01)  # stored in float16


def test_the_network_of_the_ladder_gives_its_answers() -> None:
    """Seed 0 of the step "convolution": the stored weights, in half precision, say what was stored as their answers."""
    rows, _, test = emoji_split()
    x = emoji().images.transpose(0, 3, 1, 2).astype(np.float32) / 255
    mean, std = channel_statistics(x[rows])
    net = torch_net(VGG, PICTURES_VGG, pictures_weights())
    p = mean_probabilities(net, torch.tensor((x[test] - mean[:, None, None]) / std[:, None, None])).numpy()
    ladder = picture_ladder()
    np.testing.assert_allclose(p, ladder.test[ladder.steps.index("convolution"), 0], atol=0.02)


def test_the_script_makes_such_weights_of_digits(script: ModuleType, capsys) -> None:
    made = script.train_digits(epochs=2, examples=256)
    assert {name: value.shape for name, value in made.items()} == {
        name: value.shape for name, value in digits_weights().items()
    }
    assert all(value.dtype == np.float16 for value in made.values())
    assert "of the test digits" in capsys.readouterr().out


def test_the_script_makes_such_a_ladder(script: ModuleType, monkeypatch) -> None:
    every = script.views
    monkeypatch.setattr(script, "views", lambda white: every(white)[1::5])  # two of ten, which cost most of the time
    made = script.train_ladder(epochs=1, examples=64, seeds=1)
    assert made["steps"].tolist() == picture_ladder().steps
    assert made["validation"].shape == (8, 1, 238, 9) and made["test"].shape == (8, 1, 478, 9)
    assert {name.removeprefix("net_") for name in made if name.startswith("net_")} == set(pictures_weights())
    p = np.exp(made["test"].astype(float))
    np.testing.assert_allclose(p.sum(axis=-1), 1, atol=0.01)
    logs = made["test"][:, 0].astype(float)
    assert not np.allclose(logs[5], logs[6], atol=1e-3) and not np.allclose(logs[6], logs[7], atol=1e-3)


def test_checking_prints_what_the_files_get_right(script: ModuleType, monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.argv", ["train_pictures.py", "--check"])
    monkeypatch.setattr(script, "digits", lambda split, examples=None: _some(script, split))
    script.main()
    told = capsys.readouterr().out
    assert told.count("\n") == 9 and "ensemble: 0." in told


def _some(script: ModuleType, split: str) -> torch.utils.data.Dataset:
    x, labels = mnist(split)
    return script.tensors(x[:500, None] / np.float32(255), labels[:500])
