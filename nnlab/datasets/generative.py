"""Generative models that were trained beforehand on MNIST's training digits, and how their digits are judged."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import as_array, need_axes, need_shape, pick

from ..scratch.activations import softmax
from ..scratch.models import CNN
from .files import find, trained_cnn

Array = NDArray[Any]
# the networks of chapter 23, as data/train_generative.py made them
VAES: dict[str, dict[str, Any]] = {"vae2": dict(code=2, hidden=(128,)), "vae16": dict(code=16, hidden=(128,))}
GAN: dict[str, Any] = dict(
    generator=dict(code=32, channels=16),
    channels=16,
    rate=1e-2,
    steps=(0, 25, 50, 100, 150, 200, 300, 400, 500, 600, 800, 1000),
    # name of a run -> the discriminator's rate, and whether it has the batch's standard deviation as a feature
    runs={"slow": (1e-4, False), "slow, sees the batch": (1e-4, True), "ten times faster": (1e-3, False)},
)
DENOISER: dict[str, Any] = dict(channels=(32, 64), embedding=64, steps=200)
GUIDANCE = (0.0, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)
_PREFIXES = {"vae2": "vae2_", "vae16": "vae16_", "generator": "gan_net_", "denoiser": "denoiser_"}


def generative_weights(which: str) -> dict[str, Array]:
    """The parameters and buffers of a network of `nnlab.pytorch.generative`, float32, by PyTorch's names.

    which: "vae2" or "vae16", for VAE(**VAES[which]); "generator", for Generator(**GAN["generator"]), of a run
    longer than those of `generative_runs`; "denoiser", for Denoiser(**DENOISER). Raises ValueError for another name.
    Trained by data/train_generative.py."""
    prefix = pick(_PREFIXES, which, "network")
    with np.load(find("generative.npz"), allow_pickle=False) as found:
        mine = [name for name in found.files if name.startswith(prefix) and not name.endswith("_curve")]
        return {name.removeprefix(prefix): found[name].astype(np.float32) for name in mine}


class GenerativeRuns(NamedTuple):
    """What `generative_runs` returns; its docstring has shapes and units."""

    vae2_curve: Array
    vae16_curve: Array
    gan_frames: Array
    gan_counts: Array
    gan_distance: Array
    gan_losses: Array
    diffusion_losses: Array
    guided: Array
    guided_right: Array
    guided_distance: Array
    guided_variety: Array
    drawn: Array


def generative_runs() -> GenerativeRuns:
    """What data/train_generative.py recorded on the way.

    vae2_curve, vae16_curve: (15, 2), after each epoch the two terms of -ELBO in nats on 2,000 validation digits:
    reconstruction and KL. gan_frames: (R, T, 40, 28, 28) uint8, digits of the same noise at the T steps GAN["steps"] of
    the R runs GAN["runs"]; gan_counts: (R, T, 10), how `digit_features` reads 500 of them; gan_distance: (R, T), their
    Frechet distance from 10,000 training digits; gan_losses: (R, T, 2), discriminator's and generator's, averaged since
    the last frame. diffusion_losses: weighted loss, averaged over 50 steps.
    guided: (G, 40, 28, 28) uint8, digits 0 to 9 four times, from the same noise at the strengths GUIDANCE; of 100 such
    digits guided_right: (G,), the share that is read as asked, guided_distance: (G,), and guided_variety: (G,), the
    variance of their features within a class. drawn: (500, 28, 28) uint8, digits 0 to 9 in turn at guidance 1.5."""
    with np.load(find("generative.npz"), allow_pickle=False) as found:
        return GenerativeRuns(*(found[name] for name in GenerativeRuns._fields))


@cache
def _reader() -> CNN:
    return trained_cnn()


def digit_features(images: Array) -> tuple[Array, Array]:
    """What chapter 06's network makes of digits: its 32 features in front of the last layer, and ten probabilities.

    images: (N, 28, 28), uint8, or floats from 0 paper to 1 ink -> (N, 32), (N, 10) float32. Raises ValueError for
    another shape or range, such as floats up to 255."""
    images = as_array(images, "images")
    need_axes(images, "pictures rows columns", "images")
    need_shape(images, (len(images), 28, 28), "images")
    if images.dtype != np.uint8 and not (images.size == 0 or (images.min() >= 0 and images.max() <= 1)):
        raise ValueError(
            f"images should be uint8, or from 0 paper to 1 ink; got {images.min()} to {images.max()} in {images.dtype}."
        )
    x = images.astype(np.float32) / np.float32(255 if images.dtype == np.uint8 else 1)
    *front, last = list(_reader())
    found = []
    for part in np.split(x[:, None], range(250, len(x), 250)):  # larger parts only cost memory
        for layer in front:
            part = layer(part)
        found.append((part, softmax(last(part))))
    features, p = zip(*found, strict=True)
    return np.concatenate(features), np.concatenate(p)
