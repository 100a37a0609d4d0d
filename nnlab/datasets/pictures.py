"""Pictures to try a kernel on: two photographs, a digit, and one of your own from a file, an array or an upload.

And the parts into which the emoji are cut."""

from __future__ import annotations

import base64
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from nnlab.checks import describe, need_size, pick
from nnlab.datasets.files import _arrays, emoji, mnist
from nnlab.files import expand
from nnlab.scratch.splits import StratifiedKFold

Array = NDArray[Any]
SIDE, LEAST = 160, 8  # pixels: the longer side of a photograph as it is shown, the shortest side there may be
NAMES = {"temple": "china.jpg", "flower": "flower.jpg"}


@cache
def photograph(name: str) -> Array:
    """ "temple" or "flower" in grey, (107, 160) float32 from 0 black to 1 white.

    By danielbuechele and vultilion on Flickr, CC BY 2.0, by way of scikit-learn. Changed: grey, smaller."""
    pick(NAMES, name, "name")
    return _arrays("samples.npz", name)[0].astype(np.float32) / 255


@cache
def digit() -> Array:
    """A handwritten 7, (28, 28) float32, ink 1 on black 0."""
    return (mnist("test")[0][0] / 255).astype(np.float32)


def grey(picture: Any) -> Array:
    """A picture as grey float32 (H, W), 0 black to 1 white, its longer side at most 160 pixels.

    picture: a path (`~` and `$HOME` are replaced), or an array (H, W), (H, W, 3) or (H, W, 4) of whole numbers 0 to 255
    or of floats 0 to 1.
    Raises FileNotFoundError, TypeError or ValueError with a sentence for anything else."""
    image = _on_white(_image(picture)).convert("L")
    scale = SIDE / max(image.size)
    if scale < 1:
        width, height = (max(LEAST, round(side * scale)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    if min(image.size) < LEAST:
        raise ValueError(f"A picture should be at least {LEAST} pixels high and wide; this one is {image.size}.")
    return np.asarray(image, np.float32) / 255


def square(picture: Any, size: int = 32, grey: bool = False) -> Array:
    """A picture of any size and mode as (size, size, 3) uint8, red, green and blue; with grey=True (size, size, 1).

    It is laid in the middle of a white square, so that nothing is cut or stretched, and scaled. What is transparent
    becomes white, 16-bit grey and palettes become bytes, and a photograph is turned as its camera says (EXIF).

    picture: as for `grey`. Raises FileNotFoundError, TypeError or ValueError with a sentence for anything else."""
    need_size(size, "size")
    image = _on_white(_image(picture)).convert("L" if grey else "RGB")
    side = max(image.size)
    whole = Image.new(image.mode, (side, side), "white")
    whole.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    if side != size:
        whole = whole.resize((size, size), Image.Resampling.BOX if side < size else Image.Resampling.LANCZOS)
    return np.array(whole).reshape(size, size, -1)


@cache
def emoji_split(seed: int = 0) -> tuple[Array, Array, Array]:
    """Places of the emoji to train on (1,190), to validate on (238) and to test on (478), (N,) int64 each.

    Stratified: each category has the same share in all three. The same seed gives the same places; they are cached:
    do not write into them."""
    labels = emoji().labels
    eighths = [part for _, part in StratifiedKFold(8, rng=np.random.default_rng(seed)).split(labels, labels)]
    test, validation, train = eighths[:2], eighths[2:3], eighths[3:]
    return tuple(np.sort(np.concatenate(parts)) for parts in (train, validation, test))  # type: ignore[return-value]


def few(rows: Array, labels: Array, n: int | None, seed: int = 0) -> Array:
    """At most n rows of each class, drawn at random: (M,) of the given rows; with None all of them.

    rows: places in labels, (N,); labels: (L,) classes of everything. The rows for a smaller n are among those for a
    larger one, if the seed is the same."""
    order = np.random.default_rng(seed).permutation(rows)
    if n is None:
        return order
    need_size(n, "n")
    return np.concatenate([order[labels[order] == k][:n] for k in np.unique(labels[rows])])


def _image(picture: Any) -> Image.Image:
    """A path's picture or an array's, with at most 8 bits a channel."""
    if not isinstance(picture, (str, os.PathLike)):
        return Image.fromarray(_bytes(picture))
    path = expand(picture)
    image = _open(path)
    if image.mode.startswith("I"):  # 16 bits a pixel; Pillow would cut at 255 instead of scaling
        wide = np.asarray(image).astype(np.int64)
        if wide.min() < 0 or wide.max() > 65535:
            raise ValueError(f"{str(path)!r} has more than 16 bits a pixel: save it with 8 or 16.")
        return Image.fromarray((wide // 257).astype(np.uint8))
    if image.mode == "F":
        raise ValueError(
            f"{str(path)!r} holds fractions, and what white is cannot be known: save it with 8 or 16 bits."
        )
    return image


def _on_white(image: Image.Image) -> Image.Image:
    """What is transparent is shown on white."""
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)


def _open(path: Path) -> Image.Image:
    if not path.is_file():
        raise FileNotFoundError(f"There is no picture {str(path)!r}: give the path of a JPEG or PNG file.")
    try:
        with Image.open(path) as image:
            image.load()  # here, so that a file that is cut off is found out
            return ImageOps.exif_transpose(image)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
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
