"""Chapter 23, Generative models: what its explorers compute is true."""

import numpy as np
import pytest
import torch

from nnlab.chapters.c23_generative import adversary_explorer as adversary
from nnlab.chapters.c23_generative import denoise_explorer as denoise
from nnlab.chapters.c23_generative import guidance_explorer as guidance
from nnlab.chapters.c23_generative import latent_explorer as latent
from nnlab.chapters.c23_generative import noising_explorer as noising
from nnlab.chapters.c23_generative import vae_proof
from nnlab.datasets import digit_features, generative_runs, generative_weights, mnist
from nnlab.datasets.generative import DENOISER, GAN, GUIDANCE, VAES
from nnlab.pytorch.generative import VAE, Denoiser, sample

# ------------------------------------------------------------------------------------------------- the latent plane


def test_the_decoder_is_pytorchs():
    net = VAE(**VAES["vae2"])
    net.load_state_dict({name: torch.tensor(value) for name, value in generative_weights("vae2").items()})
    z = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    with torch.no_grad():
        theirs = net.decode(torch.tensor(z)).sigmoid().reshape(-1, 28, 28)
    np.testing.assert_allclose(latent.decoded(z), theirs, atol=1e-4)


def test_a_click_goes_to_the_code_under_it():
    left, bottom, width, height = latent.MAP
    explorer = latent.latent_explorer()
    explorer.set(click=(left + width * 0.75, bottom + height * 0.5))
    assert (explorer.values["first"], explorer.values["second"], explorer.values["click"]) == (1.5, 0.0, ())
    explorer.set(click=(0.95, 0.95))  # next to the map: nothing moves
    assert explorer.values["first"] == 1.5
    explorer.frame()
    assert explorer._canvas.figure.axes[0].get_position().bounds == pytest.approx(latent.MAP)


def test_the_map_shows_what_its_places_decode_to():
    tile = latent.plane()[:28, :28]  # the upper left corner: least first, greatest second number
    middle = latent.REACH * (1 - 1 / latent.TILES)
    np.testing.assert_allclose(tile, latent.decoded(np.array([[-middle, middle]]))[0], atol=1e-5)


def test_hardly_any_place_is_undecided():
    rng = np.random.default_rng(0)
    p = digit_features(latent.decoded(rng.uniform(-3, 3, (400, 2))))[1]
    assert 0.01 < np.mean(p.max(axis=1) < latent.GOAL_SURE) < 0.2


# ------------------------------------------------------------------------------------------------- the proof


def test_the_proof_agrees_and_notices_a_fault(monkeypatch):
    rng = np.random.default_rng(0)
    given = rng.normal(size=(4, 6)), rng.uniform(size=(4, 6)), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    assert vae_proof.vae_parity(*given).agree and vae_proof.vae_parity(*given, beta=2.0).agree
    monkeypatch.setattr(vae_proof, "vae_loss", lambda *args: 1e9)
    assert not vae_proof.vae_parity(*given).agree


# ------------------------------------------------------------------------------------------------- noising


def test_noise_takes_the_digits_away():
    for schedule in noising.SCHEDULES:
        at = [noising.noised_digits(schedule, t) for t in (0, 60, 200)]
        assert at[0].readable > 0.9 > at[1].readable > at[2].readable
        assert at[0].alpha_bar == 1 and at[2].alpha_bar < 0.01
    x = mnist("test")[0][: noising.SHOWN] / 255
    np.testing.assert_allclose(noising.noised_digits("cosine", 0).pictures, x, atol=1e-9)
    assert noising.noised_digits("linear", 60).readable < noising.noised_digits("cosine", 60).readable - 0.3


# ------------------------------------------------------------------------------------------------- denoising


def test_the_run_ends_with_what_sample_draws():
    explorer = denoise.denoise_explorer()
    explorer.set(digit=4, guidance=1.5, noise=7)
    explorer.restart()
    explorer.advance(denoise.COUNT)
    net = Denoiser(**DENOISER)
    net.load_state_dict({name: torch.tensor(value) for name, value in generative_weights("denoiser").items()})
    x = sample(net.eval(), torch.tensor([4]), generator=torch.Generator().manual_seed(7))
    np.testing.assert_allclose(explorer.data.noisy, (x[0, 0].clamp(-1, 1) + 1) / 2, atol=1e-4)
    assert explorer.finished and explorer.data.alpha_bar == 1 and len(explorer.data.p) == denoise.COUNT


def test_most_digits_come_out_as_asked():
    explorer = denoise.denoise_explorer()
    read = []
    for digit in range(10):
        explorer.set(digit=digit)
        explorer.restart()
        explorer.advance(denoise.COUNT)
        read.append(explorer.data.p[-1].argmax() == digit)
    assert np.mean(read) >= 0.8


# ------------------------------------------------------------------------------------------------- guidance


def test_guidance_buys_the_right_digit_with_variety():
    right = [guidance.guided(strength).right for strength in GUIDANCE]
    variety = [guidance.guided(strength).variety for strength in GUIDANCE]
    assert right[0] < 0.3 and max(right) >= 0.95 and right[0] < right[1] <= max(right)
    assert 0.8 < variety[1] < 1.25 and variety[0] > variety[1] > variety[2] > variety[-1]
    p = digit_features(generative_runs().guided[GUIDANCE.index(guidance.least_strength())])[1]
    assert np.mean(p.argmax(axis=1) == np.arange(40) % 10) > 0.85


# ------------------------------------------------------------------------------------------------- the replay


def test_the_replay_goes_through_all_frames():
    explorer = adversary.adversary_explorer()
    runs = generative_runs()
    for r, name in enumerate(GAN["runs"]):
        explorer.set(discriminator=name)
        explorer.restart()
        for k, step in enumerate(GAN["steps"]):
            d = explorer.data
            assert d.step == step and (d.counts == runs.gan_counts[r, k]).all()
            assert d.sheet[:28, :28] == pytest.approx(runs.gan_frames[r, k, 0] / 255)
            assert len(d.distance) == k + 1
            explorer.advance(1)
        assert explorer.finished


def test_only_the_fast_discriminator_keeps_all_digits():
    slow, batch, faster = generative_runs().gan_counts[:, -1]
    assert adversary.classes_left(faster) == 10 and max(map(adversary.classes_left, (slow, batch))) <= 3


def test_the_counts_are_the_classifiers():
    """Of the forty digits that were kept, as far as these go: a collapsed frame is read as one class."""
    frames = generative_runs().gan_frames[0, -1]
    counts = np.bincount(digit_features(frames)[1].argmax(axis=1), minlength=10)
    assert counts.argmax() == generative_runs().gan_counts[0, -1].argmax()
