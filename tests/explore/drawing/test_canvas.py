"""The canvas: what is redrawn, that nothing is left over from the frame before, and its two resolutions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nnlab import explore, plots
from nnlab.explore.drawing.canvas import Canvas


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


def test_a_sharp_picture_is_drawn_and_leaves_the_plain_one_as_it_was():
    """Twice the pixels, not the plain ones enlarged; and both resolutions draw what stands still once."""
    canvas = Canvas(View, (4.0, 2.0))
    plain = canvas.draw(1.0).copy()
    sharp = canvas.draw(1.0, scale=2).copy()
    assert sharp.shape == (400, 800, 4)
    assert (sharp[::2, ::2] != sharp[1::2, 1::2]).any()
    np.testing.assert_array_equal(canvas.draw(1.0), plain)
    for d in range(5):
        canvas.draw(d)
        canvas.draw(d, scale=2)
    assert canvas.redraws == 2
    assert canvas.figure.dpi == plots.DPI


def test_a_sharp_picture_follows_a_changed_title():
    wandering, straight = Canvas(View, (4.0, 2.0)), Canvas(View, (4.0, 2.0))
    wandering.draw(1.0, scale=2)
    wandering.draw(11.0)
    straight.draw(1.0)
    np.testing.assert_array_equal(wandering.draw(11.0, scale=2), straight.draw(11.0, scale=2))


def test_an_error_in_a_sharp_picture_leaves_the_resolution_as_it_was():
    canvas = Canvas(View, (4.0, 2.0))
    plain = canvas.draw(1.0).copy()

    def fail(renderer):
        raise MemoryError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canvas.view.line, "draw", fail)
        with pytest.raises(MemoryError):
            canvas.draw(1.0, scale=2)
    np.testing.assert_array_equal(canvas.draw(1.0), plain)
