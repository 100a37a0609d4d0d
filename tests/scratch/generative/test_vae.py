"""The VAE's loss and the noising: against PyTorch, finite differences, step by step, and a bound that holds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from nnlab.pytorch import generative
from nnlab.pytorch.generative import cosine_alpha_bar as torch_schedule
from nnlab.scratch import numeric_gradient
from nnlab.scratch.generative.diffusion import cosine_alpha_bar, noised
from nnlab.scratch.generative.vae import gaussian_kl, vae_loss, vae_loss_grad

RNG = np.random.default_rng(0)
LOGITS, X = RNG.normal(size=(5, 7)), RNG.uniform(size=(5, 7))
MU, LOGVAR = RNG.normal(size=(2, 5, 3))


def test_the_divergence_is_pytorchs_and_that_of_many_draws():
    q = Normal(torch.tensor(MU), torch.tensor(np.exp(LOGVAR / 2)))
    p = Normal(torch.zeros(5, 3, dtype=torch.float64), 1.0)
    np.testing.assert_allclose(gaussian_kl(MU, LOGVAR), kl_divergence(q, p).sum(1), rtol=1e-12)
    np.testing.assert_allclose(gaussian_kl(MU, LOGVAR), generative.gaussian_kl(torch.tensor(MU), torch.tensor(LOGVAR)))
    z = MU + np.exp(LOGVAR / 2) * np.random.default_rng(1).normal(size=(100_000, 5, 3))
    terms = -LOGVAR / 2 - (z - MU) ** 2 / (2 * np.exp(LOGVAR)) + z**2 / 2
    np.testing.assert_allclose(terms.sum(axis=2).mean(axis=0), gaussian_kl(MU, LOGVAR), atol=0.05)
    assert gaussian_kl(np.zeros((2, 3)), np.zeros((2, 3))).tolist() == [0, 0]


@pytest.mark.parametrize("beta", [0.0, 1.0, 3.0])
def test_the_loss_and_its_gradient_are_pytorchs_and_that_of_differences(beta):
    given = [torch.tensor(a, requires_grad=True) for a in (LOGITS, MU, LOGVAR)]
    theirs = generative.vae_loss(given[0], torch.tensor(X), *given[1:], beta=beta)
    theirs.backward()
    assert vae_loss(LOGITS, X, MU, LOGVAR, beta) == pytest.approx(theirs.item(), rel=1e-12)
    ours = vae_loss_grad(LOGITS, X, MU, LOGVAR, beta)
    by_hand = [
        numeric_gradient(lambda a: vae_loss(a, X, MU, LOGVAR, beta), LOGITS),
        numeric_gradient(lambda a: vae_loss(LOGITS, X, a, LOGVAR, beta), MU),
        numeric_gradient(lambda a: vae_loss(LOGITS, X, MU, a, beta), LOGVAR),
    ]
    for mine, tensor, difference in zip(ours, given, by_hand, strict=True):
        np.testing.assert_allclose(mine, np.zeros_like(mine) if tensor.grad is None else tensor.grad, atol=1e-12)
        np.testing.assert_allclose(mine, difference, atol=1e-7)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(x=X[:, :6]), "logits should have shape"),
        (dict(x=X + 1), "x should be from 0 to 1"),
        (dict(mu=MU[:, 0]), "mu should have 2 axes"),
        (dict(logvar=LOGVAR[:, :2]), "logvar should have shape"),
        (dict(mu=MU[:3], logvar=LOGVAR[:3]), "same number of rows"),
        (dict(beta=-1.0), "beta should be"),
    ],
)
def test_what_the_loss_refuses(change, words):
    for function in (vae_loss, vae_loss_grad):
        with pytest.raises(ValueError, match=words):
            function(**dict(logits=LOGITS, x=X, mu=MU, logvar=LOGVAR) | change)


def test_float16_is_added_up_in_float32():
    wide = np.ones((1, 70_000), np.float16)
    np.testing.assert_allclose(gaussian_kl(wide, 0 * wide), 35_000)  # float16 ends at 65,504, its digits at 2,048
    np.testing.assert_allclose(gaussian_kl(300 * wide[:, :2], 0 * wide[:, :2]), 90_000)
    pair = dict(mu=wide[:, :2], logvar=wide[:, :2])
    ours = vae_loss(2 * wide, wide, **pair)
    np.testing.assert_allclose(ours, vae_loss(2 * wide.astype(float), wide.astype(float), **pair), rtol=1e-4)


@pytest.mark.parametrize("change", [dict(offset=-1), dict(offset=np.nan), dict(least=-1), dict(least=2)], ids=str)
def test_a_schedule_that_is_none_is_refused(change):
    for function in (cosine_alpha_bar, torch_schedule):
        with pytest.raises(ValueError, match=f"{next(iter(change))} should be"):
            function(5, **change)


def test_the_schedule_falls_from_one_and_every_step_keeps_a_share():
    share = cosine_alpha_bar(200)
    assert share[0] == 1 and share.shape == (201,) and 0 < share[-1] <= 1e-3
    assert (
        (np.diff(share)[:190] < 0).all() and (np.diff(share) <= 0).all() and share[100] == pytest.approx(0.5, abs=0.02)
    )
    np.testing.assert_allclose(share, generative.cosine_alpha_bar(200), rtol=1e-6)
    with pytest.raises(ValueError, match="steps should be at least 1"):
        cosine_alpha_bar(0)


def test_one_step_is_all_steps():
    """With the same noises, combined as their variances say, exactly; and by mean and standard deviation."""
    share = cosine_alpha_bar(50)
    alphas = share[1:] / share[:-1]
    rng = np.random.default_rng(0)
    x, steps = rng.normal(size=(3, 4)), rng.normal(size=(30, 3, 4))
    walked, combined = x, np.zeros_like(x)
    for alpha, noise in zip(alphas, steps, strict=False):
        walked = np.sqrt(alpha) * walked + np.sqrt(1 - alpha) * noise
        combined = np.sqrt(alpha) * combined + np.sqrt(1 - alpha) * noise
    np.testing.assert_allclose(noised(x, combined / np.sqrt(1 - share[30]), share[30]), walked, rtol=1e-10)


def test_each_row_has_its_own_share_as_in_pytorch():
    x, noise, share = RNG.normal(size=(3, 1, 4, 4)), RNG.normal(size=(3, 1, 4, 4)), np.array([1.0, 0.3, 0.0])
    theirs = generative.noised(*map(torch.tensor, (x, noise, share)))
    np.testing.assert_allclose(noised(x, noise, share), theirs, atol=1e-12)
    np.testing.assert_array_equal(noised(x, noise, 1.0), x)
    with pytest.raises(ValueError, match="noise should have shape"):
        noised(x, noise[:2], 0.5)
    with pytest.raises(ValueError, match="alpha_bar should have shape"):
        noised(x, noise, share[:2])
    with pytest.raises(ValueError, match="alpha_bar should be from 0 to 1"):
        noised(x, noise, 1.5)
