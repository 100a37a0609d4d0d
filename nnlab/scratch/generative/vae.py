"""The loss of a variational autoencoder, and its gradient, by hand.

Source: Kingma and Welling 2014, "Auto-Encoding Variational Bayes", equation 10 and appendix B.
"""

from __future__ import annotations

import numpy as np

from nnlab.checks import Array, as_float, need_axes, need_number, need_shape

from ..activations import sigmoid
from ..entry_losses import bce_with_logits
from ..precision import wide


def gaussian_kl(mu: Array, logvar: Array) -> Array:
    """KL(N(mu, sigma^2) || N(0, 1)) of each row, in nats: sum over the code of (mu^2 + sigma^2 - 1 - log sigma^2) / 2.

    mu, logvar = log sigma^2: (N, code) -> (N,), float32 for float16. Raises ValueError for other shapes. Twin:
    `nnlab.pytorch.generative.gaussian_kl`; torch.distributions.kl_divergence gives the same."""
    mu, logvar = map(wide, _pair(mu, logvar))
    return 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar).sum(axis=1)


def vae_loss(logits: Array, x: Array, mu: Array, logvar: Array, beta: float = 1.0) -> float:
    """-ELBO in nats, the mean over the rows: binary cross-entropy summed over the pixels, plus beta times the KL.

    logits, x: (N, pixels), x from 0 to 1; mu, logvar: (N, code). beta = 1 is the bound itself. Raises ValueError for
    other shapes, no rows, x outside of 0 to 1 and a negative beta. Twin: `nnlab.pytorch.generative.vae_loss`."""
    logits, x = _pictures(logits, x, mu)
    pixels = bce_with_logits(wide(logits), wide(x)).sum(axis=1)
    return float((pixels + need_number(beta, "beta") * gaussian_kl(mu, logvar)).mean())


def vae_loss_grad(logits: Array, x: Array, mu: Array, logvar: Array, beta: float = 1.0) -> tuple[Array, Array, Array]:
    """The gradient of `vae_loss` with respect to logits, mu and logvar, each shaped like its own.

    (sigmoid(logits) - x) / N, beta mu / N and beta (sigma^2 - 1) / (2 N). To mu and logvar comes what flows back from
    the logits through z = mu + sigma noise: dz, and dz (z - mu) / 2. Raises what `vae_loss` raises."""
    logits, x = _pictures(logits, x, mu)
    mu, logvar = _pair(mu, logvar)
    n, beta = len(x), need_number(beta, "beta")
    return (sigmoid(logits) - x) / n, beta * mu / n, beta * (np.exp(logvar) - 1) / (2 * n)


def _pair(mu: Array, logvar: Array) -> tuple[Array, Array]:
    mu, logvar = as_float(mu, "mu"), as_float(logvar, "logvar")
    need_axes(mu, "rows code", "mu")
    need_shape(logvar, mu.shape, "logvar")
    return mu, logvar


def _pictures(logits: Array, x: Array, mu: Array) -> tuple[Array, Array]:
    logits, x = as_float(logits, "logits"), as_float(x)
    need_axes(x, "rows pixels")
    need_shape(logits, x.shape, "logits")
    if len(x) == 0 or len(x) != len(mu):
        raise ValueError(f"x and mu should have the same number of rows, at least one; got {len(x)} and {len(mu)}.")
    if x.shape[1] == 0:
        raise ValueError("x should have at least one pixel in each row; got none.")
    if not (x.min() >= 0 and x.max() <= 1):
        raise ValueError(f"x should be from 0 to 1, got {x.min()} to {x.max()}.")
    return logits, x
