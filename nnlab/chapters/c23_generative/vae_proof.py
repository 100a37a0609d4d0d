"""The proof of chapter 23 that a VAE's loss and its gradient by hand are PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nnlab.pytorch import generative
from nnlab.scratch.generative.vae import vae_loss, vae_loss_grad
from nnlab.twins import TOLERANCE, Parity

Array = NDArray[Any]


def vae_parity(logits: Array, x: Array, mu: Array, logvar: Array, beta: float = 1.0) -> Parity:
    """Value and gradients of `vae_loss`, by hand against autograd's, in float64.

    logits, x: (N, pixels); mu, logvar: (N, code)."""
    given = {"logits": logits, "mu": mu, "logvar": logvar}
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in given.items()}
    theirs = generative.vae_loss(tensors["logits"], torch.tensor(x), tensors["mu"], tensors["logvar"], beta)
    theirs.backward()
    found = {"loss": abs(vae_loss(logits, x, mu, logvar, beta) - theirs.item())}
    for name, ours in zip(given, vae_loss_grad(logits, x, mu, logvar, beta), strict=True):
        gradient = tensors[name].grad
        assert gradient is not None  # each of the three takes part in the loss
        found[f"gradient of {name}"] = float(np.abs(ours - gradient.numpy()).max())
    return Parity(found, TOLERANCE)
