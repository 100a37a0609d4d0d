"""Gradient clipping, between backward and step: a cure for exploding gradients. Changes the gradients in place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnlab.checks import Array, need_number

from .precision import wide


def clip_grad_norm_(grads: Mapping[str, Array], max_norm: float) -> float:
    """Multiply all gradients by one factor, so that their common length is at most max_norm; the direction stays.

    Returns the length before: the square root of the sum of all squares. Twin: `torch.nn.utils.clip_grad_norm_`, whose
    factor max_norm / (length + 1e-6) this uses. A length that is infinite or not a number raises ValueError."""
    max_norm = need_number(max_norm, "max_norm")
    length = grad_norm(grads)
    if not np.isfinite(length):
        raise ValueError(f"The gradients have length {length}: no factor makes that finite. Lower the learning rate.")
    factor = max_norm / (length + 1e-6)
    if factor < 1:
        for g in grads.values():
            g *= factor
    return length


def clip_grad_value_(grads: Mapping[str, Array], clip_value: float) -> None:
    """Clip every entry of every gradient, in place, to [-clip_value, clip_value]; the direction changes.

    Twin: `torch.nn.utils.clip_grad_value_`."""
    clip_value = need_number(clip_value, "clip_value")
    for g in grads.values():
        np.clip(g, -clip_value, clip_value, out=g)


def grad_norm(grads: Mapping[str, Array]) -> float:
    """The length of all gradients as one vector."""
    return float(np.sqrt(sum(float(np.vdot(w, w)) for w in map(wide, grads.values()))))
