"""Two networks against each other: a generator of small pictures, a discriminator, and their losses.

Source: Goodfellow et al. 2014, "Generative Adversarial Nets"; Radford et al. 2016 (DCGAN); Karras et al. 2018 (the
standard deviation over the batch).
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import softplus

from ..tensor_checks import need_floating, need_positive, need_tensor_shape


class Generator(nn.Sequential):
    """Noise -> a picture: Linear to size/4 x size/4, then twice a ConvTranspose2d that doubles height and width.

    z: (N, code) -> (N, 1, size, size) from -1 to 1 (tanh). Raises ValueError for sizes below 1, a size that 4 does not
    divide, and z of another shape.
    """

    def __init__(self, code: int = 32, channels: int = 32, size: int = 28):
        for value, name in ((code, "code"), (channels, "channels"), (size, "size")):
            need_positive(value, name)
        if size % 4:
            raise ValueError(f"size should be a multiple of 4, since it is doubled twice; got {size}.")
        side = size // 4
        super().__init__(
            nn.Linear(code, channels * side * side),
            nn.Unflatten(1, (channels, side, side)),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.ConvTranspose2d(channels, channels, 4, 2, 1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.ConvTranspose2d(channels, 1, 4, 2, 1),
            nn.Tanh(),
        )
        self.code = code

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        need_tensor_shape(z, self, "N code", code=self.code)
        need_floating(z, self)
        return super().forward(z)


class Discriminator(nn.Module):
    """A picture -> one logit, large for "real": two Conv2d that halve height and width, LeakyReLU, Linear.

    x: (N, 1, size, size) from -1 to 1 -> (N,). batch_std=True adds a feature that no single picture has: the mean
    standard deviation of the features over the batch, by which pictures that are all alike give themselves away. Raises
    ValueError for sizes below 1, a size that 4 does not divide and x of another shape, TypeError for whole numbers.
    """

    def __init__(self, channels: int = 32, size: int = 28, batch_std: bool = False):
        super().__init__()
        for value, name in ((channels, "channels"), (size, "size")):
            need_positive(value, name)
        if size % 4:
            raise ValueError(f"size should be a multiple of 4, since it is halved twice; got {size}.")
        self.size, self.batch_std = size, batch_std
        self.features = nn.Sequential(
            nn.Conv2d(1, channels, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(channels, 2 * channels, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
        )
        self.last = nn.Linear(2 * channels * (size // 4) ** 2 + bool(batch_std), 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        need_tensor_shape(x, self, "N 1 H W", H=self.size, W=self.size, **{"1": 1})
        need_floating(x, self)
        y = self.features(x)
        if self.batch_std:
            y = torch.cat([y, deviation(y).expand(len(y), 1)], dim=1)
        return self.last(y)[:, 0]


def deviation(y: torch.Tensor) -> torch.Tensor:
    """The standard deviation of each feature over the batch, averaged over the features: (N, F) -> one number."""
    return (y.var(dim=0, unbiased=False) + 1e-8).sqrt().mean()


def discriminator_loss(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """-mean log D(real) - mean log(1 - D(fake)) from logits (N,), D = sigmoid: softplus(-real) + softplus(fake).

    Raises ValueError for no logits: their mean would be NaN, and so would every weight after the step."""
    _need_logits(real)
    _need_logits(fake)
    return softplus(-real).mean() + softplus(fake).mean()


def generator_loss(fake: torch.Tensor, saturating: bool = False) -> torch.Tensor:
    """-mean log D(fake) from logits (N,); saturating=True: mean log(1 - D(fake)), the game's own, whose gradient
    vanishes where the discriminator is sure. Raises ValueError for no logits."""
    _need_logits(fake)
    return -softplus(fake).mean() if saturating else softplus(-fake).mean()


def _need_logits(x: torch.Tensor) -> None:
    if not isinstance(x, torch.Tensor) or not x.is_floating_point() or x.numel() == 0:
        raise ValueError(
            "The losses take the discriminator's logits, a tensor of floating-point numbers, at least one."
        )


def adversarial_step(
    generator: Generator,
    discriminator: Discriminator,
    opt_g: torch.optim.Optimizer,
    opt_d: torch.optim.Optimizer,
    real: torch.Tensor,
    noise: torch.Tensor,
) -> tuple[float, float]:
    """One step of the discriminator, then one of the generator, on the same fakes; -> both losses.

    real: (N, 1, size, size); noise: (N, code)."""
    fake = generator(noise)
    opt_d.zero_grad()
    loss_d = discriminator_loss(discriminator(real), discriminator(fake.detach()))
    loss_d.backward()
    opt_d.step()
    opt_g.zero_grad()
    loss_g = generator_loss(discriminator(fake))
    loss_g.backward()
    opt_g.step()
    return float(loss_d.detach()), float(loss_g.detach())
