"""Pictures to try a kernel on: two photographs, a digit, and one of your own from a file, an array or an upload."""

from __future__ import annotations

import base64
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from nnlab.checks import describe
from nnlab.datasets.files import mnist
from nnlab.files import expand

Array = NDArray[Any]
SIDE, LEAST = 160, 8  # pixels: the longer side of a photograph as it is shown, the shortest side there may be
NAMES = {"temple": "china.jpg", "flower": "flower.jpg"}


@cache
def photograph(name: str) -> Array:
    """ "temple" or "flower" in grey, (107, 160) float32 from 0 black to 1 white.

    They ship with scikit-learn; by danielbuechele and vultilion on Flickr, CC BY 2.0. Changed: grey, smaller."""
    from sklearn.datasets import load_sample_image  # here: it takes a second to import

    return grey(load_sample_image(NAMES[name]))


@cache
def digit() -> Array:
    """A handwritten 7, (28, 28) float32, ink 1 on black 0."""
    return (mnist("test")[0][0] / 255).astype(np.float32)


def grey(picture: Any) -> Array:
    """A picture as grey float32 (H, W), 0 black to 1 white, its longer side at most 160 pixels.

    picture: a path (`~` and `$HOME` are replaced), or an array (H, W), (H, W, 3) or (H, W, 4) of whole numbers 0 to 255
    or of floats 0 to 1.
    Raises FileNotFoundError, TypeError or ValueError with a sentence for anything else."""
    image = _open(expand(picture)) if isinstance(picture, (str, os.PathLike)) else Image.fromarray(_bytes(picture))
    if image.mode in ("RGBA", "LA", "PA", "P"):  # what is transparent is shown on white
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("L")
    scale = SIDE / max(image.size)
    if scale < 1:
        width, height = (max(LEAST, round(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    if min(image.size) < LEAST:
        raise ValueError(f"A picture should be at least {LEAST} pixels high and wide; this one is {image.size}.")
    return np.asarray(image, np.float32) / 255


def _open(path: Path) -> Image.Image:
    if not path.is_file():
        raise FileNotFoundError(f"There is no picture {str(path)!r}: give the path of a JPEG or PNG file.")
    try:
        return ImageOps.exif_transpose(Image.open(path))
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(f"{str(path)!r} is no picture that can be read: give a JPEG or PNG file.") from error


def _bytes(picture: Any) -> Array:
    """An array as uint8, (H, W), (H, W, 3) or (H, W, 4)."""
    wanted = "A picture is a path, or an array (H, W) or (H, W, 3) of whole numbers 0 to 255 or floats 0 to 1"
    try:
        a = np.asarray(picture)
    except ValueError:
        raise ValueError(f"{wanted}; its rows have different lengths.") from None
    if a.dtype.kind not in "biuf":
        raise TypeError(f"{wanted}; got {describe(picture)}.")
    if not (a.ndim == 2 or (a.ndim == 3 and a.shape[2] in (3, 4))) or min(a.shape[:2]) < LEAST:
        raise ValueError(f"{wanted}, at least {LEAST} pixels high and wide; got shape {a.shape}.")
    most = 255 if a.dtype.kind in "iu" else 1
    if not (np.isfinite(a).all() and a.min() >= 0 and a.max() <= most):
        raise ValueError(f"{wanted}; this one has dtype {a.dtype} and goes from {a.min()} to {a.max()}.")
    return np.rint(a.astype(np.float64) * (255 / most)).astype(np.uint8)


def uploaded(text: str) -> Array:
    """The picture that the upload control holds as text "WIDTHxHEIGHT:BASE64": (H, W) float32, 0 black to 1 white."""
    size, packed = text.split(":")
    width, height = map(int, size.split("x"))
    return np.frombuffer(base64.b64decode(packed), np.uint8).reshape(height, width).astype(np.float32) / 255
