"""Diffusion on small pictures: the network that finds the noise, its loss, and sampling with guidance.

The noise schedule is that of `nnlab.scratch.generative.diffusion`. Source: Ho et al. 2020, "Denoising Diffusion
Probabilistic Models"; Nichol and Dhariwal 2021 (cosine schedule); Song et al. 2021, "Denoising Diffusion Implicit
Models" (sampling); Ho and Salimans 2022, "Classifier-Free Diffusion Guidance"; Salimans and Ho 2022, "Progressive
Distillation" (velocity, and the weights that go with it).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import torch
from torch import nn

from nnlab.checks import need_number

from ..tensor_checks import need_floating, need_positive, need_same_shape, need_tensor_shape, whole_numbers


def cosine_alpha_bar(steps: int, offset: float = 0.008, least: float = 1e-3) -> torch.Tensor:
    """The share of variance that is left after t = 0 ... `steps` steps, (steps + 1,) float32, computed in float64.

    Twin: `nnlab.scratch.generative.diffusion.cosine_alpha_bar`, which has the formula and says what is refused."""
    need_number(offset, "offset"), need_number(least, "least", high=1.0)
    t = torch.arange(need_positive(steps, "steps") + 1, dtype=torch.float64) / steps
    f = torch.cos((t + offset) / (1 + offset) * math.pi / 2) ** 2
    return (f / f[0]).clamp(min=least).float()


class ConditionedBlock(nn.Module):
    """y = x + f(x, e): two 3x3 convolutions; the embedding e scales and shifts the channels between them.

    x: (N, in_channels, H, W), e: (N, embedding) -> (N, out_channels, H, W)."""

    def __init__(self, in_channels: int, out_channels: int, embedding: int, groups: int = 8):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(groups, in_channels), nn.GroupNorm(groups, out_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.modulate = nn.Linear(embedding, 2 * out_channels)
        same = in_channels == out_channels
        self.shortcut: nn.Module = nn.Identity() if same else nn.Conv2d(in_channels, out_channels, 1)
        nn.init.zeros_(self.conv2.weight)  # the block begins as its shortcut

    def forward(self, x: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        scale, shift = self.modulate(e)[..., None, None].chunk(2, dim=1)
        y = self.conv1(nn.functional.silu(self.norm1(x)))
        y = self.conv2(nn.functional.silu(self.norm2(y) * (1 + scale) + shift))
        return self.shortcut(x) + y


class Denoiser(nn.Module):
    """Says which noise was added to a picture: eps(x_t, t, label).

    x: (N, 1, size, size), noised; t: (N,) whole numbers from 1 to `steps`; label: (N,) class numbers, where `classes`
    itself means "no label" -> (N, 1, size, size), the noise. Inside, each 2 x 2 square of pixels becomes four channels
    of one pixel, which makes the picture four times smaller and loses nothing; then a U-Net with two sizes, `channels`.
    It gives the velocity v = sqrt(alpha_bar) eps - sqrt(1 - alpha_bar) x_0, from which the noise follows as
    eps = sqrt(alpha_bar) v + sqrt(1 - alpha_bar) x_t: where nearly all is noise, x_t itself is nearly the answer.
    `alpha_bar` is the schedule, (steps + 1,), 1 at t = 0. Raises ValueError for sizes that do not fit, inputs
    of another shape, no pictures, and, on the CPU, a t or label that is not there; TypeError for x of whole numbers.
    """

    def __init__(
        self,
        classes: int = 10,
        size: int = 28,
        channels: Sequence[int] = (32, 64),
        embedding: int = 64,
        steps: int = 200,
    ):
        super().__init__()
        for value, name in ((classes, "classes"), (size, "size"), (embedding, "embedding"), (steps, "steps")):
            need_positive(value, name)
        if size % 4:
            raise ValueError(f"size should be a multiple of 4, since it is halved twice; got {size}.")
        if embedding % 2:
            raise ValueError(f"embedding should be even, since sines and cosines come in pairs; got {embedding}.")
        if not isinstance(channels, Sequence) or len(channels) != 2 or any(c < 8 or c % 8 for c in channels):
            raise ValueError(f"channels should be two multiples of 8, such as (32, 64); got {channels!r}.")
        self.classes, self.size, self.steps, self.embedding = classes, size, steps, embedding
        high, low = channels
        self.label = nn.Embedding(classes + 1, embedding)
        self.time = nn.Sequential(nn.Linear(embedding, embedding), nn.SiLU(), nn.Linear(embedding, embedding))
        self.first = nn.Conv2d(4, high, 3, padding=1)
        self.down1 = ConditionedBlock(high, high, embedding)
        self.shrink = nn.Conv2d(high, low, 3, stride=2, padding=1)
        self.middle1 = ConditionedBlock(low, low, embedding)
        self.middle2 = ConditionedBlock(low, low, embedding)
        self.grow = nn.ConvTranspose2d(low, high, 2, stride=2)
        self.up1 = ConditionedBlock(2 * high, high, embedding)
        self.norm = nn.GroupNorm(8, high)
        self.last = nn.Conv2d(high, 4, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        self.alpha_bar: torch.Tensor
        self.register_buffer("alpha_bar", cosine_alpha_bar(steps), persistent=False)

    def forward(self, x: torch.Tensor, t: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        need_tensor_shape(x, self, "N 1 H W", H=self.size, W=self.size, **{"1": 1})
        need_floating(x, self)
        t, label = whole_numbers(t, "t", self.steps + 1), whole_numbers(label, "label", self.classes + 1)
        if not t.shape == label.shape == x.shape[:1] or len(x) == 0:
            raise ValueError(
                f"x, t and label should have the same number of rows, at least one; got {len(x)}, {tuple(t.shape)} and "
                f"{tuple(label.shape)}."
            )
        e = nn.functional.silu(self.time(waves(t, self.embedding).to(x.dtype)) + self.label(label))
        high = self.down1(self.first(nn.functional.pixel_unshuffle(x, 2)), e)
        low = self.middle2(self.middle1(self.shrink(high), e), e)
        y = self.up1(torch.cat([self.grow(low), high], dim=1), e)
        velocity = nn.functional.pixel_shuffle(self.last(nn.functional.silu(self.norm(y))), 2)
        share = self.alpha_bar[t][:, None, None, None]
        return share.sqrt() * velocity + (1 - share).sqrt() * x


def waves(t: torch.Tensor, size: int) -> torch.Tensor:
    """Sine and cosine of t at size / 2 frequencies: (N,) -> (N, size), as positions are written in transformers."""
    rates = torch.exp(-math.log(1000) * torch.arange(size // 2, device=t.device) / (size // 2))
    angles = t[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def noised(x: torch.Tensor, noise: torch.Tensor, alpha_bar: torch.Tensor) -> torch.Tensor:
    """x_t = sqrt(alpha_bar) x + sqrt(1 - alpha_bar) noise, in one step.

    x, noise: one shape (N, ...); alpha_bar: (N,), of each picture's t, or a tensor of one number. Raises ValueError for
    other shapes. Twin: `nnlab.scratch.generative.diffusion.noised`."""
    need_same_shape(x, noise, "x and noise")
    if alpha_bar.shape not in ((), x.shape[:1]):
        raise ValueError(
            f"alpha_bar should have shape ({len(x)},), one for each picture; got {tuple(alpha_bar.shape)}."
        )
    share = alpha_bar.reshape(-1, *[1] * (x.dim() - 1))
    return share.sqrt() * x + (1 - share).sqrt() * noise


def epsilon_loss(
    net: Denoiser,
    x: torch.Tensor,
    label: torch.Tensor,
    *,
    drop: float = 0.1,
    weighted: bool = False,
    generator: torch.Generator | None = None,
) -> torch.Tensor:
    """The mean of (noise - eps(x_t, t, label))^2, each picture with a random t and noise of its own.

    x: (N, 1, H, W) from -1 to 1; label: (N,). A share `drop` of the labels is replaced by "no label", so that one
    network learns both answers that guidance compares. weighted=True divides each picture's error by its alpha_bar,
    which makes it the error of the velocity: where much noise is, the plain loss is small whatever is drawn. Everything
    random is drawn by `generator`, on the processor. Raises ValueError for a share outside of 0 to 1.
    """
    need_number(drop, "drop", high=1.0)
    need_floating(x, net)
    if label.shape != x.shape[:1]:
        raise ValueError(f"x and label should have the same number of rows; got {len(x)} and {tuple(label.shape)}.")
    t = torch.randint(1, net.steps + 1, (len(x),), generator=generator).to(x.device)
    noise = torch.randn(x.shape, generator=generator).to(x)
    hidden = (torch.rand(len(x), generator=generator) < drop).to(x.device)
    share = net.alpha_bar[t]
    found = net(noised(x, noise, share), t, label.masked_fill(hidden, net.classes))
    error = ((found - noise) ** 2).mean(dim=(1, 2, 3))
    return (error / share if weighted else error).mean()


def guided_noise(net: Denoiser, x: torch.Tensor, t: int, label: torch.Tensor, guidance: float) -> torch.Tensor:
    """eps = eps_none + guidance (eps_label - eps_none): 0 ignores the label, 1 takes it as it is, more exaggerates."""
    need_number(guidance, "guidance", low=-math.inf)
    at = torch.full((len(x),), t, device=x.device)
    if guidance == 1:
        return net(x, at, label)
    none = torch.full_like(label, net.classes)
    both = net(torch.cat([x, x]), torch.cat([at, at]), torch.cat([none, label]))
    without, with_label = both.chunk(2)
    return without + guidance * (with_label - without)


def cleaned(x: torch.Tensor, noise: torch.Tensor, alpha_bar: torch.Tensor) -> torch.Tensor:
    """The picture that is left when the noise is taken out, x_0 = (x_t - sqrt(1 - alpha_bar) noise) / sqrt(alpha_bar),
    kept between -1 and 1. alpha_bar: a number."""
    return ((x - (1 - alpha_bar).sqrt() * noise) / alpha_bar.sqrt()).clamp(-1, 1)


def ddim_step(
    net: Denoiser, x: torch.Tensor, t: int, before: int, label: torch.Tensor, guidance: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """From x_t to x_before, without new noise: guess the clean picture, then noise the guess less.

    -> x_before, and the guess x_0, both shaped like x. Raises ValueError unless 0 <= before < t <= net.steps: at t = 0
    nothing is left to take out."""
    if not 0 <= before < t <= net.steps:
        raise ValueError(
            f"A step should go from t to an earlier time, 0 <= before < t <= {net.steps}; got {t}, {before}."
        )
    alpha_bar = net.alpha_bar
    clean = cleaned(x, guided_noise(net, x, t, label, guidance), alpha_bar[t])
    noise = (x - alpha_bar[t].sqrt() * clean) / (1 - alpha_bar[t]).sqrt()  # what fits the guess that was kept in range
    return alpha_bar[before].sqrt() * clean + (1 - alpha_bar[before]).sqrt() * noise, clean


def ddim_times(steps: int, count: int) -> list[int]:
    """`count` + 1 times from `steps` down to 0, evenly spaced. Raises ValueError for more than `steps`."""
    need_positive(count, "count")
    if count > steps:
        raise ValueError(f"count should be at most the {steps} steps that the network knows; got {count}.")
    return [round(steps * k / count) for k in range(count, -1, -1)]


@torch.no_grad()
def denoising(
    net: Denoiser, x: torch.Tensor, label: torch.Tensor, *, count: int = 20, guidance: float = 1.5
) -> Iterator[tuple[int, torch.Tensor, torch.Tensor]]:
    """Go from noise x (N, 1, H, W) to pictures in `count` steps; after each: t, x_t, and the guess of the clean one."""
    times = ddim_times(net.steps, count)
    for t, before in pairwise(times):
        x, clean = ddim_step(net, x, t, before, label, guidance)
        yield before, x, clean


def sample(
    net: Denoiser,
    label: torch.Tensor,
    *,
    count: int = 20,
    guidance: float = 1.5,
    generator: torch.Generator | None = None,
) -> torch.Tensor:
    """One picture for each label (N,): (N, 1, size, size) from -1 to 1, in `count` steps from noise.

    `generator` draws on the processor, so that every device begins with the same noise. Raises
    ValueError for labels that are not there."""
    label = whole_numbers(label, "label", net.classes + 1)
    if label.dim() != 1 or len(label) == 0:
        raise ValueError(
            f"label should have shape (N,), a class for each picture, at least one; got {tuple(label.shape)}."
        )
    noise = torch.randn((len(label), 1, net.size, net.size), generator=generator)
    *_, (_, x, _) = denoising(net, noise.to(net.alpha_bar), label, count=count, guidance=guidance)
    return x
