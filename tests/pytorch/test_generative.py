"""Networks that make pictures: shapes, devices, losses, and that guidance, noising and its undoing are the formulas."""

from __future__ import annotations

import math

import pytest
import torch

from nnlab.pytorch.generative import (
    VAE,
    Autoencoder,
    Denoiser,
    Discriminator,
    Generator,
    adversarial_step,
    ddim_step,
    ddim_times,
    denoising,
    discriminator_loss,
    epsilon_loss,
    gaussian_kl,
    generator_loss,
    guided_noise,
    noised,
    reparametrised,
    sample,
    vae_loss,
)
from nnlab.pytorch.generative.adversarial import deviation

SMALL = dict(classes=3, size=8, channels=(8, 16), embedding=8, steps=10)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def small_denoiser() -> Denoiser:
    """One whose answer depends on everything: its last layer begins at zero otherwise."""
    torch.manual_seed(0)
    net = Denoiser(**SMALL)
    for p in net.parameters():
        torch.nn.init.normal_(p, std=0.2)
    return net.eval()


CASES = {
    "autoencoder": (lambda: Autoencoder(4, (9,), 20), lambda like: (torch.rand(3, 20, **like),), (3, 20)),
    "vae": (lambda: VAE(4, (9,), 20), lambda like: (torch.rand(3, 20, **like),), (3, 20)),
    "generator": (lambda: Generator(5, 4, 8), lambda like: (torch.randn(3, 5, **like),), (3, 1, 8, 8)),
    "discriminator": (lambda: Discriminator(4, 8, True), lambda like: (torch.rand(3, 1, 8, 8, **like),), (3,)),
    "denoiser": (
        lambda: Denoiser(**SMALL),
        lambda like: (
            torch.randn(3, 1, 8, 8, **like),
            torch.tensor([1, 5, 10]).to(like.get("device", "cpu")),
            torch.tensor([0, 2, 3]).to(like.get("device", "cpu")),
        ),
        (3, 1, 8, 8),
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("like", [dict(), dict(device="meta"), dict(dtype=torch.bfloat16)], ids=str)
def test_shapes_on_any_device_and_in_half_precision(name, like):
    make, given, shape = CASES[name]
    net = make().to(**like)
    out = net(*given(like))
    first = out[0] if isinstance(out, tuple) else out
    assert first.shape == shape and first.device.type == like.get("device", "cpu")
    assert first.dtype == like.get("dtype", torch.float32)


def small():
    return Denoiser(classes=3, size=8, channels=(8, 8), embedding=8, steps=10)


PICTURES, LABELS = torch.linspace(-1, 1, 128).view(2, 1, 8, 8), torch.tensor([0, 1])


def denoised(n=2, t=(1, 2), label=(0, 1)):
    return small()(PICTURES[:n], torch.tensor(t, dtype=torch.long), torch.tensor(label, dtype=torch.long))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Autoencoder(0), "code should be a whole number"),
        (lambda: Generator(size=10), "multiple of 4"),
        (lambda: Discriminator(size=10), "multiple of 4"),
        (lambda: Denoiser(size=10), "multiple of 4"),
        (lambda: Denoiser(channels=(8,)), "two multiples of 8"),
        (lambda: Autoencoder()(torch.zeros(2, 700)), r"x of shape \(N, 784\)"),
        (lambda: VAE().decode(torch.zeros(2, 3)), r"shape \(N, 2\)"),
        (lambda: Generator()(torch.zeros(2, 3)), r"shape \(N, 32\)"),
        (lambda: Discriminator()(torch.zeros(2, 28, 28)), r"shape \(N, 1, 28, 28\)"),
        (lambda: ddim_times(10, 11), "at most the 10 steps"),
        (lambda: Denoiser(channels=(0, 8)), "two multiples of 8"),
        (lambda: Denoiser(embedding=7), "embedding should be even"),
        (lambda: denoised(t=[1, 11]), "t should be from 0 to 10; got 1 to 11"),
        (lambda: denoised(t=[1, -1]), "t should be from 0 to 10; got -1 to 1"),
        (lambda: denoised(t=[1]), "same number of rows"),
        (lambda: denoised(label=[1]), "same number of rows"),
        (lambda: denoised(label=[0, 4]), "label should be from 0 to 3"),
        (lambda: denoised(n=0, t=[], label=[]), "at least one; got 0"),
        (lambda: sample(small(), torch.tensor([0, 9])), "label should be from 0 to 3"),
        (lambda: sample(small(), torch.tensor(1)), r"label should have shape \(N,\)"),
        (lambda: sample(small(), torch.tensor([1]), count=2, guidance=math.nan), "guidance should be"),
        (lambda: ddim_step(small(), PICTURES, 0, 0, LABELS, 1), "0 <= before < t <= 10; got 0, 0"),
        (lambda: ddim_step(small(), PICTURES, 3, 5, LABELS, 1), "got 3, 5"),
        (lambda: epsilon_loss(small(), PICTURES, LABELS, drop=2), "drop should be from 0 to 1"),
        (lambda: epsilon_loss(small(), PICTURES, LABELS[:1]), "same number of rows"),
        (lambda: noised(PICTURES[:, 0], PICTURES[:, 0], torch.ones(3)), r"alpha_bar should have shape \(2,\)"),
        (lambda: noised(PICTURES, PICTURES[:1], torch.ones(2)), "x and noise should have one shape"),
        (
            lambda: reparametrised(torch.ones(3, 2), torch.ones(3, 2), torch.ones(2)),
            "mu and noise should have one shape",
        ),
        (lambda: gaussian_kl(torch.ones(3, 2), torch.ones(1, 2)), "mu and logvar should have one shape"),
        (lambda: vae_loss(torch.ones(3, 5), torch.ones(3, 5), *torch.ones(2, 1, 2)), "same number of rows"),
        (lambda: vae_loss(torch.ones(3, 5), 255 * torch.ones(3, 5), *torch.ones(2, 3, 2)), "from 0 to 1, got 255"),
        (lambda: vae_loss(*torch.ones(2, 3, 5), *torch.ones(2, 3, 2), beta=-1), "beta should be"),
        (lambda: discriminator_loss(torch.ones(0), torch.ones(2)), "at least one"),
        (lambda: generator_loss(torch.ones(0)), "at least one"),
    ],
)
def test_what_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_whole_numbers_are_refused():
    with pytest.raises(TypeError, match="floating-point"):
        Autoencoder()(torch.zeros(2, 784, dtype=torch.long))
    for net in (Autoencoder().decode, Generator()):
        with pytest.raises(TypeError, match="floating-point"):
            net(torch.ones(2, 32, dtype=torch.long))
    with pytest.raises(TypeError, match="hidden should be the sizes"):
        Autoencoder(2, 8)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="floating-point"):
        epsilon_loss(small(), PICTURES.byte(), LABELS)
    for t, label in ((torch.ones(2), LABELS), (LABELS + 1, torch.ones(2)), (5, LABELS)):
        with pytest.raises(TypeError, match="should be a tensor of whole numbers"):
            small()(PICTURES, t, label)


def test_half_precision_is_added_up_in_float32():
    many = torch.ones(1, 70_000, dtype=torch.float16)
    assert gaussian_kl(many, 0 * many).item() == 35_000  # float16 ends at 65,504, its digits at 2,048
    pictures, codes = torch.ones(2, 5_000), torch.ones(2, 3)
    wide = vae_loss(2 * pictures, pictures, codes, codes)
    torch.testing.assert_close(vae_loss(2 * pictures.half(), pictures.half(), codes, codes), wide, rtol=1e-3, atol=0)


def test_a_schedule_for_all_and_any_axes():
    torch.testing.assert_close(noised(PICTURES, PICTURES, torch.tensor(0.25)), PICTURES * (0.5 + 0.75**0.5))
    flat = noised(PICTURES.flatten(1), PICTURES.flatten(1), torch.tensor([1.0, 0.0]))
    torch.testing.assert_close(flat, PICTURES.flatten(1))


def test_the_draw_has_the_mean_and_the_width_and_lets_gradients_through():
    mu, logvar = torch.tensor([[1.0]], requires_grad=True), torch.tensor([[math.log(4.0)]], requires_grad=True)
    z = reparametrised(mu, logvar, torch.tensor([[0.5]]))
    assert z.item() == pytest.approx(2.0)
    z.backward()
    assert mu.grad.item() == 1 and logvar.grad.item() == pytest.approx(0.5)  # (z - mu) / 2


def test_the_gan_losses_are_cross_entropies():
    real, fake = torch.randn(6, generator=seeded()), torch.randn(4, generator=seeded(1))
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    wanted = bce(real, torch.ones(6)) + bce(fake, torch.zeros(4))
    torch.testing.assert_close(discriminator_loss(real, fake), wanted)
    torch.testing.assert_close(generator_loss(fake), bce(fake, torch.ones(4)))
    torch.testing.assert_close(generator_loss(fake, True), -bce(fake, torch.zeros(4)))
    assert generator_loss(torch.tensor([-1000.0])) == 1000


def test_the_batch_gives_away_pictures_that_are_alike():
    y = torch.randn(8, 5, generator=seeded())
    assert deviation(y) > 0.5 and deviation(y[:1].expand(8, 5)) < 1e-3


def test_a_step_of_both_networks_moves_both():
    torch.manual_seed(0)
    g, d = Generator(5, 4, 8), Discriminator(4, 8)
    before = [p.clone() for net in (g, d) for p in net.parameters()]
    opts = [torch.optim.SGD(net.parameters(), lr=0.1) for net in (g, d)]
    losses = adversarial_step(g, d, *opts, torch.rand(4, 1, 8, 8), torch.randn(4, 5))
    assert all(math.isfinite(loss) for loss in losses)
    assert sum(not torch.equal(p, q) for p, q in zip(before, [*g.parameters(), *d.parameters()], strict=True)) > 8


def test_the_weights_make_it_the_error_of_the_velocity():
    net = small_denoiser()
    x, label = torch.rand(6, 1, 8, 8, generator=seeded()) * 2 - 1, torch.tensor([0, 1, 2, 0, 1, 2])
    ours = epsilon_loss(net, x, label, drop=0.0, weighted=True, generator=seeded(3))
    draw = seeded(3)
    t = torch.randint(1, 11, (6,), generator=draw)
    noise = torch.randn(x.shape, generator=draw)
    share = net.alpha_bar[t][:, None, None, None]
    x_t = noised(x, noise, net.alpha_bar[t])
    v = share.sqrt() * noise - (1 - share).sqrt() * x
    found = (net(x_t, t, label) - (1 - share).sqrt() * x_t) / share.sqrt()
    torch.testing.assert_close(ours, ((found - v) ** 2).mean())
    plain = epsilon_loss(net, x, label, drop=0.0, generator=seeded(3))
    torch.testing.assert_close(plain, ((net(x_t, t, label) - noise) ** 2).mean())


def test_guidance_goes_from_no_label_to_the_label_and_beyond():
    net = small_denoiser()
    x, label = torch.randn(2, 1, 8, 8, generator=seeded()), torch.tensor([0, 2])
    t = torch.full((2,), 5)
    with torch.no_grad():
        with_label, without = net(x, t, label), net(x, t, torch.tensor([3, 3]))
        for strength in (0.0, 1.0, 2.5):
            torch.testing.assert_close(
                guided_noise(net, x, 5, label, strength), without + strength * (with_label - without)
            )
    assert (with_label - without).abs().max() > 1e-3


def test_a_perfect_guess_leads_back_to_the_picture():
    """If the network names the noise exactly, one step to t = 0 gives the picture, and one half way the right mix."""
    net = small_denoiser()
    x, noise = torch.rand(2, 1, 8, 8, generator=seeded()) * 2 - 1, torch.randn(2, 1, 8, 8, generator=seeded(1))
    share = net.alpha_bar[6].expand(2)
    net.forward = lambda x_t, t, label: noise[: len(x_t)]  # type: ignore[method-assign]
    x_t = noised(x, noise, share)
    there, clean = ddim_step(net, x_t, 6, 3, torch.tensor([0, 1]), 1.0)
    torch.testing.assert_close(clean, x, atol=1e-4, rtol=0)
    torch.testing.assert_close(there, noised(x, noise, net.alpha_bar[3].expand(2)), atol=1e-4, rtol=0)
    torch.testing.assert_close(ddim_step(net, x_t, 6, 0, torch.tensor([0, 1]), 1.0)[0], x, atol=1e-4, rtol=0)


def test_the_same_seed_draws_the_same_pictures():
    net, label = small_denoiser(), torch.tensor([0, 1])
    one, other = (sample(net, label, count=4, generator=seeded(2)) for _ in range(2))
    assert one.shape == (2, 1, 8, 8) and torch.equal(one, other) and one.abs().max() <= 1
    times = [t for t, _, _ in denoising(net, torch.randn(1, 1, 8, 8), label[:1], count=5)]
    assert times == [8, 6, 4, 2, 0] and ddim_times(10, 5) == [10, *times]
