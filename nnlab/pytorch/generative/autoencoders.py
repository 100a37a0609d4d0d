"""Autoencoders: a picture through a narrow code and back, and the variational one, whose code can be drawn.

The NumPy original of `vae_loss` is in `nnlab.scratch.generative.vae`. Source: Kingma and Welling 2014, "Auto-Encoding
Variational Bayes"; Vincent et al. 2008, "Extracting and Composing Robust Features with Denoising Autoencoders".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from nnlab.checks import need_number

from ..tensor_checks import need_floating, need_positive, need_same_shape, need_tensor_shape


def _layers(sizes: Sequence[int]) -> nn.Sequential:
    """Linear layers of these sizes with a ReLU between them, none at the end."""
    found: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        found += [nn.ReLU()] if found else []
        found.append(nn.Linear(n_in, n_out))
    return nn.Sequential(*found)


class Autoencoder(nn.Module):
    """x -> code -> logits of x. Linear layers of `hidden` units with ReLU on both sides, in reverse on the way back.

    x: (N, pixels) from 0 to 1 -> logits (N, pixels); `encode` gives the code (N, code). hidden=() makes both halves
    linear. Raises ValueError for sizes below 1 and x of another shape, TypeError for x of whole numbers.
    """

    per_code = 1  # numbers that the encoder gives for each number of the code

    def __init__(self, code: int = 32, hidden: Sequence[int] = (128,), pixels: int = 784):
        super().__init__()
        if not isinstance(hidden, Sequence):
            raise TypeError(f"hidden should be the sizes of the hidden layers, such as (128,); got {hidden!r}.")
        for value, name in ((code, "code"), (pixels, "pixels"), *((n, "each of hidden") for n in hidden)):
            need_positive(value, name)
        self.code, self.pixels = code, pixels
        self.encoder = _layers([pixels, *hidden, self.per_code * code])
        self.decoder = _layers([code, *reversed(hidden), pixels])

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        need_tensor_shape(x, self, "N pixels", pixels=self.pixels)
        need_floating(x, self)
        return self.encoder(x)

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        need_tensor_shape(z, self, "N code", code=self.code)
        need_floating(z, self)
        return self.decoder(z)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.decode(self.encode(x))


class VAE(nn.Module):
    """x -> mu and log variance of the code's Gaussian -> z = mu + sigma noise -> logits of x.

    x: (N, pixels) from 0 to 1 -> logits (N, pixels), mu (N, code), logvar (N, code): what `vae_loss` takes. The noise
    is drawn by `generator`, on the processor, or passed in. Raises what `Autoencoder` raises.
    """

    def __init__(self, code: int = 2, hidden: Sequence[int] = (128,), pixels: int = 784):
        super().__init__()
        self.halves = _TwoNumbers(code, hidden, pixels)
        self.code, self.pixels = code, pixels

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """mu and logvar, (N, code) each."""
        mu, logvar = self.halves.encode(x).chunk(2, dim=1)
        return mu, logvar

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """Codes (N, code) -> logits (N, pixels)."""
        return self.halves.decode(z)

    def forward(
        self, x: torch.Tensor, generator: torch.Generator | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mu, logvar = self.encode(x)
        noise = torch.randn(mu.shape, generator=generator).to(mu)
        return self.decode(reparametrised(mu, logvar, noise)), mu, logvar


class _TwoNumbers(Autoencoder):
    """An encoder that gives two numbers for each number of the code, mu and log variance."""

    per_code = 2


def reparametrised(mu: torch.Tensor, logvar: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """z = mu + exp(logvar / 2) noise: a draw from N(mu, sigma^2) through which gradients flow to mu and logvar.

    All three of one shape, or ValueError: noise that is broadcast would be shared by the rows."""
    need_same_shape(mu, logvar, "mu and logvar")
    need_same_shape(mu, noise, "mu and noise")
    return mu + (0.5 * logvar).exp() * noise


def gaussian_kl(mu: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    """KL(N(mu, sigma^2) || N(0, 1)) of each row, in nats: sum of (mu^2 + sigma^2 - 1 - log sigma^2) / 2; (N,).

    Half precision is added up in float32. Raises ValueError for mu and logvar of different shapes."""
    need_same_shape(mu, logvar, "mu and logvar")
    mu, logvar = (a if a.dtype == torch.float64 else a.float() for a in (mu, logvar))
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


def vae_loss(
    logits: torch.Tensor, x: torch.Tensor, mu: torch.Tensor, logvar: torch.Tensor, beta: float = 1.0
) -> torch.Tensor:
    """-ELBO in nats, the mean over the batch: binary cross-entropy summed over the pixels, plus beta times the KL.

    logits, x: (N, pixels); mu, logvar: (N, code). Raises ValueError for other shapes, no rows, a negative beta, and, on
    the CPU, x outside of 0 to 1. Twin: `nnlab.scratch.generative.vae.vae_loss`."""
    need_same_shape(logits, x, "logits and x")
    if len(x) == 0 or len(x) != len(mu):
        raise ValueError(f"x and mu should have the same number of rows, at least one; got {len(x)} and {len(mu)}.")
    if x.device.type == "cpu" and x.numel() and not (x.min() >= 0 and x.max() <= 1):
        raise ValueError(f"x should be from 0 to 1, got {x.min().item():g} to {x.max().item():g}.")
    need_number(beta, "beta")
    wide = logits if logits.dtype == torch.float64 else logits.float()
    pixels = binary_cross_entropy_with_logits(wide, x.to(wide), reduction="none").sum(dim=1)
    return (pixels + beta * gaussian_kl(mu, logvar)).mean()
