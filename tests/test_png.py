"""Pixels as PNG."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from nnlab.png import encode_png, encode_small


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 5, 4), (350, 700, 4)])
def test_it_decodes_to_the_same_pixels(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    for encode in (encode_png, lambda p: encode_png(p, 9), encode_small):
        decoded = Image.open(io.BytesIO(encode(pixels)))
        if shape[0] > 7:  # more colours than a palette is good for
            assert decoded.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(decoded.convert("RGB")), pixels[..., :3])


@pytest.mark.parametrize("encode", [encode_png, encode_small])
def test_it_is_valid_for_strict_readers(encode):
    image = Image.open(io.BytesIO(encode(np.zeros((4, 4, 4), np.uint8))))
    image.verify()  # checks every chunk's checksum


def test_small_keeps_frequent_colours_and_moves_none_far():
    """Lines with soft edges on paper, as pictures here are, in more colours than a palette holds."""
    x, y = np.meshgrid(np.linspace(0, 1, 400), np.linspace(0, 1, 200))
    pixels = np.stack([255 * x, 255 * y, 255 * (1 - x)], axis=2).astype(np.uint8)
    pixels[50:] = (253, 253, 251)
    pixels[50:60] = (0, 114, 178)
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 256
    small = encode_small(pixels)
    image = Image.open(io.BytesIO(small))
    assert image.mode == "P"
    seen = np.asarray(image.convert("RGB")).astype(int)
    np.testing.assert_array_equal(seen[50:], pixels[50:])
    assert np.abs(seen - pixels).max() <= 24
    assert len(small) < len(encode_png(pixels, 9))


def test_few_colours_are_kept_exactly():
    pixels = np.random.default_rng(0).integers(0, 6, (90, 70, 4), dtype=np.uint8) * 51
    image = Image.open(io.BytesIO(encode_small(pixels)))
    assert image.mode == "P"
    np.testing.assert_array_equal(np.asarray(image.convert("RGB")), pixels[..., :3])
