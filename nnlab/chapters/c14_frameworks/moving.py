"""Weights from PyTorch to Keras: the same numbers in another order of axes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import as_float, describe, need_axes

Array = NDArray[Any]


def conv_kernel(weight: Array) -> Array:
    """PyTorch's (out_channels, in_channels, height, width) as Keras's (height, width, in_channels, out_channels).

    Raises ValueError if `weight` does not have four axes."""
    weight = as_float(weight, "weight")
    need_axes(weight, "out_channels in_channels height width", "weight")
    return weight.transpose(2, 3, 1, 0)


def dense_kernel(weight: Array, channels: int = 1) -> Array:
    """PyTorch's (out_features, in_features) as Keras's (in_features, out_features).

    channels: those of the picture that was flattened just before, else 1. PyTorch flattens (C, H, W), so that a
    channel's pixels follow each other; Keras flattens (H, W, C), so that a pixel's channels do. Raises ValueError if
    `weight` does not have two axes, or if in_features is no multiple of `channels`."""
    weight = as_float(weight, "weight")
    need_axes(weight, "out_features in_features", "weight")
    outputs, inputs = weight.shape
    if inputs % channels:
        raise ValueError(
            f"in_features should be a multiple of the {channels} channels that were flattened, got {inputs}."
        )
    return weight.reshape(outputs, channels, -1).transpose(2, 1, 0).reshape(inputs, outputs)


def keras_weights(net: Iterable[Any]) -> list[Array]:
    """The arrays of a PyTorch `nn.Sequential` in Keras's order and layout, ready for `model.set_weights(...)`.

    Takes Conv2d, BatchNorm2d, Linear, and layers without parameters. A layer's arrays are kernel, bias; of a batch
    normalisation gamma, beta, moving mean, moving variance. Raises TypeError for any other layer with parameters."""
    from torch import nn

    arrays: list[Array] = []
    channels, flattened = 1, 1  # channels of the last convolution; those to regroup in the next Linear
    for layer in net:
        own = {name: value.detach().cpu().numpy() for name, value in layer.state_dict().items()}
        if isinstance(layer, nn.Conv2d):
            arrays.append(conv_kernel(own["weight"]))
            channels = layer.out_channels
        elif isinstance(layer, nn.Linear):
            arrays.append(dense_kernel(own["weight"], flattened))
            flattened = 1
        elif isinstance(layer, nn.BatchNorm2d):
            arrays += [own["weight"], own["bias"], own["running_mean"], own["running_var"]]
            continue
        elif isinstance(layer, nn.Flatten):
            flattened = channels
        elif own:
            raise TypeError(f"keras_weights takes Conv2d, BatchNorm2d and Linear, got {type(layer).__name__}.")
        if "bias" in own:
            arrays.append(own["bias"])
    return arrays


def move_weights(net: Iterable[Any], model: Any) -> None:
    """Give a Keras model the weights of a PyTorch `nn.Sequential` with the same layers.

    Raises ValueError if their shapes differ (nothing is written then), TypeError as `keras_weights` does."""
    arrays = keras_weights(net)
    if not hasattr(model, "set_weights"):
        raise TypeError(f"model should be a Keras model, got {describe(model)}.")
    wanted, came = [tuple(w.shape) for w in model.weights], [a.shape for a in arrays]
    if wanted != came:
        if len(wanted) != len(came):
            raise ValueError(f"The Keras model has {len(wanted)} arrays of weights, the PyTorch network {len(came)}.")
        place = next(k for k, pair in enumerate(zip(wanted, came, strict=True)) if pair[0] != pair[1])
        raise ValueError(
            f"{model.weights[place].path} should have shape {wanted[place]}, got {came[place]}: give both networks "
            "the same layers."
        )
    model.set_weights([np.ascontiguousarray(a) for a in arrays])
