"""The canvas: what is redrawn, that nothing is left over from the frame before, and the PNG it makes."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from nnlab import explore
from nnlab.explore.drawing.canvas import Canvas, encode_png


class View:
    """A moving line over a grid, a moving text, and a title that changes beyond 10 only."""

    def __init__(self, figure):
        self.ax = figure.subplots()
        self.ax.set(xlim=(0, 1), ylim=(-2, 2), title="still")
        (self.line,) = self.ax.plot([], [], animated=True)
        self.text = self.ax.text(0.1, 1.5, "", animated=True)

    def update(self, d):
        x = np.linspace(0, 1, 100)
        self.line.set_data(x, np.sin(9 * x + d))
        self.text.set_text(f"{d:.2f}")
        if d > 10 and self.ax.get_title(loc="left") != "far":
            self.ax.set_title("far")


def test_moving_draws_the_rest_once():
    canvas = Canvas(View, (4.0, 2.0))
    pictures = [canvas.draw(d / 10).copy() for d in range(10)]
    assert canvas.redraws == 1
    assert pictures[0].shape == (200, 400, 4)
    assert all((one != other).any() for one, other in itertools.pairwise(pictures))


def test_a_changed_title_draws_all_again():
    canvas = Canvas(View, (4.0, 2.0))
    canvas.draw(0.0)
    canvas.draw(11.0)
    canvas.draw(12.0)
    assert canvas.redraws == 2


def test_nothing_is_left_over():
    """The way to a picture does not show in it. No tolerance: the same artists on the same background."""
    wandering, straight = Canvas(View, (4.0, 2.0)), Canvas(View, (4.0, 2.0))
    for d in (0.0, 3.0, -5.0, 1.0, 2.0):
        last = wandering.draw(d)
    straight.draw(0.0)
    np.testing.assert_array_equal(last, straight.draw(2.0))


@pytest.mark.parametrize("name", explore.ALL)
def test_a_blitted_frame_equals_a_full_redraw(name):
    """For every explorer, pixel by pixel, no tolerance: the same artists are drawn on the same background."""
    explorer = explore.ALL[name]()
    explorer.frame()
    for control_name, control in explorer.controls.items():
        explorer.set(**{control_name: control.extremes()[-1]})
        blitted = explorer._pixels().copy()
        explorer._canvas.figure.stale = True
        np.testing.assert_array_equal(blitted, explorer._pixels())
        explorer.reset()


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 5, 4), (350, 700, 4)])
def test_png_decodes_to_the_same_pixels(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    for level in (1, 9):
        decoded = Image.open(io.BytesIO(encode_png(pixels, level)))
        assert decoded.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(decoded), pixels[..., :3])


def test_png_is_valid_for_strict_readers():
    image = Image.open(io.BytesIO(encode_png(np.zeros((4, 4, 4), np.uint8))))
    image.verify()  # checks every chunk's checksum
