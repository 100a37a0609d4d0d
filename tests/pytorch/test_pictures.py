"""What a classifier of pictures needs besides a network: augmentation, mixup, averages, predictions of a file."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from PIL import Image

from nnlab.pytorch import VGG, tensors, train
from nnlab.pytorch.pictures import Augmented, Mixed, channel_statistics, mean_probabilities, mixup, predict

NAMES = ["cat", "dog", "owl"]


class Mean(torch.nn.Module):
    """Logits: the mean of each channel of three."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 10 * x.mean(dim=(2, 3))


def test_statistics_are_those_of_each_channel() -> None:
    x = np.random.default_rng(0).integers(0, 256, (7, 3, 4, 5)).astype(np.uint8)
    mean, std = channel_statistics(x)
    for c in range(3):
        assert mean[c] == pytest.approx(x[:, c].mean(), rel=1e-6) and std[c] == pytest.approx(x[:, c].std(), rel=1e-6)
    wanted = torch.tensor(x).double().std(dim=(0, 2, 3), correction=0)
    np.testing.assert_allclose(std, wanted, rtol=1e-6)
    with pytest.raises(ValueError, match=r"pictures \(N, C, H, W\), at least one; got shape \(3, 4, 5\)"):
        channel_statistics(x[0])
    x[:, 1] = 7
    with pytest.raises(ValueError, match="Channel 1 is 7 everywhere"):
        channel_statistics(x)
    with pytest.raises(ValueError, match=r"Channel 0 is 0\.1 everywhere"):
        channel_statistics(np.full((4, 1, 5, 5), 0.1))  # whose standard deviation is 1e-17 by rounding
    holes = x / 255
    holes[0, 2, 0, 0] = np.nan
    with pytest.raises(ValueError, match="Channel 2 holds NaN or infinity"):
        channel_statistics(holes)
    with pytest.raises(TypeError, match="is a masked array"):
        channel_statistics(np.ma.masked_array(x, x > 100))
    np.testing.assert_array_equal(channel_statistics(x[:, :1].tolist())[0], mean[:1])


def test_each_row_is_augmented_on_its_own_and_the_generator_says_how() -> None:
    data = tensors(np.ones((6, 1, 2, 2)), np.arange(6) % 2)
    noisy = Augmented(data, lambda x: x + torch.rand(1))

    def read() -> torch.Tensor:
        torch.manual_seed(0)
        return torch.stack([noisy[i][0] for i in range(len(noisy))])

    assert torch.equal(read(), read()) and len(torch.unique(read())) == 6
    assert [int(noisy[i][1]) for i in range(6)] == [0, 1, 0, 1, 0, 1]


def test_mixup_mixes_pictures_and_targets_alike() -> None:
    torch.manual_seed(0)
    target = torch.tensor([0, 1, 2, 1])
    x = torch.nn.functional.one_hot(target, 3).float()  # pictures that are their own targets
    for _ in range(20):
        mixed, y = mixup(x, target, 3, alpha=0.5)
        assert torch.equal(mixed, y) and torch.allclose(y.sum(dim=1), torch.ones(4))
        assert torch.allclose(y.sum(dim=0), torch.tensor([1.0, 2.0, 1.0]))  # a permutation loses nobody
    for target, kind, words in (
        (torch.tensor([0, 1, 5]), ValueError, "target should be from 0 to 2; got 0 to 5"),
        (torch.tensor([0, 1]), ValueError, r"target should be \(3,\) class numbers"),
        (torch.eye(3), TypeError, "target should be a tensor of whole numbers"),
    ):
        with pytest.raises(kind, match=words):
            mixup(torch.ones(3, 2), target, 3)
    assert mixup(torch.ones(3, 2, dtype=torch.uint8), torch.tensor([0, 1, 2]).int(), 3)[0].tolist() == [[1.0, 1.0]] * 3
    with pytest.raises(ValueError, match="alpha should be above 0"):
        mixup(x, target, 3, alpha=0)


def test_a_network_trains_on_mixed_rows_and_resumes_from_the_generator() -> None:
    rng = np.random.default_rng(0)
    data = tensors(rng.normal(size=(40, 3, 8, 8)), rng.integers(0, 3, 40))

    def run() -> list[float]:
        torch.manual_seed(1)
        net = VGG(classes=3, channels=(4,), hidden=8, size=8, dropout=(0.1, 0.1))
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        history = train(net, Mixed(data, 3), data, opt, epochs=2, batch_size=8, progress=False)
        return [row.train_loss for row in history]

    assert run() == run() and np.isfinite(run()).all()


def test_probabilities_are_averaged_over_networks_and_views() -> None:
    x = torch.randn(5, 3, 4, 4)
    nets = [Mean(), torch.nn.Sequential(Mean(), torch.nn.Linear(3, 3))]
    nets[1].train()
    views = (lambda batch: batch, lambda batch: 2 * batch)
    wanted = torch.stack([net(k * x).softmax(dim=1) for net in nets for k in (1, 2)]).mean(dim=0)
    torch.testing.assert_close(mean_probabilities(nets, x, views, batch_size=2), wanted.detach())
    assert nets[1].training
    torch.testing.assert_close(mean_probabilities(nets[0], x), nets[0](x).softmax(dim=1))
    with pytest.raises(ValueError, match="batch_size should be"):
        mean_probabilities(torch.nn.Identity(), torch.ones(2, 3), batch_size=0)
    with pytest.raises(TypeError, match="x should be a tensor of pictures; got ndarray"):
        mean_probabilities(torch.nn.Identity(), np.ones((2, 3)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no network"):
        mean_probabilities([], x)


def test_a_picture_is_named_with_its_confidence(tmp_path) -> None:
    Image.new("RGB", (50, 30), (0, 200, 0)).save(tmp_path / "green.png")
    path = tmp_path / "green.png"
    found = predict(Mean(), path, NAMES, mean=[0, 0, 0], std=[1, 1, 1], size=8, top=3)
    assert found[0].name == "dog" and found[0].confidence > found[1].confidence
    assert sum(one.confidence for one in found) == pytest.approx(1)
    array = np.asarray(Image.open(path))
    assert predict(Mean(), array, NAMES, mean=[0, 0, 0], std=[1, 1, 1], size=8) == found[:1]


def test_a_network_of_one_channel_gets_grey(tmp_path) -> None:
    seen = []

    class Keep(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(x)
            return x.flatten(1)[:, :2]

    Image.new("RGB", (28, 28), "white").save(tmp_path / "white.png")
    predict(Keep(), tmp_path / "white.png", ["a", "b"], mean=[0.5], std=[0.5], size=28)
    assert seen[0].shape == (1, 1, 28, 28) and bool((seen[0] == 1).all())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (dict(classes=["cat"]), "classes has 1 names, but the network tells 3 classes apart."),
        (dict(top=4), "top should be from 1 to 3, the number of classes; got 4."),
        (dict(std=[1, 0, 1]), "mean and std should be finite, and std above 0"),
        (dict(mean=[0, np.nan, 0]), "mean and std should be finite, and std above 0"),
        (dict(mean=[0, 0]), "mean and std should have 1 entry each, or 3; got 2 and 3."),
    ],
)
def test_what_does_not_fit_gets_a_sentence(options, sentence) -> None:
    given = dict(classes=NAMES, mean=[0, 0, 0], std=[1, 1, 1]) | options
    with pytest.raises(ValueError, match=re.escape(sentence)):
        predict(Mean(), np.zeros((9, 9, 3)), given.pop("classes"), **given)
