"""From logits to the probabilities that the next token is drawn from."""

from __future__ import annotations

import numpy as np

from nnlab.checks import Array, as_float, need_number, need_size

from ..activations import softmax
from ..precision import wide

LEAST = 1e-30  # a temperature below it is 0 in float32, and 0 / 0 no number


def next_probabilities(
    logits: Array, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None
) -> Array:
    """softmax(logits / temperature), cut to the top_k most probable tokens, then to the fewest that together hold at
    least top_p, and divided by what is left. logits: (..., V) -> the same shape; each row sums to 1.

    temperature below 1 sharpens, above 1 flattens. Of equals the first is kept; a logit of -inf has no chance. float16
    is added up in float32. Raises ValueError for a temperature of 0 or less, top_k below 1, top_p outside (0, 1], and
    logits that are NaN, +inf or all -inf. Sources: Fan et al. 2018 (top-k); Holtzman et al. 2020 (top-p).
    Twin: `nnlab.pytorch.language.next_probabilities`."""
    given = as_float(logits, "logits")
    if (temperature := need_number(temperature, "temperature")) == 0:
        raise ValueError("temperature should be above 0; got 0. Take the argmax for no chance at all.")
    logits = wide(given)
    if logits.ndim == 0 or not np.isfinite(highest := logits.max(axis=-1, keepdims=True, initial=-np.inf)).all():
        raise ValueError(
            "logits should have an axis of tokens, with a finite largest entry in each row; NaN or infinite."
        )
    with np.errstate(over="ignore"):  # at temperatures near 0 all but the largest become -inf, which is right
        p = softmax((logits - highest) / max(temperature, LEAST))
    order = np.argsort(-p, axis=-1, kind="stable")
    ranked = np.take_along_axis(p, order, axis=-1)
    if top_k is not None:
        ranked[..., need_size(top_k, "top_k") :] = 0
        ranked /= ranked.sum(axis=-1, keepdims=True)
    if top_p is not None:
        if need_number(top_p, "top_p", high=1.0) == 0:
            raise ValueError("top_p should be above 0 and at most 1; got 0.")
        before = np.cumsum(ranked, axis=-1) - ranked  # what stands before a token must not be enough already
        ranked[before >= top_p] = 0
        ranked /= ranked.sum(axis=-1, keepdims=True)
    kept = np.zeros_like(p)
    np.put_along_axis(kept, order, ranked, axis=-1)
    return kept.astype(given.dtype, copy=False)
