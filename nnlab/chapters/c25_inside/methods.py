"""The explanations of chapter 25 by name, and the similarity of two maps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.scratch import (
    CNN,
    grad_cam,
    integrated_gradients,
    logit_gradient,
    occlusion,
    smooth_grad,
)
from nnlab.scratch.layers.elementwise import ReLU

from .subjects import network

Array = NDArray[Any]
WEIGHTED = (10, 7, 3, 0)  # the places of the layers with weights in the standard network, the last one first


def guided_backprop(net: CNN, x: Array, classes: Array) -> Array:
    """Backpropagation in which every ReLU also stops what is negative on the way back. (N, ...) -> the same shape.

    Springenberg et al. 2015, "Striving for Simplicity"."""
    y = x
    for layer in net.layers:
        y = layer(y)
    dy = np.zeros_like(y)
    dy[np.arange(len(x)), classes] = 1
    for layer in reversed(net.layers):
        if isinstance(layer, ReLU):
            dy = np.maximum(dy, 0)
        dy = layer.backward(dy)
    return dy


def _enlarged(maps: Array) -> Array:
    """(N, 14, 14) -> (N, 1, 28, 28)."""
    return maps.repeat(2, axis=1).repeat(2, axis=2)[:, None]


METHODS: dict[str, Callable[[CNN, Array, Array], Array]] = {
    "gradient": logit_gradient,
    "SmoothGrad": lambda net, x, k: smooth_grad(net, x, k, samples=10, rng=np.random.default_rng(0)),
    "input x gradient": lambda net, x, k: x * logit_gradient(net, x, k),
    "integrated gradients": lambda net, x, k: integrated_gradients(net, x, k, steps=10),
    "guided backprop": guided_backprop,
    "Grad-CAM": lambda net, x, k: _enlarged(grad_cam(net, x, k, 4)),
    "occlusion": lambda net, x, k: occlusion(net, x, k, size=4, stride=4),
}


@cache
def half_random(layers: int) -> CNN:
    """The standard network with the weights of its last `layers` of four layers drawn again. Do not change it."""
    drawn = CNN(channels=(16, 32), hidden=64, batch_norm=False, rng=np.random.default_rng(1), dtype=np.float32)
    state = network().state_dict()
    again = {f"{place}.{name}" for place in WEIGHTED[:layers] for name in ("weight", "bias")}
    drawn.load_state_dict({name: drawn.params[name] if name in again else value for name, value in state.items()})
    drawn.eval()
    return drawn


def ranks(a: Array) -> Array:
    """Ranks from 0, those of equal values averaged. a: (d,) -> (d,) float64."""
    _, place, count = np.unique(a, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count + 1) / 2)[place]


def similarity(one: Array, other: Array) -> float:
    """Spearman's correlation of two maps' entries: that of their ranks; 0 where one of them is constant."""
    a, b = (r - r.mean() for r in (ranks(one.ravel()), ranks(other.ravel())))
    length = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / length if length else 0.0
