"""The recorded generative models: the file holds what its docstrings say, and the script makes such a file."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
import torch

from nnlab.datasets import digit_features, generative_runs, generative_weights, mnist
from nnlab.datasets.generative import DENOISER, GAN, GUIDANCE, VAES
from nnlab.pytorch.generative import VAE, Denoiser, Generator
from nnlab.scratch.metrics import frechet_distance
from tests.data_scripts import DATA, load_script


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load_script("train_generative", monkeypatch)


def test_the_weights_fit_their_networks() -> None:
    nets = {name: VAE(**options) for name, options in VAES.items()}
    nets |= {"generator": Generator(**GAN["generator"]), "denoiser": Denoiser(**DENOISER)}
    for name, net in nets.items():
        found = net.load_state_dict({k: torch.tensor(v) for k, v in generative_weights(name).items()}, strict=False)
        assert not found.unexpected_keys and all("num_batches" in key for key in found.missing_keys)
    with pytest.raises(ValueError, match="no network named"):
        generative_weights("vae3")


def test_what_was_recorded_has_its_shapes() -> None:
    runs, r, t, g = generative_runs(), len(GAN["runs"]), len(GAN["steps"]), len(GUIDANCE)
    assert runs.vae2_curve.shape == runs.vae16_curve.shape == (15, 2)
    assert runs.gan_frames.shape == (r, t, 40, 28, 28) and runs.gan_losses.shape == (r, t, 2)
    assert runs.gan_counts.shape == (r, t, 10) and (runs.gan_counts.sum(axis=2) == 500).all()
    assert runs.gan_distance.shape == (r, t) and runs.guided.shape == (g, 40, 28, 28)
    assert runs.guided_right.shape == runs.guided_distance.shape == runs.guided_variety.shape == (g,)
    assert runs.drawn.shape == (500, 28, 28) and runs.drawn.dtype == np.uint8


def test_nine_of_ten_digits_by_diffusion_are_read_as_asked() -> None:
    p = digit_features(generative_runs().drawn)[1]
    assert np.mean(p.argmax(axis=1) == np.arange(500) % 10) >= 0.9


def test_features_are_chapter_06s() -> None:
    x, labels = mnist("test")
    features, p = digit_features(x[:300])
    assert features.shape == (300, 32) and features.min() >= 0 and p.shape == (300, 10)
    assert np.mean(p.argmax(axis=1) == labels[:300]) > 0.97
    np.testing.assert_allclose(digit_features(x[:300] / 255)[0], features, atol=1e-4)
    assert frechet_distance(features, features) < 1e-3
    with pytest.raises(ValueError, match="images should have 3 axes"):
        digit_features(x[0])
    with pytest.raises(ValueError, match=r"images should have shape \(2, 28, 28\)"):
        digit_features(x[:2, :20])
    for ink in (x[:2].astype(int), x[:2].astype(float), -(x[:2] / 255)):
        with pytest.raises(ValueError, match="from 0 paper to 1 ink"):
            digit_features(ink)


def test_the_script_makes_such_parts(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "real_features", lambda: digit_features(mnist("train")[0][:300])[0])
    made = script.train_vae(epochs=1, examples=128)
    gan = script.train_gan(examples=64, steps=(0, 2), samples=60)
    assert gan["gan_frames"].shape == (3, 2, 40, 28, 28) and gan["gan_counts"].sum() == 360
    diffusion = script.train_diffusion(steps=4, examples=64)
    net = script.loaded({k.removeprefix("denoiser_"): v for k, v in diffusion.items() if k.startswith("denoiser_")})
    made |= script.train_generator(steps=2, examples=64)
    made |= gan | diffusion | script.draw_samples(net, each=40, many=20, count=2)
    with np.load(DATA / "generative.npz", allow_pickle=False) as there:
        assert set(there.files) == set(made)
        for name in there.files:
            assert there[name].dtype == made[name].dtype, name
            if name.startswith(("vae", "gan_net", "denoiser")) and not name.endswith("curve"):
                assert there[name].shape == made[name].shape, name
